"""What several pictures of a thing have in common is on the thing; what stood behind it is not."""

import cv2
import numpy as np

from lapel.core.search import cosines, directions
from lapel.core.things import Pixels, Reference
from lapel.infer.features import SiftFeatures
from lapel_tools.enrol.consensus import on_the_thing

FEATURES = SiftFeatures()


def clutter(seed: int, width: int, height: int) -> Pixels:
    rng = np.random.default_rng(seed)
    picture = np.full((height, width, 3), 120, np.uint8)
    for _ in range(width * height // 500):
        x, y, r = (int(v) for v in rng.integers((0, 0, 3), (width, height, 15)))
        cv2.circle(picture, (x, y), r, [int(v) for v in rng.integers(0, 255, 3)], -1)
    return picture


def reference(background: int, x: int, y: int, thing: int = 7) -> Reference:
    picture = clutter(background, 400, 300)
    picture[y : y + 120, x : x + 160] = clutter(thing, 160, 120)
    features = FEATURES.extract(picture)
    return Reference("t", np.ones((1, 4), np.int8), directions(FEATURES.aggregate(features)), features, b"")


def share_on_thing(r: Reference, x: int, y: int) -> float:
    inside = (r.features.points >= (x - 20, y - 20)) & (r.features.points <= (x + 180, y + 140))
    return float(inside.all(axis=1).mean())


def test_a_background_that_only_one_picture_shows_is_left_out() -> None:
    pictures = (reference(1, 40, 60), reference(2, 200, 150))
    assert share_on_thing(pictures[0], 40, 60) < 0.5
    kept = on_the_thing(pictures, FEATURES)
    assert share_on_thing(kept[0], 40, 60) == 1
    assert share_on_thing(kept[1], 200, 150) == 1
    assert len(kept[0].features.points) > 60


def test_the_aggregate_is_that_of_what_was_kept() -> None:
    kept = on_the_thing((reference(1, 40, 60), reference(2, 200, 150)), FEATURES)
    for one in kept:
        assert cosines(FEATURES.aggregate(one.features), one.aggregates)[0] > 0.999


def test_a_single_picture_is_kept_as_it_is() -> None:
    (kept,) = on_the_thing((reference(1, 40, 60),), FEATURES)
    assert len(kept.features.points) == len(reference(1, 40, 60).features.points)


def test_a_picture_that_no_other_confirms_is_kept_as_it_is() -> None:
    pictures = (reference(1, 40, 60), reference(2, 200, 150, thing=8))
    assert [len(k.features.points) for k in on_the_thing(pictures, FEATURES)] == [
        len(p.features.points) for p in pictures
    ]
