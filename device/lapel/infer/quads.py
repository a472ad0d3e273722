"""Planar four-sided things in a picture: paintings, covers, signs, cards, plates of machines, seen at an angle."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_LARGEST_SHARE = 0.8  # of the picture: a larger one is the picture itself
# How much of its hull a contour must fill: print that touches the border takes much away. At .8 instead, 44 of 120
# things of single pictures are outlined, and not 60.
_LEAST_FILL = 0.55
_MOST_ASPECT = 8.0
# cos of the angle at a corner: up to 55° off a right one, as on a sign seen from the side.
_MOST_COSINE = 0.82
_SIDE_SAMPLES = 12
_ACROSS_PX = 2.5
# A step of so many grey levels across a side is one that a camera would see in any light.
_CLEAR_STEP = 24.0
_LEVELS = (20, 40, 60, 80)  # percentiles of brightness
_LEAST_COLOUR_STEP = 6.0
_CANNY = (40, 110)
_STEP = 2  # contours are followed at half size


@dataclass(frozen=True, slots=True, eq=False)
class Quads:
    """Four corners a thing, ``corners`` f32[n, 4, 2] in order round it, in the picture's pixels, and ``scores``
    f32[n], 0..1: how clearly the four sides stand out and how nearly they are a rectangle's."""

    corners: NDArray[np.float32]
    scores: NDArray[np.float32]

    @property
    def boxes(self) -> NDArray[np.float32]:
        """The upright rectangles about the corners f32[n, 4], half-open."""
        return np.concatenate([self.corners.min(axis=1), self.corners.max(axis=1) + 1], axis=1)


def quads(pixels: NDArray[np.uint8], least_side_px: float = 16.0) -> Quads:
    """Convex quadrilaterals in RGB u8[h, w, 3], best first, overlapping ones included.

    Contours of edges and of levels of brightness and colour are simplified to four corners; those whose upright box
    has a side below ``least_side_px`` are left out. Meant for pictures of a few hundred pixels a side: the cost grows
    with the area.
    """
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    corners = np.concatenate([_corners(plane, least_side_px / _STEP) for plane in _planes(pixels, grey)])
    corners *= np.float32(_STEP)
    scores = _scores(grey, corners)
    order = np.argsort(-scores, kind="stable")
    order = order[scores[order] > 0]
    return Quads(corners[order], scores[order])


def _planes(pixels: NDArray[np.uint8], grey: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Binary pictures of half the size: edges, and what is brighter, or of another colour, than most of the rest."""
    size = max(1, grey.shape[1] // _STEP), max(1, grey.shape[0] // _STEP)
    lab = cv2.cvtColor(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB)
    light, *colours = (np.asarray(plane, np.uint8) for plane in cv2.split(lab))
    light = np.asarray(cv2.medianBlur(light, 3), np.uint8)
    # Thin frames are edges at full size only, thick soft ones at half size only. Growing closes gaps of a few pixels.
    fine = np.asarray(cv2.resize(cv2.Canny(grey, *_CANNY), size, interpolation=cv2.INTER_AREA), np.uint8)
    coarse = np.asarray(cv2.dilate(cv2.Canny(light, *_CANNY), np.ones((3, 3), np.uint8)), np.uint8)
    planes = [_above(fine, 0), coarse]
    planes += [_above(light, level) for level in np.percentile(light[::4, ::4], _LEVELS)]
    for plane in colours:
        sample = plane[::4, ::4]
        middle, step = float(np.median(sample)), max(_LEAST_COLOUR_STEP, float(sample.std()))
        planes += [_above(plane, middle + step), ~_above(plane, middle - step)]
    return planes


def _above(plane: NDArray[np.uint8], level: float) -> NDArray[np.uint8]:
    return np.asarray(cv2.threshold(plane, level, 255, cv2.THRESH_BINARY)[1], np.uint8)


def _corners(plane: NDArray[np.uint8], least_side_px: float) -> NDArray[np.float32]:
    """Corners f32[n, 4, 2] of the contours of a binary picture that are nearly four-sided."""
    height, width = plane.shape
    # All points of a contour are kept, so that the short ones of texture are dropped by their number alone.
    contours, _ = cv2.findContours(plane, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    found = [np.empty((0, 4, 2), np.float32)]
    for contour in contours:
        if len(contour) < 3 * least_side_px:
            continue
        _, _, w, h = cv2.boundingRect(contour)
        if min(w, h) < least_side_px or w * h > _LARGEST_SHARE * height * width:
            continue
        hull = np.asarray(cv2.convexHull(contour), np.int32)
        if cv2.contourArea(contour) < _LEAST_FILL * cv2.contourArea(hull):
            continue
        corners = _four(hull)
        if corners is not None:
            found.append(corners[None])
    return np.concatenate(found)


def _four(hull: NDArray[np.int32]) -> NDArray[np.float32] | None:
    """The four corners that a convex outline has when small dents are smoothed; None where it has others."""
    around = cv2.arcLength(hull, True)
    for tolerance in (0.02, 0.035, 0.05):
        corners = cv2.approxPolyDP(hull, tolerance * around, True)
        if len(corners) == 4:
            return np.asarray(corners[:, 0], np.float32) if cv2.isContourConvex(corners) else None
        if len(corners) < 4:
            return None
    return None


def _scores(grey: NDArray[np.uint8], corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """How clear and how rectangular quads f32[n, 4, 2] are, f32[n] in 0..1."""
    sides = np.roll(corners, -1, axis=1) - corners
    lengths = np.maximum(np.linalg.norm(sides, axis=2), 1e-3)
    units = sides / lengths[..., None]
    cosines = np.abs((units * np.roll(units, -1, axis=1)).sum(axis=2))
    opposite = np.minimum(lengths[:, :2], lengths[:, 2:]) / np.maximum(lengths[:, :2], lengths[:, 2:])
    aspect = lengths.max(axis=1) / lengths.min(axis=1)
    shape = (1 - 0.5 * cosines.max(axis=1)) * (0.5 + 0.5 * opposite.min(axis=1))
    shape[(cosines.max(axis=1) > _MOST_COSINE) | (aspect > _MOST_ASPECT)] = 0
    # Grey on both sides of each side, at points that keep away from the corners.
    along = np.linspace(0.1, 0.9, _SIDE_SAMPLES, dtype=np.float32)
    points = corners[:, :, None] + sides[:, :, None] * along[:, None]
    normals = np.stack([-units[..., 1], units[..., 0]], axis=-1)[:, :, None] * _ACROSS_PX
    one_side, other_side = (_at(grey, np.asarray(points + d * normals, np.float32)) for d in (1, -1))
    clear = (np.abs(one_side - other_side) >= _CLEAR_STEP).mean(axis=2)
    # One side may be hidden or of the ground's own colour: the second worst side speaks for all, the mean with it.
    support = 0.5 * clear.mean(axis=1) + 0.5 * np.sort(clear, axis=1)[:, 1]
    return np.asarray(shape * support, np.float32)


def _at(grey: NDArray[np.uint8], points: NDArray[np.float32]) -> NDArray[np.float32]:
    height, width = grey.shape
    x = np.clip(points[..., 0].round().astype(int), 0, width - 1)
    y = np.clip(points[..., 1].round().astype(int), 0, height - 1)
    return np.asarray(grey[y, x], np.float32)
