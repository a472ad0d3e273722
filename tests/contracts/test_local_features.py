"""One suite for every LocalFeatures: SIFT and its double."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from lapel.alert.picture import jpeg
from lapel.core.compact import LEVELS, Level, compacted
from lapel.core.things import Pixels
from lapel.fakes.models import ColourFeatures
from lapel.infer.features import SiftFeatures
from lapel.ports import LocalFeatures


@pytest.fixture(params=["colour", "sift"])
def features(request: pytest.FixtureRequest) -> LocalFeatures:
    return ColourFeatures() if request.param == "colour" else SiftFeatures()


def printed(seed: int) -> Pixels:
    """A print of random shapes, 320 × 240 px, of a colour of its own."""
    rng = np.random.default_rng(seed)
    picture = np.full((240, 320, 3), rng.integers(30, 220, 3), np.uint8)
    for _ in range(120):
        x, y, r = (int(v) for v in rng.integers((0, 0, 3), (320, 240, 22)))
        cv2.circle(picture, (x, y), r, [int(v) for v in rng.integers(0, 255, 3)], -1)
    return picture


def test_a_picture_lies_on_itself(features: LocalFeatures) -> None:
    found = features.extract(printed(1))
    geometry = features.verify(found, found)
    assert geometry is not None
    assert geometry.share > 0.9


def test_another_print_does_not_lie_on_it(features: LocalFeatures) -> None:
    geometry = features.verify(features.extract(printed(1)), features.extract(printed(2)))
    assert geometry is None or geometry.inliers < 15


def test_features_that_agree_are_those_that_lie_on_the_sighting(features: LocalFeatures) -> None:
    one, other = features.extract(printed(1)), features.extract(printed(2))
    assert features.agreeing(one, one).mean() > 0.9
    assert features.agreeing(one, other).shape == (len(other.points),)
    assert features.agreeing(one, other).sum() < 15


def test_a_picture_resembles_itself(features: LocalFeatures) -> None:
    found = features.extract(printed(1))
    geometry = features.verify(found, found)
    assert geometry is not None
    assert features.resemblance(printed(1), jpeg(printed(1)), found, geometry) > 0.9


def test_features_are_read_only_and_placed_in_the_picture(features: LocalFeatures) -> None:
    found = features.extract(printed(1))
    assert len(found.points) == len(found.descriptors)
    assert not found.points.flags.writeable
    assert not found.descriptors.flags.writeable
    assert (found.points >= 0).all()
    assert (found.points <= (320, 240)).all()


def test_a_turned_and_smaller_print_is_found_where_it_lies() -> None:
    features, reference = SiftFeatures(), printed(1)
    turn = cv2.getRotationMatrix2D((160, 120), 25, 0.6)
    seen = np.asarray(cv2.warpAffine(reference, turn, (320, 240), borderValue=(90, 90, 90)), np.uint8)
    geometry = features.verify(features.extract(seen), features.extract(reference))
    assert geometry is not None
    assert geometry.inliers > 60
    centre = ((geometry.box.x0 + geometry.box.x1) / 2, (geometry.box.y0 + geometry.box.y1) / 2)
    np.testing.assert_allclose(centre, (160, 120), atol=12)


def test_a_mirrored_print_is_not_it() -> None:
    features = SiftFeatures()
    mirrored = np.ascontiguousarray(printed(1)[:, ::-1])
    geometry = features.verify(features.extract(mirrored), features.extract(printed(1)))
    assert geometry is None or geometry.inliers < 20


def test_only_what_is_inside_the_outline_is_described() -> None:
    outline = np.zeros((240, 320), bool)
    outline[40:120, 60:200] = True
    found = SiftFeatures().extract(printed(1), outline)
    assert len(found.points) > 10
    assert (found.points >= (59, 39)).all()
    assert (found.points <= (201, 121)).all()


def test_an_aggregate_is_a_unit_row(features: LocalFeatures) -> None:
    rows = features.aggregate(features.extract(printed(1)))
    assert rows.dtype == np.float32
    assert rows.shape == (1, features.dimensions)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_the_same_features_have_the_same_aggregate(features: LocalFeatures) -> None:
    one, again = features.extract(printed(1)), features.extract(printed(1))
    np.testing.assert_array_equal(features.aggregate(one), features.aggregate(again))


def test_the_aggregate_of_a_darker_print_is_nearer_than_that_of_another(features: LocalFeatures) -> None:
    darker = (printed(1) * 0.95).astype(np.uint8)
    one, same, other = (features.aggregate(features.extract(p))[0] for p in (printed(1), darker, printed(2)))
    assert one @ same > one @ other


def test_features_name_their_model_by_its_sha256(features: LocalFeatures) -> None:
    assert len(features.model_sha256) == 64


def test_the_aggregate_does_not_depend_on_the_order_of_features() -> None:
    features = SiftFeatures()
    found = features.extract(printed(1))
    turned = replace(found, points=found.points[::-1], descriptors=found.descriptors[::-1])
    np.testing.assert_allclose(features.aggregate(found), features.aggregate(turned), atol=1e-5)


def test_too_few_features_have_no_aggregate() -> None:
    features = SiftFeatures()
    found = features.extract(printed(1))
    few = replace(found, points=found.points[:7], descriptors=found.descriptors[:7])
    assert features.aggregate(few).shape == (0, features.dimensions)


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: f"{level.most_references} references")
def test_a_compact_reference_still_lies_on_its_picture_and_on_no_other(level: Level) -> None:
    features = SiftFeatures()
    reference = compacted(features.extract(printed(1)), level)
    geometry = features.verify(features.extract((printed(1) * 0.9).astype(np.uint8)), reference)
    assert geometry is not None
    assert geometry.share > 0.7
    other = features.verify(features.extract(printed(2)), reference)
    assert other is None or other.inliers < 12


def test_a_blank_wall_has_no_features_and_lies_on_nothing() -> None:
    features = SiftFeatures()
    blank = features.extract(np.full((200, 200, 3), 180, np.uint8))
    assert len(blank.points) == 0
    assert features.verify(features.extract(printed(1)), blank) is None
    assert features.verify(blank, features.extract(printed(1))) is None
