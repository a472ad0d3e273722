"""Letters that stand below each other, as on the doors of containers, laid side by side so that they can be read."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.things import Pixels
from lapel.infer.text_lines import TextLine

# In a column the next letter that was found begins less than this many letter heights below: some are not found.
_FARTHEST_STEP = 6.0
_MOST_LETTERS = 11
_PITCH, _HALF_WIDTH = 1.4, 0.8  # of a column, in letters
_FEWEST_LETTERS = 11
_LETTER_PX = 48
# A letter's height is that of its column's width at least; lower runs of ink are specks or parts of one.
_LOWEST_LETTER = 0.35
_UNUSUAL = 0.7  # letters of a column are about equally high


def columns_of(lines: tuple[TextLine, ...]) -> tuple[TextLine, ...]:
    """Standing lines, and those made of single letters right below each other."""
    standing = [line for line in lines if line.is_upright]
    letters = [line for line in lines if line.length_px < 3.2 * line.height_px]
    columns: list[list[TextLine]] = []
    for line in sorted(letters, key=lambda each: float(each.corners[:, 1].min())):
        column = next((c for c in columns if _goes_on(c[-1], line)), None)
        if column is None:
            columns.append([line])
        else:
            column.append(line)
    joined = [column for column in columns if len(column) > 1 and _height(column) > 2 * _width(column)]
    alone = [line for line in standing if not any(line is part for column in joined for part in column)]
    return (*(_around(column) for column in joined), *(_around([line]) for line in alone))


def laid_side_by_side(column: Pixels) -> Pixels | None:
    """The letters of RGB u8[h, w, 3] that shows a column, one after the other; None if there are not eleven."""
    runs = [run for run in _runs(_has_ink(column)) if run[1] - run[0] >= _LOWEST_LETTER * column.shape[1]]
    usual = float(np.median([bottom - top for top, bottom in runs])) if runs else 0.0
    runs = [(top, bottom) for top, bottom in runs if _UNUSUAL < (bottom - top) / usual < 1 / _UNUSUAL]
    if len(runs) < _FEWEST_LETTERS:
        return None
    ground = np.median(column.reshape(-1, 3), axis=0).astype(np.uint8)
    cells = [_cell(column[max(0, top - 2) : bottom + 2], ground) for top, bottom in runs]
    gap = np.full((_LETTER_PX, 5, 3), ground, np.uint8)
    row = [part for cell in cells for part in (cell, gap)]
    return np.ascontiguousarray(np.pad(np.concatenate([gap, *row], axis=1), ((6, 6), (0, 0), (0, 0)), mode="edge"))


def _cell(letter: Pixels, ground: NDArray[np.uint8]) -> Pixels:
    scale = _LETTER_PX / letter.shape[0]
    wide = max(6, round(letter.shape[1] * scale))
    cell = np.asarray(cv2.resize(letter, (wide, _LETTER_PX), interpolation=cv2.INTER_CUBIC), np.uint8)
    inked = np.flatnonzero((np.abs(cell.astype(np.int16) - ground).max(axis=2) > 50).sum(axis=0) > 2)
    if not len(inked):
        return cell
    return cell[:, max(0, int(inked[0]) - 2) : int(inked[-1]) + 3]


def _has_ink(column: Pixels) -> NDArray[np.bool_]:
    """Rows with ink amid a column, bool[h]: what differs from the ground near it, which may change along the way."""
    wide = column.shape[1]
    grey = cv2.cvtColor(column, cv2.COLOR_RGB2GRAY).astype(np.float32)
    around = cv2.medianBlur(cv2.cvtColor(column, cv2.COLOR_RGB2GRAY), min(255, wide * 2 // 2 * 2 + 1)).astype(
        np.float32
    )
    apart = np.abs(grey - around)[:, wide // 8 : max(wide // 8 + 1, wide - wide // 8)]
    return np.asarray((apart > max(18.0, float(np.percentile(apart, 96)) * 0.5)).mean(axis=1) > 0.06)


def _runs(rows: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], rows, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _goes_on(above: TextLine, below: TextLine) -> bool:
    one, other = above.box, below.box
    step = other.y0 - one.y1
    letter = min(one.width, other.width)
    shared = min(one.x1, other.x1) - max(one.x0, other.x0)
    return shared > 0.6 * letter and -0.9 * letter < step < (_FARTHEST_STEP - 1) * letter


def _height(column: list[TextLine]) -> float:
    return float(max(line.box.y1 for line in column) - min(line.box.y0 for line in column))


def _width(column: list[TextLine]) -> float:
    return float(np.median([line.box.width for line in column]))


def _around(column: list[TextLine]) -> TextLine:
    """The column as long as eleven letters would make it, whichever of them were found, along their centres."""
    boxes = [line.box for line in column]
    centres = np.array([[(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2] for box in boxes], np.float64)
    letter = float(np.median([min(box.width, box.height) for box in boxes]))
    slope = float(np.polyfit(centres[:, 1], centres[:, 0], 1)[0]) if len(column) > 2 else 0.0
    top, bottom = min(box.y0 for box in boxes), max(box.y1 for box in boxes)
    steps = np.diff(np.sort(centres[:, 1]))
    # The shorter steps are those between neighbours; the longer ones jump over a letter that was not found.
    pitch = max(_PITCH * letter, float(np.percentile(steps, 30))) if len(steps) > 1 else _PITCH * letter
    missing = max(0.0, _MOST_LETTERS * pitch - (bottom - top))
    half = _HALF_WIDTH * letter
    corners = [
        [float(centres[:, 0].mean()) + slope * (y - float(centres[:, 1].mean())) + side * half, y]
        for y, side in ((top - missing, -1), (top - missing, 1), (bottom + missing, 1), (bottom + missing, -1))
    ]
    return TextLine(np.asarray(corners, np.float32), min(line.score for line in column))
