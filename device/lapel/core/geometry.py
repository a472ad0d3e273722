"""Rectangles in a picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_ROUNDING = 0.02


@dataclass(frozen=True, slots=True)
class Box:
    """A half-open rectangle in pixels: ``x0 <= x < x1``, ``y0 <= y < y1``."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        """Pixels from left to right, >= 0."""
        return max(0, self.x1 - self.x0)

    @property
    def height(self) -> int:
        """Pixels from top to bottom, >= 0."""
        return max(0, self.y1 - self.y0)

    @property
    def area(self) -> int:
        """Pixels inside, >= 0."""
        return self.width * self.height

    def intersection(self, other: Box) -> Box:
        """What two boxes share; a box of area 0 where they share nothing."""
        return Box(max(self.x0, other.x0), max(self.y0, other.y0), min(self.x1, other.x1), min(self.y1, other.y1))

    def iou(self, other: Box) -> float:
        """Intersection over union, 0..1."""
        shared = self.intersection(other).area
        union = self.area + other.area - shared
        return shared / union if union else 0.0

    def share_inside(self, other: Box) -> float:
        """The share of this box that lies inside ``other``, 0..1."""
        return self.intersection(other).area / self.area if self.area else 0.0

    def touches(self, areas: Iterable[Box]) -> bool:
        """Whether more than a fiftieth of this box lies inside any one of some areas: less is rounding."""
        return any(self.share_inside(area) > _ROUNDING for area in areas)

    def clipped(self, width: int, height: int) -> Box:
        """The part inside a picture of ``width`` × ``height`` pixels."""
        return self.intersection(Box(0, 0, width, height))

    def grown(self, across: float, down: float | None = None) -> Box:
        """The box about the same centre, ``across`` times as wide and ``down`` times as high, or both alike, rounded
        outwards."""
        dx, dy = self.width * (across - 1) / 2, self.height * ((across if down is None else down) - 1) / 2
        return Box(
            int((self.x0 - dx) // 1), int((self.y0 - dy) // 1), -int((-self.x1 - dx) // 1), -int((-self.y1 - dy) // 1)
        )

    def shifted(self, dx: int, dy: int) -> Box:
        """The box moved right by ``dx`` and down by ``dy``."""
        return Box(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)


def mask_of(areas: Iterable[Box], width: int, height: int) -> NDArray[np.bool_]:
    """Which pixels of a picture lie in any of some areas, bool[h, w]; areas may reach beyond it."""
    mask = np.zeros((height, width), np.bool_)
    for area in areas:
        inside = area.clipped(width, height)
        if inside.area:  # beyond the left or upper edge its ends would count from the other one
            mask[inside.y0 : inside.y1, inside.x0 : inside.x1] = True
    return mask


def covered_share(box: Box, areas: Iterable[Box]) -> float:
    """The share of a box that lies inside any of some areas, 0..1; what several cover counts once."""
    within = (area.shifted(-box.x0, -box.y0) for area in areas)
    return float(mask_of(within, box.width, box.height).mean()) if box.area else 0.0


def whole(width: int, height: int) -> Box:
    """The box of a whole picture."""
    return Box(0, 0, width, height)
