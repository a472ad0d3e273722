"""Whether the ground that a line of text stands on ends beside it, as a plate does, or goes on, as a wall does."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.things import Pixels
from lapel.infer.text_lines import TextLine

# Distance in CIE Lab (8-bit) from which on a colour is another one: a container's waves and rust stay below.
_OTHER_COLOUR = 14.0
_HEIGHT_PX = 32  # of a line as it is looked at here
# How far from the text, in its heights, its surroundings begin and end: a plate's rim lies before them.
_NEAR, _FAR = 0.3, 0.8
_NEAR_SIDE, _FAR_SIDE = 0.5, 1.1


@dataclass(frozen=True, slots=True)
class Ground:
    """On which sides of a line its ground goes on."""

    above: bool
    below: bool
    left: bool
    right: bool

    @property
    def ends_above_and_below(self) -> bool:
        """Whether it ends on both sides, as the ground of a plate with one line does."""
        return not (self.above or self.below)

    @property
    def is_bounded(self) -> bool:
        """Whether it ends above and below, or, for one of two lines, on one of them and at an end at least."""
        return self.ends_above_and_below or (self.above != self.below and not (self.left and self.right))


def ground_of(pixels: Pixels, line: TextLine) -> Ground:
    """The ground of a line in RGB u8[h, w, 3]; it counts as ended where the picture does."""
    high = _HEIGHT_PX
    long = max(high, round(high * line.length_px / max(line.height_px, 1)))
    dx, dy = round(_FAR_SIDE * high), round(_FAR * high)
    inner = np.array([[dx, dy], [dx + long, dy], [dx + long, dy + high], [dx, dy + high]], np.float32)
    motion = cv2.getPerspectiveTransform(line.corners.astype(np.float32), inner)
    seen = cv2.warpPerspective(pixels, motion, (long + 2 * dx, high + 2 * dy), borderMode=cv2.BORDER_CONSTANT)
    lab = cv2.cvtColor(seen, cv2.COLOR_RGB2LAB).astype(np.float32)
    own = _two_colours(lab[dy + high // 8 : dy + high - high // 8, dx + high // 4 : dx + long - high // 4])
    near, side = round((_FAR - _NEAR) * high), round((_FAR_SIDE - _NEAR_SIDE) * high)
    strips = (
        lab[:near, dx : dx + long],
        lab[-near:, dx : dx + long],
        lab[dy : dy + high, :side],
        lab[dy : dy + high, -side:],
    )
    above, below, left, right = (_goes_on(strip, own) for strip in strips)
    return Ground(above, below, left, right)


def _goes_on(strip: NDArray[np.float32], colours: tuple[NDArray[np.float32], ...]) -> bool:
    beside = np.median(strip.reshape(-1, 3), axis=0)
    return any(float(np.linalg.norm(beside - colour)) < _OTHER_COLOUR for colour in colours)


def _two_colours(patch: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    """A line's ground and its ink. Which is which does not show: bold signs cover more than half of it."""
    light = patch[..., 0].astype(np.uint8)
    level, _ = cv2.threshold(light, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    parts = (patch[light > level], patch[light <= level])
    return tuple(np.asarray(np.median(part, axis=0), np.float32) for part in parts if len(part))
