"""The detector on pictures drawn here, and what a Scene must never hold."""

from dataclasses import fields

import numpy as np
import pytest

from lapel.core.geometry import Box
from lapel.core.things import Frame, Origin, Scene
from lapel.infer import ssd
from lapel.infer.detector import KIND_OF_LABEL, PERSON, looks, masked, square_tiles
from lapel.infer.detector import SsdDetector as Detector
from lapel.infer.manifest import ModelStore
from lapel.infer.tflite import Runtime, TensorSpec

FLOAT = np.dtype(np.float32)
SPECS = (TensorSpec("boxes", (1, 1917, 4), FLOAT, 0.0, 0), TensorSpec("logits", (1, 1917, 24), FLOAT, 0.0, 0))


def heads(*found: tuple[int, int, float]) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Raw heads in which each (anchor, class, logit) stands out, every box on its anchor."""
    logits = np.full((1, 1917, 24), -12, np.float32)
    for anchor, label, logit in found:
        logits[0, anchor, label] = logit
    return np.zeros((1, 1917, 4), np.float32), logits


def test_there_is_an_anchor_for_every_output() -> None:
    assert ssd.anchors().shape == (1917, 4)


def test_a_box_without_offset_is_its_anchor() -> None:
    found = ssd.decode(heads((1916, 1, 4.0)), SPECS, 300, 150, 0.3)
    cy, cx, height, width = ssd.anchors()[1916]
    expected = np.clip([cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2], 0, 1) * [300, 150, 300, 150]
    np.testing.assert_allclose(found.boxes[0], expected, atol=1e-3)
    assert found.scores[0] == pytest.approx(1 / (1 + np.exp(-4)), abs=1e-5)


def test_scores_below_the_least_are_left_out() -> None:
    assert len(ssd.decode(heads((1900, 3, 0.0)), SPECS, 300, 300, 0.51).scores) == 0
    assert len(ssd.decode(heads((1900, 3, 0.1)), SPECS, 300, 300, 0.51).scores) == 1


def test_of_overlapping_boxes_of_one_class_the_best_stays() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [50, 50, 60, 60]], np.float32)
    kept = ssd.suppressed(ssd.Detections(boxes, np.array([1, 1, 1]), np.array([0.5, 0.9, 0.4], np.float32)))
    np.testing.assert_array_equal(kept.scores, np.array([0.9, 0.4], np.float32))


def test_boxes_of_two_classes_do_not_suppress_each_other() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 10]], np.float32)
    kept = ssd.suppressed(ssd.Detections(boxes, np.array([1, 2]), np.array([0.5, 0.9], np.float32)))
    assert len(kept.scores) == 2


def test_no_field_of_a_scene_can_hold_a_box_of_a_person() -> None:
    assert {f.name: f.type for f in fields(Scene)} == {
        "things": "tuple[Thing, ...]",
        "people": "int",
        "canvas": "Pixels",
    }
    assert PERSON not in KIND_OF_LABEL


def test_areas_of_people_are_grey_on_the_canvas_and_untouched_in_the_frame() -> None:
    pixels = np.random.default_rng(0).integers(0, 100, (50, 80, 3), np.uint8)
    canvas, covered = masked(pixels, np.array([[10, 5, 30, 25]], np.float32))
    assert (canvas[5:25, 10:30] == 128).all()
    assert (pixels < 100).all()
    assert covered.sum() == 400


def test_there_is_no_look_where_people_fill_most_of_it() -> None:
    covered = np.zeros((100, 200), bool)
    covered[20:80, 40:160] = True
    assert [look.origin for look in looks(200, 100, covered)] == [Origin.WHOLE]
    covered[:] = True
    assert looks(200, 100, covered) == ()


@pytest.mark.parametrize(("width", "height"), [(640, 272), (1280, 720), (300, 900)])
def test_tiles_are_squares_that_cover_the_frame(width: int, height: int) -> None:
    covered = np.zeros((height, width), bool)
    for tile in square_tiles(width, height):
        assert tile.width == tile.height == min(width, height)
        covered[tile.y0 : tile.y1, tile.x0 : tile.x1] = True
    assert covered.all()


@pytest.mark.models
def test_boxes_lie_inside_the_frame_and_people_are_a_number(runtime: Runtime) -> None:
    pixels = np.random.default_rng(4).integers(0, 255, (240, 560, 3), np.uint8)
    scene = Detector(ModelStore(runtime=runtime), least_score=0.05).detect(Frame(pixels, 0, 0.0))
    assert isinstance(scene.people, int)
    assert scene.things
    for thing in scene.things:
        assert thing.box.intersection(Box(0, 0, 560, 240)) == thing.box
