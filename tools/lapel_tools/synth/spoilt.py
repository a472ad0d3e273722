"""Pictures as they come out when something goes wrong: mirrored, turned, tiny, huge, moved, out of focus, at night.

Each takes RGB u8[h, w, 3] and gives another, the same one every time. Lengths are shares of the longer side, so that
large and small pictures are spoilt alike.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from lapel.core.things import Pixels

Spoil = Callable[[Pixels], Pixels]

_VIEW_PX = (480, 640)
_GREY = 128
_SEED = 1


def mirrored(pixels: Pixels) -> Pixels:
    """As in a mirror: print runs backwards. What is found so is not the thing, but its reflection."""
    return np.ascontiguousarray(pixels[:, ::-1])


def turned(pixels: Pixels) -> Pixels:
    """By 90° anticlockwise."""
    return np.ascontiguousarray(np.rot90(pixels))


def recoloured(pixels: Pixels) -> Pixels:
    """With its colours changed over, red to blue: another flavour of the same packaging."""
    return np.ascontiguousarray(pixels[..., [1, 2, 0]])


def at_px(longest_px: int) -> Spoil:
    """Scaled to a longer side of so many pixels, up or down."""

    def spoil(pixels: Pixels) -> Pixels:
        scale = longest_px / max(pixels.shape)
        size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(pixels, size, interpolation=how), np.uint8)

    return spoil


def small_in_view(longest_px: int) -> Spoil:
    """Far away: its longer side has so many pixels in the middle of a grey view of 640 × 480."""
    scaled = at_px(longest_px)

    def spoil(pixels: Pixels) -> Pixels:
        view = np.full((*_VIEW_PX, 3), _GREY, np.uint8)
        small = scaled(pixels)
        height, width = small.shape[:2]
        y, x = (_VIEW_PX[0] - height) // 2, (_VIEW_PX[1] - width) // 2
        view[y : y + height, x : x + width] = small
        return view

    return spoil


def moved(share: float) -> Spoil:
    """Smeared across, as by a camera that moves while its shutter is open."""

    def spoil(pixels: Pixels) -> Pixels:
        length = max(1, round(share * max(pixels.shape)))
        return np.asarray(cv2.filter2D(pixels, -1, np.full((1, length), 1 / length)), np.uint8)

    return spoil


def defocused(share: float) -> Spoil:
    """Blurred by a Gaussian of that deviation."""
    return lambda pixels: np.asarray(cv2.GaussianBlur(pixels, (0, 0), share * max(pixels.shape)), np.uint8)


def at_night(gain: float, noise: float) -> Spoil:
    """With so much of the light, and a sensor's noise of so many grey levels, in the grain of a 640 px picture."""

    def spoil(pixels: Pixels) -> Pixels:
        small = at_px(_VIEW_PX[1])(pixels) if max(pixels.shape) > _VIEW_PX[1] else pixels
        dark = small.astype(np.float32) * gain + np.random.default_rng(_SEED).normal(0, noise, small.shape)
        return np.asarray(np.clip(dark, 0, 255), np.uint8)

    return spoil
