"""Proposals keep to their budget, stay off people and destroyed areas, and are the same in two runs."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lapel.core.geometry import Box
from lapel.core.things import Frame, Kind, Origin, Thing
from lapel.health.meters import Meters
from lapel.infer import ssd
from lapel.infer.detector import COUNT_SCORE, PERSON, SsdDetector, detect_all, no_look_at
from lapel.infer.manifest import ModelStore
from lapel.infer.proposals import MOST_COVERED, Proposer
from lapel.infer.proposing import ProposingDetector
from lapel.infer.regions import Regions, covered_share, distinct
from lapel.infer.tflite import Runtime, TensorSpec

HEIGHT, WIDTH = 240, 560
NOTHING = Regions(np.empty((0, 4), np.float32), np.empty(0, np.float32))
ALLOWED = np.zeros((HEIGHT, WIDTH), np.bool_)


def clutter(signs: int = 8) -> NDArray[np.uint8]:
    """A grey street with bright signs in a row."""
    pixels = np.full((HEIGHT, WIDTH, 3), 110, np.uint8)
    for i in range(signs):
        pixels[60:120, 10 + i * 68 : 58 + i * 68] = (230, 40 + 20 * i, 30)
    return pixels


def boxes(*corners: tuple[int, int, int, int], worth: float = 0.5) -> Regions:
    return Regions(np.array(corners, np.float32), np.full(len(corners), worth, np.float32))


def proposed(
    budget: int, forbidden: NDArray[np.bool_] = ALLOWED, unsure: Regions = NOTHING, taken: tuple[Box, ...] = ()
) -> tuple[Thing, ...]:
    return Proposer(budget).propose(clutter(), forbidden, unsure, taken)


@pytest.mark.parametrize("budget", [0, 1, 3, 5])
def test_the_budget_is_held(budget: int) -> None:
    assert len(proposed(budget)) == budget


def test_a_proposal_is_of_no_kind_and_says_where_it_comes_from() -> None:
    for thing in proposed(5):
        assert (thing.kind, thing.origin, thing.label) == (Kind.OTHER, Origin.PROPOSAL, "")


def test_every_sign_in_a_row_is_proposed() -> None:
    found = proposed(10)
    for i in range(8):
        assert any(thing.box.iou(Box(10 + i * 68, 60, 58 + i * 68, 120)) > 0.7 for thing in found), i


def test_what_is_looked_at_anyway_is_not_proposed() -> None:
    sign = Box(78, 60, 126, 120)
    assert any(thing.box.iou(sign) > 0.7 for thing in proposed(10))
    assert not any(thing.box.iou(sign) > 0.6 for thing in proposed(10, taken=(sign,)))


def test_nothing_is_proposed_where_people_or_destroyed_areas_are() -> None:
    forbidden = ALLOWED.copy()
    forbidden[:, : WIDTH // 2] = True
    found = proposed(20, forbidden, boxes((20, 20, 120, 220)))
    assert found
    for thing in found:
        assert thing.box.share_inside(Box(0, 0, WIDTH // 2, HEIGHT)) <= MOST_COVERED


def test_nothing_is_proposed_where_everything_is_covered() -> None:
    assert proposed(20, ~ALLOWED, boxes((20, 20, 120, 220))) == ()


def test_people_and_destroyed_areas_are_forbidden_together() -> None:
    found = no_look_at(ALLOWED, np.array([[-5, 10, 50, 100]], np.float32), (Box(100, 0, 120, 20),))
    assert found[10:100, :50].all()
    assert found[:20, 100:120].all()
    assert found.sum() == 90 * 50 + 20 * 20


def test_the_covered_share_of_a_box_is_counted_exactly() -> None:
    forbidden = np.random.default_rng(1).random((HEIGHT, WIDTH)) < 0.3
    share = covered_share(np.array([[3, 5, 60, 90], [0, 0, WIDTH, HEIGHT]], np.float32), forbidden)
    np.testing.assert_allclose(share, [forbidden[5:90, 3:60].mean(), forbidden.mean()], rtol=1e-5)


def test_small_things_and_nearly_the_whole_frame_are_not_proposed() -> None:
    found = proposed(50, unsure=boxes((200, 150, 220, 200), (2, 2, WIDTH, HEIGHT), worth=1.0))
    assert all(min(t.box.width, t.box.height) >= 32 and t.box.area <= 0.75 * HEIGHT * WIDTH for t in found)


def test_of_overlapping_regions_the_worthiest_stays() -> None:
    regions = Regions(
        np.array([[0, 0, 50, 50], [2, 0, 52, 50], [100, 0, 150, 50]], np.float32), np.array([0.3, 0.6, 0.1], np.float32)
    )
    kept = distinct(regions, 5, np.empty((0, 4), np.float32), 0.5)
    np.testing.assert_array_equal(kept.boxes, regions.boxes[[1, 2]])


def test_two_runs_propose_the_same() -> None:
    assert proposed(10) == proposed(10)


def test_the_unsure_boxes_are_the_best_by_the_classes_asked_for() -> None:
    specs = tuple(
        TensorSpec(name, (1, 1917, n), np.dtype(np.float32), 0.0, 0) for name, n in (("boxes", 4), ("logits", 24))
    )
    logits = np.full((1, 1917, 24), -12, np.float32)
    logits[0, 1900, 4], logits[0, 1905, 2], logits[0, 1910, 7] = 4.0, -2.0, -3.0
    heads = (np.zeros((1, 1917, 4), np.float32), logits)
    found = ssd.unsure(heads, specs, 300, 300, classes=(2, 7), most=2)
    assert found.classes.tolist() == [2, 7]
    np.testing.assert_allclose(found.scores, 1 / (1 + np.exp([2.0, 3.0])), rtol=1e-4)


@pytest.mark.models
def test_proposals_stand_behind_the_detectors_things_at_their_pace(runtime: Runtime) -> None:
    detector, meters = SsdDetector(ModelStore(runtime=runtime)), Meters()
    proposing = ProposingDetector(detector, Proposer(4), 0.5, meters)
    alone = detector.detect(Frame(clutter(), 0, 0.0)).things
    for at_s, count in ((0.0, 4), (0.2, 0), (0.48, 0), (0.5, 4), (0.6, 0), (0.1, 4)):
        things = proposing.detect(Frame(clutter(), 0, at_s)).things
        assert things[: len(alone)] == alone
        assert [t.origin for t in things[len(alone) :]] == [Origin.PROPOSAL] * count, at_s
    stage = meters.reading().stage("propose")
    assert stage is not None
    assert stage.count == 3


@pytest.mark.models
def test_nothing_is_proposed_where_a_frame_was_destroyed(runtime: Runtime) -> None:
    left = Box(0, 0, WIDTH // 2, HEIGHT)
    proposing = ProposingDetector(SsdDetector(ModelStore(runtime=runtime)), Proposer(20), 0, Meters())
    shares = []
    for destroyed in ((), (left,)):
        things = proposing.detect(Frame(clutter(), 0, 0.0, destroyed)).things
        shares.append([t.box.share_inside(left) for t in things if t.origin is Origin.PROPOSAL])
    assert max(shares[0]) == 1.0
    assert len(shares[1]) > 0
    assert max(shares[1]) <= MOST_COVERED


@pytest.mark.models
def test_no_one_who_is_counted_is_proposed_in_pictures_of_streets(kit: Path, runtime: Runtime) -> None:
    store = ModelStore(runtime=runtime)
    person = [label.lower() for label in store.card("detector").labels].index(PERSON)
    model = store.open("detector")
    detector = ProposingDetector(SsdDetector(store), Proposer(20), 0, Meters())
    people = 0
    for path in sorted((kit / "detection" / "coco").glob("*.jpg")):
        pixels = np.asarray(cv2.imread(str(path))[..., ::-1], np.uint8)
        found = detect_all(model, pixels, COUNT_SCORE, tiles=True)
        seen = found.boxes[(found.classes == person) & (found.scores >= COUNT_SCORE)]
        scene = detector.detect(Frame(pixels, 0, 0.0))
        people += scene.people
        for thing in scene.things:
            if thing.origin is Origin.PROPOSAL:
                box = np.array([[thing.box.x0, thing.box.y0, thing.box.x1, thing.box.y1]], np.float32)
                covered = no_look_at(np.zeros(pixels.shape[:2], np.bool_), seen, ())
                assert covered_share(box, covered)[0] <= MOST_COVERED, path.name
    assert people > 0
