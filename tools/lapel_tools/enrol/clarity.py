"""Whether a picture is clear enough to find a thing by: focused, and not of nothing."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box
from lapel.core.things import Pixels

MEASURED_AT_PX = 320
"""Pictures are measured with the longer side at this length: about what a network sees of them."""

LEAST_CRISPNESS = 0.28
"""Below it a picture is blurred. Of 270 sharp pictures none measured below .32; of the same, seen at 640 px, blurred by
a Gaussian of 3 px none above .28, by a straight motion of 9 px none above .28, of 15 px none above .22."""

LEAST_CONTRAST = 20.0
"""Grey levels. Along a direction whose strongest edges have less there is nothing to judge; where that holds along all
of them, a picture shows nothing. A wall with a camera's noise has about 7."""

_REACH_PX = 4
_STRONGEST_SHARE = 0.002
_FEWEST_STRONGEST = 16
_SEAM_SHARE = 0.015  # of the longer side: a border that is drawn out over so much measures as blurred
_DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))


def crispness(pixels: Pixels) -> float | None:
    """How fast the strongest edges of RGB u8[h, w, 3] (h, w >= 16) rise, .125 to 1; None where there are none.

    The step from pixel to pixel as a share of the step over 8 pixels, for the strongest edges along each of four
    directions; the least of these, so that motion blur shows. Unlike the Laplacian's variance it does not depend on
    how many edges there are, so that a plain thing in focus is not taken for a blurred one.
    """
    grey = _measured(pixels)
    rises = [_rise_along(grey, dy, dx) for dy, dx in _DIRECTIONS]
    return min((rise for rise in rises if rise is not None), default=None)


def without_seams(pixels: Pixels, areas: Sequence[Box]) -> Pixels:
    """RGB u8[h, w, 3] in which destroyed areas run into what is about them: their borders are no edges of the thing."""
    height, width = pixels.shape[:2]
    spread = _SEAM_SHARE * max(height, width)
    softened, reach = pixels.copy(), round(3 * spread)
    soft = cv2.GaussianBlur(pixels, (0, 0), spread) if areas else softened
    for area in areas:
        seam = Box(area.x0 - reach, area.y0 - reach, area.x1 + reach, area.y1 + reach).clipped(width, height)
        softened[seam.y0 : seam.y1, seam.x0 : seam.x1] = soft[seam.y0 : seam.y1, seam.x0 : seam.x1]
    return softened


def _rise_along(grey: NDArray[np.float32], dy: int, dx: int) -> float | None:
    height, width = grey.shape

    def shifted(step: int) -> NDArray[np.float32]:
        rows = slice(_REACH_PX + step * dy, height - _REACH_PX + step * dy)
        return grey[rows, _REACH_PX + step * dx : width - _REACH_PX + step * dx]

    contrast = _strongest(shifted(_REACH_PX) - shifted(-_REACH_PX))
    return _strongest(shifted(1) - shifted(0)) / contrast if contrast >= LEAST_CONTRAST else None


def _strongest(steps: NDArray[np.float32]) -> float:
    """The mean of the largest few steps: a single pixel may be noise."""
    sizes = np.abs(steps).ravel()
    count = min(sizes.size, max(_FEWEST_STRONGEST, int(sizes.size * _STRONGEST_SHARE)))
    return float(np.partition(sizes, sizes.size - count)[sizes.size - count :].mean())


def _measured(pixels: Pixels) -> NDArray[np.float32]:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    scale = MEASURED_AT_PX / max(grey.shape)
    if scale < 1:
        # Long and narrow things keep enough pixels across to be measured at all.
        size = tuple(max(2 * (_REACH_PX + 1), round(side * scale)) for side in grey.shape[::-1])
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return np.asarray(grey, dtype=np.float32)
