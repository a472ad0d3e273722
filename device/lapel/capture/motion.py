"""How the scene moved from one frame to the next, so that destroyed areas can follow it in both directions of time."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.capture.buffers import guarded
from lapel.core.geometry import Box
from lapel.core.things import Pixels

# Flow of 320 × 180 grey pixels takes half a millisecond (DIS, Kroeger et al., ECCV 2016, at its fastest preset on
# x86-64), and a head that finders can find is still five pixels wide there.
LOOKED_AT_WIDTH_PX = 320
# Motion is guessed, so an area grows by this much with every frame that it is carried, in either direction.
GROWTH = 1.1
# Of smaller pictures DIS gives no flow: of a longer side below 12 px, or of a side below the 8 px of its patches.
_SHORTEST_PX, _LONGEST_PX = 8, 12
# Boxes reach beyond the head, so that only their middle moves as the head does.
_MIDDLE = 0.5
_SAMPLES = 12
# A box of the frame before is looked for where it lies now: each round starts from where the last one found it.
_ROUNDS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """Where the pixels of a frame were in the frame before it: f32[h, w, 2], in pixels of the frame, on a coarser
    grid whose cells are ``cell_px`` wide and high. Holds no brightness: nobody can be seen in it."""

    vectors: NDArray[np.float32]
    cell_px: tuple[float, float]

    def back(self, box: Box) -> Box:
        """Where what lies in a box of this frame was in the frame before."""
        dx, dy = self._median(box)
        return box.shifted(round(dx), round(dy))

    def forth(self, box: Box) -> Box:
        """Where what lay in a box of the frame before is in this frame."""
        moved = box
        for _ in range(_ROUNDS):
            dx, dy = self._median(moved)
            moved = box.shifted(-round(dx), -round(dy))
        return moved

    def _median(self, box: Box) -> tuple[float, float]:
        """The usual motion in the middle of a box; none outside the frame."""
        rows, columns = self.vectors.shape[:2]
        middle = box.grown(_MIDDLE)
        cell_x, cell_y = self.cell_px
        x = np.linspace(middle.x0 / cell_x, (middle.x1 - 1) / cell_x, _SAMPLES).astype(np.intp)
        y = np.linspace(middle.y0 / cell_y, (middle.y1 - 1) / cell_y, _SAMPLES).astype(np.intp)
        x, y = x[(x >= 0) & (x < columns)], y[(y >= 0) & (y < rows)]
        if not x.size or not y.size:
            return 0.0, 0.0
        dx, dy = np.median(self.vectors[y[:, None], x].reshape(-1, 2), axis=0)
        return float(dx), float(dy)


class Motion:
    """Measures the motion between frames. Keeps a small grey picture of the last frame until the next one comes, or
    any thread has it forgotten."""

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._small = guarded(1, 1, 3)
        self._now = self._before = guarded(1, 1)
        self._has_last = False
        self._lock = Lock()

    def since_last(self, pixels: Pixels) -> Field | None:
        """The motion from the last frame to RGB u8[h, w, 3]; None where there was none of this size, or it is too
        small to tell."""
        with self._lock:
            return self._since_last(pixels)

    def forget(self) -> None:
        """Overwrite the picture of the last frame."""
        with self._lock:
            self._forget()

    def _since_last(self, pixels: Pixels) -> Field | None:
        height, width = pixels.shape[:2]
        columns = min(width, LOOKED_AT_WIDTH_PX)
        rows = max(1, round(height * columns / width))
        self._make_room(rows, columns)
        self._now, self._before = self._before, self._now
        cv2.resize(pixels, (columns, rows), dst=self._small, interpolation=cv2.INTER_LINEAR)
        cv2.cvtColor(self._small, cv2.COLOR_RGB2GRAY, dst=self._now)
        self._small.fill(0)
        field = (
            self._field((width / columns, height / rows))
            if self._has_last and _is_large_enough(rows, columns)
            else None
        )
        self._before.fill(0)
        self._has_last = True
        return field

    def _forget(self) -> None:
        self._now.fill(0)
        self._has_last = False

    def _make_room(self, rows: int, columns: int) -> None:
        if self._now.shape != (rows, columns):
            self._forget()
            self._small = guarded(rows, columns, 3)
            self._now, self._before = guarded(rows, columns), guarded(rows, columns)

    def _field(self, cell_px: tuple[float, float]) -> Field:
        flow = np.zeros((*self._now.shape, 2), np.float32)
        self._flow.calc(self._now, self._before, flow)
        flow *= np.asarray(cell_px, np.float32)
        return Field(flow, cell_px)


def _is_large_enough(rows: int, columns: int) -> bool:
    return min(rows, columns) >= _SHORTEST_PX and max(rows, columns) >= _LONGEST_PX
