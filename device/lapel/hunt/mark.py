"""Finds the mark of a drawn face in a picture: at any size, mirrored, in negative, cut in half, after any codec."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.hunt.face import CELLS, drawn

Grey = NDArray[np.uint8]
Real = NDArray[np.float32]

WHOLE, HALF = 0.70, 0.82
"""Correlation from which a place is the mark, or half of it. 310 pictures and frames without a mark come to .59 at
most, 60 of them to .71 for a half; tests/hunt/test_mark.py holds both, and what may be done to pictures with one."""
SMALLEST_PX, SMALLEST_HALVED_PX, LARGEST_PX = 11.0, 20.0, 240.0
"""Sides of the mark that are looked for; of halves, that of the whole mark."""
_STEP, _COARSE_STEP = 1.06, 1.12
_SIDE_PX = 2 * CELLS
_SMALL_PICTURE = 128 * 128
_LEAST_CONTRAST = 3.0
"""Standard deviation in grey levels below which a correlation is that of rounding."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much the likeliest place of a picture is like the mark, 0..1, and like the likeliest half of it."""

    whole: float = 0.0
    half: float = 0.0

    @property
    def is_mark(self) -> bool:
        """Whether it is the mark."""
        return self.whole >= WHOLE or self.half >= HALF


def likeness(grey: Grey, is_guess: bool = False) -> Likeness:
    """How like the mark the likeliest place in u8[h, w] is. ``is_guess``: that these bytes are a picture is one guess
    of many, so marks that were cut, and small ones in large pictures, are not looked for."""
    height, width = grey.shape
    whole = half = 0.0
    side = SMALLEST_HALVED_PX if is_guess and grey.size > _SMALL_PICTURE else SMALLEST_PX
    halved = 0.0
    while side <= LARGEST_PX and side / 2 <= min(height, width):
        scale = _SIDE_PX / side
        size = (round(width * scale), round(height * scale))
        small = np.asarray(cv2.resize(grey, size, interpolation=_interpolation(scale)), np.float32)
        whole = max(whole, _best(small, _whole_mark()))
        if not is_guess and side >= max(halved, SMALLEST_HALVED_PX):
            halved = side * _COARSE_STEP * 0.999  # at every second size: a half is half as long
            half = max(half, *(_best(small, cut) for cut in _halves()))
        side *= _COARSE_STEP if is_guess else _STEP
    return Likeness(round(whole, 3), round(half, 3))


def _interpolation(scale: float) -> int:
    return cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR


def _best(small: Real, templates: tuple[Real, ...]) -> float:
    """The highest correlation, positive or negative, of f32[h, w] with templates of one size."""
    height, width = templates[0].shape
    rows, columns = small.shape[0] - height + 1, small.shape[1] - width + 1
    if rows < 1 or columns < 1:
        return 0.0
    size, corner = (width, height), (0, 0)
    mean = cv2.boxFilter(small, -1, size, anchor=corner, borderType=cv2.BORDER_REPLICATE)
    square = cv2.sqrBoxFilter(small, -1, size, anchor=corner, borderType=cv2.BORDER_REPLICATE)
    best = np.zeros((rows, columns), np.float32)
    for template in templates:
        np.maximum(best, np.abs(cv2.matchTemplate(small, template, cv2.TM_CCOEFF_NORMED)), out=best)
    best[(square - mean**2)[:rows, :columns] < _LEAST_CONTRAST**2] = 0
    return float(best.max())


@lru_cache(maxsize=1)
def _whole_mark() -> tuple[Real, ...]:
    """The marked part of the face as it is drawn, and its mirror image: f32[side, side]."""
    large = drawn(900)
    x0, y0, x1, y1 = large.mark
    grey = cv2.cvtColor(large.colour[y0:y1, x0:x1], cv2.COLOR_RGB2GRAY)
    template = np.asarray(cv2.resize(grey, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA), np.float32)
    return template, np.ascontiguousarray(template[:, ::-1])


@lru_cache(maxsize=1)
def _halves() -> tuple[tuple[Real, ...], ...]:
    """Upper, lower, left and right halves, each with its mirror image."""
    straight, mirrored = _whole_mark()
    middle = _SIDE_PX // 2
    return (
        (straight[:middle], mirrored[:middle]),
        (straight[middle:], mirrored[middle:]),
        tuple(np.ascontiguousarray(half) for half in (straight[:, :middle], mirrored[:, middle:])),
        tuple(np.ascontiguousarray(half) for half in (straight[:, middle:], mirrored[:, :middle])),
    )
