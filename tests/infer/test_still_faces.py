"""Faces of stills: what looks say together, and heads that one look alone does not see."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from lapel.core.geometry import Box
from lapel.core.things import Pixels
from lapel.infer.centerface import Faces
from lapel.infer.face_looks import FaceLooker, Growth, Manner, View, brightened, head_about
from lapel.infer.finders import StillFaceFinder
from lapel.infer.manifest import ModelStore
from lapel.infer.still_faces import CLOSE_GROWTH, CROWD_FACES, GROWTH, Evidence, Kind, grown, merged, needed, weighed
from lapel_tools.synth.heads import Condition, Head, dimmed, put
from lapel_tools.synth.picture_file import read_rgb

FACE = (100.0, 100.0, 130.0, 136.0)
BESIDE_IT = (104.0, 100.0, 133.0, 135.0)
ELSEWHERE = (400.0, 100.0, 430.0, 136.0)
# Heads drawn by hand in the kit's pictures of faces.
HEADS = {
    "coco/train2017_000000000165.jpg": Box(124, 45, 206, 156),
    "coco/train2017_000000000294.jpg": Box(108, 95, 181, 182),
}


def faces(*seen: tuple[tuple[float, ...], float]) -> Faces:
    """Faces of one kind of look: boxes and scores."""
    return Faces(
        np.array([box for box, _ in seen], np.float32).reshape(-1, 4), np.array([s for _, s in seen], np.float32)
    )


def test_scores_of_different_kinds_of_looks_at_one_place_add_up() -> None:
    kinds = [Kind(faces((FACE, 0.3)), 0.1), Kind(faces((BESIDE_IT, 0.2), (ELSEWHERE, 0.6)), 0.1)]
    np.testing.assert_allclose(weighed(kinds).sums, [0.5, 0.5, 0.6], atol=1e-6)


def test_two_faces_of_one_kind_of_look_do_not_confirm_each_other() -> None:
    assert weighed([Kind(faces((FACE, 0.3), (BESIDE_IT, 0.2)), 0.1)]).sums.tolist() == pytest.approx([0.3, 0.2])


@pytest.mark.parametrize("unsure", [Kind(faces((BESIDE_IT, 0.2)), 0.25), Kind(faces((BESIDE_IT, 0.2)), 0.1, 5, 80)])
def test_what_is_below_the_least_score_or_height_of_its_kind_confirms_others_and_is_no_face_itself(
    unsure: Kind,
) -> None:
    evidence = weighed([Kind(faces((FACE, 0.3)), 0.1), unsure])
    np.testing.assert_allclose(evidence.sums, [0.5], atol=1e-6)
    np.testing.assert_array_equal(evidence.faces.boxes, [FACE])


def evidence_of(heights: Sequence[int], sum_: float, score: float = 0.3) -> Evidence:
    """Faces of some heights, all with one sum and score."""
    boxes = np.array([[0, 0, 9, height] for height in heights], np.float32)
    every = np.ones(len(boxes), np.float32)
    return Evidence(Faces(boxes, every * np.float32(score)), every * np.float32(sum_), every)


def test_what_would_cost_more_of_the_picture_has_to_be_surer() -> None:
    assert np.all(np.diff(needed(evidence_of((10, 30, 60, 200), 1.0))) > 0)


def test_less_is_asked_of_faces_where_one_is_beyond_doubt() -> None:
    heights = (8, 10, 30, 60, 200)
    assert np.all(needed(evidence_of(heights, 4.0, 0.95)) < needed(evidence_of(heights, 4.0, 0.8)))
    assert np.all(needed(evidence_of(heights, 1.0, 0.95)) == needed(evidence_of(heights, 4.0, 0.8)))


def all_of(*kinds: Kind) -> Faces:
    """What is made of all faces of some kinds of looks."""
    return merged(weighed(kinds)).faces


def test_looks_at_one_face_become_one_box_that_lies_between_them() -> None:
    found = all_of(Kind(faces((FACE, 0.9), (BESIDE_IT, 0.3), (ELSEWHERE, 0.5)), 0.1))
    assert len(found.boxes) == 2
    assert 100 < found.boxes[0, 0] < 102
    np.testing.assert_array_equal(found.boxes[1], ELSEWHERE)


def test_the_closer_of_two_looks_at_one_face_says_where_it_is() -> None:
    found = all_of(Kind(faces((BESIDE_IT, 0.9)), 0.1, step_px=4), Kind(faces((FACE, 0.3)), 0.1, step_px=0.5))
    assert len(found.boxes) == 1
    assert np.abs(found.boxes[0] - FACE).max() < np.abs(found.boxes[0] - BESIDE_IT).max() / 2


@pytest.mark.parametrize("part", [(108, 108, 118, 120), (104, 96, 150, 166)])
def test_a_part_of_a_face_or_what_reaches_beyond_it_is_no_face_of_its_own(part: tuple[float, ...]) -> None:
    assert len(all_of(Kind(faces((FACE, 0.9), (part, 0.6)), 0.1)).boxes) == 1


def test_a_much_larger_face_behind_one_is_a_face_of_its_own() -> None:
    assert len(all_of(Kind(faces((FACE, 0.9), ((60, 60, 170, 178), 0.6)), 0.1)).boxes) == 2


def test_without_faces_there_is_nothing_to_merge() -> None:
    assert len(all_of(Kind(faces(), 0.1), Kind(faces(), 0.1)).boxes) == 0


@pytest.mark.parametrize(("sum_", "growth"), [(2.4, CLOSE_GROWTH), (2.2, GROWTH)])
def test_a_face_that_nearly_all_looks_are_sure_of_is_destroyed_more_closely(sum_: float, growth: Growth) -> None:
    found = grown(evidence_of([36], sum_), kinds=3)
    assert [how for faces, how in found if len(faces.boxes)] == [growth]


def crowd_of(sums: Sequence[float]) -> Evidence:
    """Faces beside each other, without doubt by their scores, with some sums."""
    boxes = np.array([[60 * i, 0, 60 * i + 20, 26] for i in range(len(sums))], np.float32)
    every = np.ones(len(sums), np.float32)
    return Evidence(Faces(boxes, every), np.array(sums, np.float32), every)


def test_in_a_crowd_all_faces_are_destroyed_more_closely() -> None:
    ((found, growth),) = grown(crowd_of([2.0] * CROWD_FACES), kinds=18)
    assert (len(found.boxes), growth) == (CROWD_FACES, CLOSE_GROWTH)


@pytest.mark.parametrize("kinds", [18, 15, 12, 9])
@pytest.mark.parametrize("sure", [CROWD_FACES - 1, CROWD_FACES])
def test_a_crowd_by_fewer_kinds_of_looks_loses_no_face(kinds: int, sure: int) -> None:
    found = grown(crowd_of([*[0.6 * kinds] * sure, 0.085 * kinds]), kinds)
    assert sum(len(faces.boxes) for faces, _ in found) == sure + 1


def test_what_is_destroyed_more_closely_reaches_beyond_the_face_all_the_same() -> None:
    face = np.array([FACE], np.float32)
    alone, crowded = head_about(face, GROWTH)[0], head_about(face, CLOSE_GROWTH)[0]
    assert np.all(alone[:2] < crowded[:2])
    assert np.all(alone[2:] > crowded[2:])
    assert np.all(crowded[:2] < face[0, :2])


def test_a_dark_view_is_brightened_over_the_whole_range() -> None:
    dark = np.repeat(np.linspace(3, 40, 64, dtype=np.uint8)[None, :, None], 48, axis=0).repeat(3, axis=2)
    bright = brightened(dark)
    assert bright.min() == 0
    assert bright.max() == 255
    assert np.all(np.diff(bright[0, :, 0].astype(int)) >= 0)


@pytest.mark.models
def test_a_mirrored_look_sees_a_face_where_it_is(models: ModelStore, kit: Path) -> None:
    pixels = read_rgb(kit / "faces" / next(iter(HEADS)))
    looker, view = FaceLooker(models), View(Box(-16, -16, 656, 388))
    plain, mirrored = (looker.look(pixels, view, 0.5, manner) for manner in (Manner.PLAIN, Manner.MIRRORED))
    np.testing.assert_allclose(mirrored.boxes[0], plain.boxes[0], atol=8)


@pytest.mark.models
@pytest.mark.parametrize("condition", [Condition.DARK, Condition.MASKED, Condition.SIDEWAYS, Condition.TURNED])
def test_heads_that_are_hard_to_see_are_destroyed(condition: Condition, models: ModelStore, kit: Path) -> None:
    random = np.random.default_rng(3)
    canvas: Pixels = np.full((192, 320, 3), (130, 140, 120), np.uint8)
    taken: list[Box] = []
    put_at = [
        put(canvas, Head(read_rgb(kit / "faces" / file), box), 40, condition, random, taken)
        for file, box in HEADS.items()
    ]
    scene = dimmed(canvas, random) if condition is Condition.DARK else canvas
    covered = np.zeros(canvas.shape[:2], np.uint8)
    for area in StillFaceFinder(models).find(scene):
        cv2.rectangle(covered, (area.x0, area.y0), (area.x1 - 1, area.y1 - 1), 1, cv2.FILLED)
    assert all(box and covered[box.y0 : box.y1, box.x0 : box.x1].mean() >= 0.8 for box in put_at)
