"""The parts of the finders that are arithmetic: views, decoding, head parts."""

import numpy as np
import pytest

from lapel.core.geometry import Box
from lapel.infer import blazeface
from lapel.infer.finders import head_parts
from lapel.infer.tflite import TensorSpec
from lapel.infer.views import wide_tiles


def spec(name: str, depth: int) -> TensorSpec:
    return TensorSpec(name, (1, 12, 16, depth), np.dtype(np.float32), 0.0, 0)


SPECS = (spec("score", 1), spec("centre", 2), spec("size", 2))


def heads(**faces: tuple[int, int, float, float]) -> tuple[np.ndarray, ...]:  # type: ignore[type-arg]
    """Outputs with a face (row, column, logit, side) each."""
    score = np.full((1, 12, 16, 1), -9, np.float32)
    centre, size = np.zeros((1, 12, 16, 2), np.float32), np.zeros((1, 12, 16, 2), np.float32)
    for row, column, logit, side in faces.values():
        score[0, row, column, 0] = logit
        centre[0, row, column] = (1, -2)
        size[0, row, column] = (side, side)
    return score, centre, size


def test_a_cell_gives_the_box_about_its_moved_centre() -> None:
    found = blazeface.decode(heads(a=(5, 7, 2.0, 10)), SPECS, 0.3)
    np.testing.assert_allclose(found.boxes, [[26, 15, 36, 25]])
    assert found.scores[0] == pytest.approx(0.8808, abs=1e-4)


def test_the_order_of_the_outputs_does_not_matter() -> None:
    outputs = heads(a=(5, 7, 2.0, 10))
    found = blazeface.decode(outputs[::-1], SPECS[::-1], 0.3)
    assert len(found.boxes) == 1


def test_a_face_below_the_score_is_not_reported() -> None:
    assert len(blazeface.decode(heads(a=(5, 7, -1.0, 10)), SPECS, 0.3).boxes) == 0


def test_neighbouring_cells_of_one_face_give_one_box() -> None:
    found = blazeface.decode(heads(a=(5, 7, 2.0, 20), b=(5, 8, 1.0, 20), c=(1, 1, 0.5, 6)), SPECS, 0.3)
    assert found.scores.tolist() == sorted(found.scores.tolist(), reverse=True)
    assert len(found.boxes) == 2


def test_a_face_without_size_is_no_face() -> None:
    assert len(blazeface.decode(heads(a=(5, 7, 2.0, 0)), SPECS, 0.3).boxes) == 0


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (640, 480), (450, 800), (3000, 401)])
def test_wide_tiles_cover_the_whole_picture_and_stay_inside(size: tuple[int, int]) -> None:
    width, height = size
    seen = np.zeros((height, width), np.bool_)
    for tile in wide_tiles(width, height):
        assert tile == tile.clipped(width, height)
        seen[tile.y0 : tile.y1, tile.x0 : tile.x1] = True
    assert seen.all()


def test_a_small_picture_needs_no_wide_tiles() -> None:
    assert wide_tiles(640, 272) == ()


def test_the_head_of_a_standing_person_is_in_the_upper_fifth() -> None:
    x0, y0, x1, y1 = head_parts(np.array([[100, 100, 160, 400]], np.float32))[0]
    assert Box(int(x0), int(y0), int(x1), int(y1)).intersection(Box(110, 100, 150, 150)) == Box(110, 100, 150, 150)
    assert y1 <= 100 + 300 / 4


def test_the_head_of_a_person_cut_at_the_waist_takes_a_third() -> None:
    _, _, _, y1 = head_parts(np.array([[100, 0, 300, 240]], np.float32))[0]
    assert y1 == pytest.approx(0.33 * 240)
