"""Draws a face that belongs to nobody, and that finders of faces find: shaded ellipses, with a mark on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float32]
Colour = tuple[int, int, int]

# The mark: cells of skin made lighter or darker, so large that a JPEG, a codec or a copy of a quarter's size keeps
# them, and so many that nothing else looks like them by chance.
CELLS = 10
DEPTH = 40.0
_MARK_SEED = 20_251

_SIDE_PX = 400  # of the square in which the face is drawn; everything below is in shares of it
MARK = (0.28, 0.30, 0.72, 0.74)
_MARGIN_X, _MARGIN_TOP, _BUST = 0.14, 0.08, 0.16
# centre x, centre y, half width, half height, softness of the rim, how opaque, colour: from the first to the last
_FEATURES: tuple[tuple[float, float, float, float, float, float, Colour], ...] = (
    (0.375, 0.430, 0.085, 0.055, 1.5, 0.45, (110, 75, 60)),
    (0.625, 0.430, 0.085, 0.055, 1.5, 0.45, (110, 75, 60)),
    (0.375, 0.440, 0.055, 0.024, 6.0, 1.0, (235, 230, 225)),
    (0.625, 0.440, 0.055, 0.024, 6.0, 1.0, (235, 230, 225)),
    (0.375, 0.440, 0.024, 0.026, 6.0, 1.0, (70, 45, 30)),
    (0.625, 0.440, 0.024, 0.026, 6.0, 1.0, (70, 45, 30)),
    (0.375, 0.365, 0.085, 0.018, 6.0, 1.0, (60, 40, 30)),
    (0.625, 0.365, 0.085, 0.018, 6.0, 1.0, (60, 40, 30)),
    (0.375, 0.415, 0.060, 0.010, 6.0, 0.7, (50, 30, 25)),
    (0.625, 0.415, 0.060, 0.010, 6.0, 0.7, (50, 30, 25)),
    (0.460, 0.605, 0.020, 0.014, 3.0, 0.7, (70, 35, 30)),
    (0.540, 0.605, 0.020, 0.014, 3.0, 0.7, (70, 35, 30)),
    (0.490, 0.530, 0.020, 0.100, 1.5, 0.35, (255, 225, 205)),
    (0.535, 0.550, 0.022, 0.090, 1.5, 0.35, (120, 80, 65)),
    (0.500, 0.600, 0.055, 0.030, 1.5, 0.3, (150, 100, 85)),
    (0.500, 0.715, 0.100, 0.022, 3.0, 1.0, (165, 80, 80)),
    (0.500, 0.712, 0.095, 0.006, 3.0, 1.0, (70, 25, 30)),
    (0.500, 0.755, 0.060, 0.012, 1.5, 0.3, (110, 75, 60)),
)
_SKIN, _HAIR, _NECK, _COAT = (205, 160, 135), (50, 36, 28), (160, 120, 100), (60, 70, 110)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A drawn head and shoulders: ``colour`` f32[h, w, 3] 0..255, ``cover`` f32[h, w, 1] 0..1, and where on it the mark
    is, as x0 y0 x1 y1 in its pixels."""

    colour: Real
    cover: Real
    mark: tuple[int, int, int, int]

    def on(self, picture: NDArray[np.uint8], x0: int, y0: int) -> NDArray[np.uint8]:
        """RGB u8[h, w, 3] with the head in it, its corner at x0, y0; what does not fit is cut off."""
        height, width = picture.shape[:2]
        top, left = max(0, y0), max(0, x0)
        bottom, right = min(height, y0 + len(self.colour)), min(width, x0 + self.colour.shape[1])
        out = picture.copy()
        if bottom <= top or right <= left:
            return out
        inside = np.s_[top - y0 : bottom - y0, left - x0 : right - x0]
        below = out[top:bottom, left:right]
        mixed = below * (1 - self.cover[inside]) + self.colour[inside] * self.cover[inside]
        out[top:bottom, left:right] = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
        return out


@lru_cache(maxsize=1)
def mark_cells() -> Real:
    """The mark: f32[CELLS, CELLS] of -1 and 1."""
    chance = np.random.default_rng(_MARK_SEED)
    return np.where(chance.random((CELLS, CELLS)) < 0.5, -1, 1).astype(np.float32)


@lru_cache(maxsize=64)
def drawn(head_px: int, is_mirrored: bool = False) -> Drawn:
    """The figure with a head about ``head_px`` high."""
    colour, cover = _figure()
    scale = head_px / (0.9 * _SIDE_PX)
    size = (round(colour.shape[1] * scale), round(colour.shape[0] * scale))
    small = np.asarray(cv2.resize(colour, size, interpolation=cv2.INTER_AREA), np.float32)
    mask = np.asarray(cv2.resize(cover, size, interpolation=cv2.INTER_AREA), np.float32)[..., None]
    x0, y0, x1, y1 = MARK
    left, right = (_MARGIN_X + x0) * _SIDE_PX * scale, (_MARGIN_X + x1) * _SIDE_PX * scale
    top, bottom = (_MARGIN_TOP + y0) * _SIDE_PX * scale, (_MARGIN_TOP + y1) * _SIDE_PX * scale
    if is_mirrored:
        small, mask = small[:, ::-1], mask[:, ::-1]
        left, right = size[0] - right, size[0] - left
    return Drawn(small, mask, (int(left), int(top), round(right), round(bottom)))


def _figure() -> tuple[Real, Real]:
    width, height = round((1 + 2 * _MARGIN_X) * _SIDE_PX), round((1 + _MARGIN_TOP + _BUST) * _SIDE_PX)
    colour, cover = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    left, top, side = round(_MARGIN_X * _SIDE_PX), round(_MARGIN_TOP * _SIDE_PX), _SIDE_PX
    middle = left + side // 2
    for canvas, paints in ((colour, (_COAT, _NECK, _HAIR)), (cover, (1, 1, 1))):
        coat, neck, hair = paints
        cv2.ellipse(canvas, (middle, height + side // 10), (side * 3 // 5, side // 4), 0, 0, 360, coat, -1)
        cv2.rectangle(canvas, (middle - side // 8, top + side * 4 // 5), (middle + side // 8, height), neck, -1)
        cv2.ellipse(
            canvas, (middle, top + side * 43 // 100), (side * 385 // 1000, side * 46 // 100), 0, 0, 360, hair, -1
        )
    face, shape = _face()
    where = np.s_[top : top + side, left : left + side]
    colour[where] = colour[where] * (1 - shape[..., None]) + face * shape[..., None]
    cover[where] = np.maximum(cover[where], shape)
    return colour, cover


def _face() -> tuple[Real, Real]:
    y, x = (np.mgrid[0:_SIDE_PX, 0:_SIDE_PX] / _SIDE_PX).astype(np.float32)
    across, down = (x - 0.5) / 0.34, (y - 0.5) / 0.45
    radius = across**2 + down**2
    towards = np.sqrt(np.clip(1 - radius, 0, 1))
    light = 0.45 + 0.6 * np.clip(-0.35 * across - 0.35 * down + 0.85 * towards, 0, 1)
    face = np.array(_SKIN, np.float32) * light[..., None]
    for centre_x, centre_y, half_x, half_y, soft, opaque, paint in _FEATURES:
        inside = 1 - ((x - centre_x) / half_x) ** 2 - ((y - centre_y) / half_y) ** 2
        mask = (np.clip(inside * soft, 0, 1) * opaque)[..., None]
        face = face * (1 - mask) + np.array(paint, np.float32) * mask
    x0, y0, x1, y1 = (round(edge * _SIDE_PX) for edge in MARK)
    cells = cv2.resize(mark_cells(), (x1 - x0, y1 - y0), interpolation=cv2.INTER_NEAREST)
    face[y0:y1, x0:x1] += DEPTH * cells[..., None]
    under_hair = np.clip((0.19 + 0.35 * (x - 0.5) ** 2 - y) * 20, 0, 1)
    shape = np.clip((1 - radius) * 12, 0, 1) * (1 - under_hair)
    return np.clip(face, 0, 255).astype(np.float32), shape.astype(np.float32)
