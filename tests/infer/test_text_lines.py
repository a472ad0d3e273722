"""From a map of probabilities to lines of text: arithmetic alone."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lapel.infer.text_lines import TextLine, clockwise, lines_of


def marked(*lines: tuple[tuple[float, float], tuple[float, float], float], level: float = 0.9) -> NDArray[np.float32]:
    """A map with rectangles (centre, size, turn in degrees) of one probability."""
    canvas = np.zeros((200, 300), np.float32)
    for line in lines:
        cv2.fillPoly(canvas, [cv2.boxPoints(line).round().astype(np.int32)], level)
    return canvas


def test_a_marked_area_becomes_a_line_that_is_larger_on_every_side() -> None:
    (line,) = lines_of(marked(((150, 100), (120, 16), 0)))
    assert line.box.x0 < 90
    assert line.box.x1 > 210
    assert line.box.y0 < 92
    assert line.box.y1 > 108
    assert 18 < line.height_px < 44


def test_a_faint_area_is_no_line() -> None:
    assert lines_of(marked(((150, 100), (120, 16), 0), level=0.4)) == ()


def test_a_speck_is_no_line() -> None:
    assert lines_of(marked(((150, 100), (2, 2), 0))) == ()


@pytest.mark.parametrize("turn", [-30, -10, 0, 10, 30])
def test_a_line_that_is_turned_begins_at_its_upper_left(turn: float) -> None:
    (line,) = lines_of(marked(((150, 100), (120, 16), turn)))
    along = line.corners[1] - line.corners[0]
    assert np.degrees(np.arctan2(along[1], along[0])) == pytest.approx(turn, abs=2)
    assert line.corners[3][1] > line.corners[0][1]
    assert not line.is_upright


def test_a_line_much_higher_than_wide_is_upright() -> None:
    (line,) = lines_of(marked(((150, 100), (14, 120), 0)))
    assert line.is_upright
    assert line.height_px > line.length_px


def test_corners_come_clockwise_whatever_their_order() -> None:
    square = np.array([[0, 0], [9, 1], [9, 5], [0, 4]], np.float32)
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]):
        np.testing.assert_array_equal(clockwise(square[order]), square)


def test_the_box_of_a_line_holds_its_corners() -> None:
    line = TextLine(np.array([[1.2, 3.7], [20.1, 4.0], [20.4, 9.9], [1.0, 9.2]], np.float32), 0.9)
    assert (line.box.x0, line.box.y0, line.box.x1, line.box.y1) == (1, 3, 21, 10)
