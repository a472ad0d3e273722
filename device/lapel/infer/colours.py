"""Whether two pictures that lie on each other have the same colours: flavours of a carton share a layout, not them.

Details are described in grey, so that a blue print and a red one of one layout agree in every detail.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.things import Pixels

_SMOOTHING_PX = 2.0  # of two pictures 160 px long that lie on each other to a pixel or two
_DARK = 16.0  # added to every channel: the ratios of dark ones are noise
_PALE = 0.01
"""Covariance of ratios that says nothing yet: about what a grey print's shadows and its paper's tint come to."""


def colours_agree(ours: Pixels, theirs: Pixels, where: NDArray[np.bool_]) -> float:
    """How far the colours of two RGB u8[h, w, 3] change together where ``where`` bool[h, w] is, 0..1.

    Correlation of the logarithms of red to green and blue to green, about their means: a light's colour moves all of
    them alike, and counts for nothing (Finlayson et al., ICCV 1995). 1 where both are pale.
    """
    one, other = _ratios(ours)[where], _ratios(theirs)[where]
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    together = float((one * other).sum(axis=1).mean())
    apart = float(np.sqrt((one * one).sum(axis=1).mean() * (other * other).sum(axis=1).mean()))
    return min(1.0, max(0.0, (together + _PALE) / (apart + _PALE)))


def _ratios(pixels: Pixels) -> NDArray[np.float32]:
    smooth = np.log(cv2.GaussianBlur(pixels, (0, 0), _SMOOTHING_PX).astype(np.float32) + np.float32(_DARK))
    return np.asarray(smooth[..., (0, 2)] - smooth[..., 1:2], np.float32)
