"""Which lines of text belong together, and in which order they are read. Geometry alone."""

from __future__ import annotations

from collections.abc import Sequence

from lapel.core.geometry import Box

# Between the pieces of a container's number there are gaps of a letter or three; below each other they stand close.
_WIDEST_GAP = 4.0
_LOWEST_STEP = 1.6
_MOST_ROWS = 3


def reading_orders(boxes: Sequence[Box]) -> tuple[tuple[int, ...], ...]:
    """Chains of neighbouring lines, as places in ``boxes``: every row from left to right, and rows below each other."""
    rows = _rows(boxes)
    chains = list(rows)
    for start in range(len(rows)):
        chain, last = rows[start], rows[start]
        for _ in range(_MOST_ROWS - 1):
            below = _below(boxes, last, rows)
            if below is None:
                break
            chain, last = (*chain, *below), below
            chains.append(chain)
    return tuple(chains)


def _rows(boxes: Sequence[Box]) -> tuple[tuple[int, ...], ...]:
    rows: list[list[int]] = []
    for place in sorted(range(len(boxes)), key=lambda i: boxes[i].x0):
        row = next((r for r in rows if _goes_on(boxes[r[-1]], boxes[place])), None)
        if row is None:
            rows.append([place])
        else:
            row.append(place)
    return tuple(tuple(row) for row in rows)


def _goes_on(left: Box, right: Box) -> bool:
    height = min(left.height, right.height)
    shared = min(left.y1, right.y1) - max(left.y0, right.y0)
    return shared > 0.5 * height and -height < right.x0 - left.x1 < _WIDEST_GAP * max(left.height, right.height)


def _below(boxes: Sequence[Box], row: tuple[int, ...], rows: tuple[tuple[int, ...], ...]) -> tuple[int, ...] | None:
    """The nearest row that begins right below this one."""
    left = min(boxes[i].x0 for i in row)
    right = max(boxes[i].x1 for i in row)
    bottom = max(boxes[i].y1 for i in row)
    height = max(boxes[i].height for i in row)
    near = []
    for other in rows:
        first = boxes[other[0]]
        step = first.y0 - bottom
        if other is not row and first.x0 < right and first.x1 > left and -0.5 * height < step < _LOWEST_STEP * height:
            near.append((step, other))
    return min(near)[1] if near else None
