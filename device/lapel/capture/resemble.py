"""Looks for a part of one raw frame in another: where a head was before any finder saw it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box
from lapel.core.things import Pixels

# The part is compared at this width: enough to tell a head from its surroundings, and a tenth of a millisecond.
_COMPARED_PX = 20
# Areas reach beyond the head (infer.face_looks), and what is around it moves otherwise.
_MIDDLE = 0.55
# Normalized cross-correlation. Low: a wrong place destroys too much, none at all too little.
_SAME = 0.5
_SMALLEST_PX = 6


def place_of(part: Box, pixels: Pixels, before: Pixels, reach: Box) -> Box | None:
    """Where ``part`` of RGB ``pixels`` u8[h, w, 3] lies in a frame ``before`` of that size, searched inside ``reach``.

    None where nothing there looks alike.
    """
    height, width = pixels.shape[:2]
    middle, window = part.grown(_MIDDLE).clipped(width, height), reach.clipped(width, height)
    if min(middle.width, middle.height) < _SMALLEST_PX:
        return None
    scale = min(1.0, _COMPARED_PX / min(middle.width, middle.height))
    sought, searched = _grey(pixels, middle, scale), _grey(before, window, scale)
    if searched.shape[0] < sought.shape[0] or searched.shape[1] < sought.shape[1] or float(sought.std()) < 1:
        return None
    _, score, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(searched, sought, cv2.TM_CCOEFF_NORMED))
    sought.fill(0)
    searched.fill(0)
    if score < _SAME:
        return None
    return part.shifted(window.x0 + round(x / scale) - middle.x0, window.y0 + round(y / scale) - middle.y0)


def _grey(pixels: Pixels, box: Box, scale: float) -> NDArray[np.uint8]:
    """A part of RGB pixels in grey, ``scale`` times as large."""
    size = (max(1, round(box.width * scale)), max(1, round(box.height * scale)))
    # Linear in two steps loses nothing that is compared, and costs a tenth of averaging over areas.
    small = cv2.resize(pixels[box.y0 : box.y1, box.x0 : box.x1], size, interpolation=cv2.INTER_LINEAR)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    small.fill(0)
    return grey
