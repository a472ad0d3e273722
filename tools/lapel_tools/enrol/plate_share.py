"""How much of a picture is a vehicle's plate: for refusing pictures of one. Nothing is read."""

from __future__ import annotations

import cv2
import numpy as np

from lapel.core.geometry import mask_of
from lapel.core.things import Pixels
from lapel.infer.manifest import ModelStore
from lapel.infer.plates import PlateFinder
from lapel.infer.text_lines import TextFinder

# The finder looks for plates that are small in a scene. So the picture is made small in an empty one, of two sizes: at
# one alone the borders of 3 of 63 pictures of things pass for a plate's, at both of none.
_LOOKS = ((200, 5.5, 2.75), (150, 7.0, 3.5))
# Made so small, a picture may pass for a line of text itself. Seen larger, text takes .30 to .52 of 40 rendered plates,
# .17 and more of them with their surroundings, and of 3 of 4 things that pass for plates up to .10.
_LARGER = (300, 1.6, 1.2)
_LEAST_TEXT = 0.12
# Its main line is long: in 80 pictures of rendered plates 2.0 times as long as high and more, in what else passes for
# a plate of the test kit 1.2 to 1.5.
_LEAST_ASPECT = 1.7
_GROUND = 110


class PlateMeter:
    """Measures how much of a picture is a plate, with the device's finders."""

    def __init__(self, models: ModelStore) -> None:
        self._finder = PlateFinder(models)
        self._lines = TextFinder(models)

    def share(self, pixels: Pixels) -> float:
        """The share of RGB u8[h, w, 3] that is a plate in both looks, 0..1; 0 where no long text takes much of it."""
        if not self._has_long_text(pixels):
            return 0.0
        return min(self._plate_share(pixels, *look) for look in _LOOKS)

    def _has_long_text(self, pixels: Pixels) -> bool:
        scene, inside = _in_a_scene(pixels, *_LARGER)
        covered = np.zeros(scene.shape[:2], np.uint8)
        lines = self._lines.lines(scene)
        for line in lines:
            cv2.fillPoly(covered, [line.corners.astype(np.int32)], (1,))
        if covered[inside].mean() < _LEAST_TEXT:
            return False
        sides = [sorted((line.length_px, line.height_px)) for line in lines]
        shorter, longer = max(sides, key=lambda pair: pair[0] * pair[1])
        return longer >= _LEAST_ASPECT * shorter

    def _plate_share(self, pixels: Pixels, longer_px: int, wide: float, high: float) -> float:
        scene, inside = _in_a_scene(pixels, longer_px, wide, high)
        height, width = scene.shape[:2]
        return float(mask_of(self._finder.find_beside(scene, ()), width, height)[inside].mean())


def _in_a_scene(pixels: Pixels, longer_px: int, wide: float, high: float) -> tuple[Pixels, tuple[slice, slice]]:
    """A picture of that longer side amid an empty scene, so many times as wide and high as that, and its place."""
    scale = longer_px / max(pixels.shape[:2])
    size = tuple(max(1, round(side * scale)) for side in pixels.shape[1::-1])
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    height, width = small.shape[:2]
    scene = np.full((round(high * longer_px), round(wide * longer_px), 3), _GROUND, np.uint8)
    y, x = (scene.shape[0] - height) // 2, (scene.shape[1] - width) // 2
    inside = (slice(y, y + height), slice(x, x + width))
    scene[inside] = small
    return scene, inside
