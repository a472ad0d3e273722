"""What a camera may do to a thing that was photographed: other angles, distances, light and blur, simulated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.things import Pixels

_SHORTEST_SIDE_PX = 32


@dataclass(frozen=True, slots=True)
class Change:
    """A way in which a thing may look otherwise. ``apply`` makes RGB u8[h, w, 3] of another, deterministically.

    ``view`` is what a picture would have to be to show the thing so; empty where no other picture would help.
    """

    name: str
    apply: Callable[[Pixels], Pixels]
    view: str = ""


def _from_the_side(lean: float) -> Callable[[Pixels], Pixels]:
    """Seen from the left (< 0) or the right: the far edge is that share shorter, the width half of that narrower."""

    def apply(pixels: Pixels) -> Pixels:
        height, width = pixels.shape[:2]
        near, far = height / 2, height / 2 * (1 - abs(lean))
        left, right = (near, far) if lean > 0 else (far, near)
        reach = width / 2 * (1 - abs(lean) / 2)
        corners = np.array([[-reach, -left], [reach, -right], [reach, right], [-reach, left]], np.float32)
        return _laid(pixels, corners + np.array([width / 2, height / 2], np.float32))

    return apply


def _from_above(lean: float) -> Callable[[Pixels], Pixels]:
    aside = _from_the_side(lean)
    return lambda pixels: np.rot90(aside(np.ascontiguousarray(np.rot90(pixels))), -1)


def _laid(pixels: Pixels, corners: NDArray[np.float32]) -> Pixels:
    height, width = pixels.shape[:2]
    own = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    motion = cv2.getPerspectiveTransform(own, corners)
    laid = cv2.warpPerspective(pixels, motion, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(laid, np.uint8)


def _at_most(longest_px: int) -> Callable[[Pixels], Pixels]:
    def apply(pixels: Pixels) -> Pixels:
        height, width = pixels.shape[:2]
        scale = longest_px / max(height, width)
        if scale >= 1:
            return pixels
        size = (max(_SHORTEST_SIDE_PX, round(width * scale)), max(_SHORTEST_SIDE_PX, round(height * scale)))
        return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)

    return apply


def _lit(gain: float, noise: float) -> Callable[[Pixels], Pixels]:
    """Brighter or darker by that factor, clipped as a sensor clips, with noise of that many grey levels."""

    def apply(pixels: Pixels) -> Pixels:
        noisy = pixels.astype(np.float32) * gain + np.random.default_rng(1).normal(0, noise, pixels.shape)
        return np.asarray(np.clip(noisy, 0, 255), np.uint8)

    return apply


def _blurred(sigma_px: float) -> Callable[[Pixels], Pixels]:
    return lambda pixels: np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma_px), np.uint8)


CHANGES = (
    Change("as it was taken", lambda pixels: pixels),
    Change("a little from the left", _from_the_side(-0.25)),
    Change("a little from the right", _from_the_side(0.25)),
    Change("far from the left", _from_the_side(-0.45), "from the left"),
    Change("far from the right", _from_the_side(0.45), "from the right"),
    Change("from above", _from_above(0.35), "from above"),
    Change("at 320 px", _at_most(320)),
    Change("at 160 px", _at_most(160), "from farther away"),
    Change("out of focus", _blurred(2.0)),
    Change("in dim light", _lit(0.3, 8.0)),
    Change("in glaring light", _lit(1.6, 4.0)),
)
"""A picture that is kept for the officer has at most 640 px: blur is measured in pixels of that."""
