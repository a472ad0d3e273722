"""Draws black symbols from curves and discs, smooth at any size."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Ink = NDArray[np.float32]

_FINER = 4  # drawn so many times larger, then made smaller: smooth edges
_STEPS = 12  # of a curve between two of its points


class Pen:
    """Draws on a square from -1, -1 (top left) to 1, 1; ``ink`` is what has been drawn."""

    def __init__(self, side_px: int) -> None:
        self._side = side_px
        self._canvas = np.zeros((side_px * _FINER, side_px * _FINER), np.uint8)

    def ink(self) -> Ink:
        """How black each pixel is, f32[side, side], 0 to 1."""
        small = cv2.resize(self._canvas, (self._side, self._side), interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float32) / np.float32(255)

    def shape(self, *curves: tuple[Point, ...], hole: bool = False) -> None:
        """Fill what curves enclose that follow each other; each is smooth, and where two meet is a corner."""
        outline = np.concatenate([_smooth(np.array(curve, np.float64)) for curve in curves])
        cv2.fillPoly(self._canvas, [self._at(outline)], 0 if hole else 255)

    def polygon(self, *points: Point, hole: bool = False) -> None:
        """Fill what straight lines enclose."""
        cv2.fillPoly(self._canvas, [self._at(np.array(points))], 0 if hole else 255)

    def disc(self, x: float, y: float, radius: float, hole: bool = False) -> None:
        """Fill a disc."""
        self.ellipse(x, y, radius, radius, hole=hole)

    def ellipse(self, x: float, y: float, across: float, down: float, turn: float = 0, hole: bool = False) -> None:
        """Fill an ellipse of two radii, turned clockwise by degrees."""
        angles = np.linspace(0, 2 * np.pi, 96, endpoint=False)
        points = np.stack([across * np.cos(angles), down * np.sin(angles)], axis=1) @ _turned(turn).T
        cv2.fillPoly(self._canvas, [self._at(points + np.array((x, y)))], 0 if hole else 255)

    def line(self, *points: Point, width: float, hole: bool = False) -> None:
        """Draw straight lines with round ends."""
        thick = max(1, round(width * self._canvas.shape[0] / 2))
        path = self._at(np.array(points))
        cv2.polylines(self._canvas, [path], False, 0 if hole else 255, thick)
        for x, y in points:
            self.disc(x, y, width / 2, hole=hole)

    def bar(self, x: float, y: float, long: float, wide: float, turn: float, hole: bool = False) -> None:
        """Fill a rectangle about its middle, turned clockwise by degrees."""
        corners = np.array([(-long, -wide), (long, -wide), (long, wide), (-long, wide)]) / 2
        cv2.fillPoly(self._canvas, [self._at(corners @ _turned(turn).T + np.array((x, y)))], 0 if hole else 255)

    def _at(self, points: NDArray[np.float64]) -> NDArray[np.int32]:
        return np.asarray(((points + 1) / 2 * self._canvas.shape[0]).round(), np.int32)


def _turned(degrees: float) -> NDArray[np.float64]:
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points along the curve through points (Catmull and Rom, 1974)."""
    if len(points) < 3:
        return points
    ends = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    t = np.linspace(0, 1, _STEPS, endpoint=False)[:, None]
    parts = []
    for a, b, c, d in zip(ends[:-3], ends[1:-2], ends[2:-1], ends[3:], strict=True):
        parts.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate([*parts, points[-1:]])
