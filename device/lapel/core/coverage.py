"""Where in the scene was looked lately, so that what has not changed is not described again and again."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box
from lapel.core.things import Pixels

_SAME_IOU = 0.5
_CELLS = 8
# Mean change of a cell's brightness, in grey levels of 255: noise and a codec change one by 1 to 3, a hand by 20.
_CHANGED = 6.0

Glimpse = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """A part of a frame that was described, and how bright it was then."""

    box: Box
    at_s: float
    glimpse: Glimpse


@dataclass(slots=True)
class Coverage:
    """Remembers looks for ``memory_s`` of stream time: until then what stays as it was is known."""

    memory_s: float = 5.0
    _places: list[_Place] = field(default_factory=list)

    def add(self, box: Box, canvas: Pixels, now_s: float) -> None:
        """A look was spent at ``box`` of a canvas RGB u8[h, w, 3]."""
        self._places = [place for place in self._places if 0 <= now_s - place.at_s < self.memory_s]
        self._places.append(_Place(box, now_s, _glimpse(canvas, box)))

    def is_known(self, box: Box, canvas: Pixels, now_s: float) -> bool:
        """Whether about the same box was looked at, and nothing has changed there since."""
        return any(
            box.iou(place.box) >= _SAME_IOU and not _has_changed(place, canvas)
            for place in self._places
            if 0 <= now_s - place.at_s < self.memory_s
        )

    def looked_s(self, box: Box) -> float:
        """When about this box was last looked at, whatever it showed; minus infinity where it never was."""
        return max((place.at_s for place in self._places if box.iou(place.box) >= _SAME_IOU), default=float("-inf"))


def _has_changed(place: _Place, canvas: Pixels) -> bool:
    # The old box is looked at, not the new one: that it moved by some pixels is no change of what is there.
    height, width = canvas.shape[:2]
    inside = place.box.clipped(width, height)
    return inside != place.box or float(np.abs(_glimpse(canvas, inside) - place.glimpse).mean()) > _CHANGED


def _glimpse(canvas: Pixels, box: Box) -> Glimpse:
    """Mean brightness of 8 × 8 cells of a box, f32[8, 8], from at most 32 × 32 of its pixels."""
    rows = np.linspace(box.y0, box.y1 - 1, 4 * _CELLS).astype(np.intp)
    columns = np.linspace(box.x0, box.x1 - 1, 4 * _CELLS).astype(np.intp)
    sample = canvas[rows[:, None], columns].astype(np.float32).mean(axis=2)
    return np.asarray(sample.reshape(_CELLS, 4, _CELLS, 4).mean(axis=(1, 3)), np.float32)
