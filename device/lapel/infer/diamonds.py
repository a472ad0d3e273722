"""Squares that stand on a corner, as the signs of dangerous goods do: found by their edges, and seen straight on."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box
from lapel.core.things import Pixels

FACE_PX = 64
MARGIN_PX = 3
"""Seen about a face, so that it can be shifted: edges are found to a pixel or two."""

_SHORTEST_PX = 20.0  # of a side; smaller ones show no symbol
_LARGEST_PX = 1280  # of a frame's longer side; a larger one is made smaller
_MOST = 24  # squares a frame; each costs about two milliseconds
_MOST_TURNED_DEG = 35.0
_MOST_UNLIKE = 1.8  # longest side by shortest, and one diagonal by the other
_CORNER_DEG = (50.0, 130.0)
_SMOOTHED_PX = (0.0, 2.0)
_EDGES = ((30, 90), (80, 200))


@dataclass(frozen=True, slots=True, eq=False)
class Diamond:
    """A square on its corner: RGB u8[70, 70, 3] with its corners 3 px from the sides, and the box around it."""

    face: Pixels
    box: Box


def diamonds_in(pixels: Pixels) -> tuple[Diamond, ...]:
    """Squares on a corner in RGB u8[h, w, 3], the largest first."""
    scale = min(1.0, _LARGEST_PX / max(pixels.shape[:2]))
    small = pixels if scale == 1.0 else cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found: list[NDArray[np.float32]] = []
    for outline in _outlines(np.asarray(small, np.uint8)):
        corners = _as_diamond(outline)
        if corners is not None and all(np.abs(corners - other).max() > 2.5 for other in found):
            found.append(corners)
    found.sort(key=lambda corners: -float(cv2.contourArea(corners)))
    return tuple(_seen(pixels, corners / scale) for corners in found[:_MOST])


def _outlines(pixels: Pixels) -> list[NDArray[np.int32]]:
    """Closed edges of brightness and of colour."""
    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    found: list[NDArray[np.int32]] = []
    for plane in (grey, np.ascontiguousarray(hsv[..., 1])):
        for smoothed in _SMOOTHED_PX:
            soft = cv2.GaussianBlur(plane, (0, 0), smoothed) if smoothed else plane
            for low, high in _EDGES:
                edges = cv2.dilate(cv2.Canny(soft, low, high), np.ones((3, 3), np.uint8))
                outlines, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
                found += [np.asarray(o, np.int32) for o in outlines if cv2.contourArea(o) >= _SHORTEST_PX**2]
    return found


def _as_diamond(outline: NDArray[np.int32]) -> NDArray[np.float32] | None:
    """Top, right, bottom and left corner, f32[4, 2], where the outline is one; None else."""
    hull = cv2.convexHull(outline)
    if cv2.contourArea(outline) < 0.85 * cv2.contourArea(hull):
        return None
    rough = cv2.approxPolyDP(hull, 0.045 * cv2.arcLength(hull, True), True)
    if len(rough) != 4:
        return None
    corners = np.asarray(rough.reshape(4, 2), np.float32)
    centre = corners.mean(axis=0)
    order = np.argsort(np.arctan2(corners[:, 1] - centre[1], corners[:, 0] - centre[0]))
    corners = corners[order]  # clockwise on the screen
    corners = np.roll(corners, -int(corners[:, 1].argmin()), axis=0)
    return corners if _stands_on_a_corner(corners) else None


def _stands_on_a_corner(corners: NDArray[np.float32]) -> bool:
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.linalg.norm(sides, axis=1)
    if lengths.min() < _SHORTEST_PX or lengths.max() > _MOST_UNLIKE * lengths.min():
        return False
    inward = -np.roll(sides, 1, axis=0)
    cosines = (sides * inward).sum(axis=1) / (lengths * np.roll(lengths, 1))
    angles = np.degrees(np.arccos(np.clip(cosines, -1, 1)))
    if angles.min() < _CORNER_DEG[0] or angles.max() > _CORNER_DEG[1]:
        return False
    upright, across = corners[2] - corners[0], corners[1] - corners[3]
    tall, wide = float(np.linalg.norm(upright)), float(np.linalg.norm(across))
    turned = abs(np.degrees(np.arctan2(upright[0], upright[1])))
    return bool(max(tall, wide) <= _MOST_UNLIKE * min(tall, wide) and turned <= _MOST_TURNED_DEG)


def _seen(pixels: Pixels, corners: NDArray[np.float32]) -> Diamond:
    low, high, middle = MARGIN_PX, MARGIN_PX + FACE_PX, MARGIN_PX + FACE_PX / 2
    target = np.array([[middle, low], [high, middle], [middle, high], [low, middle]], np.float32)
    motion = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    side = FACE_PX + 2 * MARGIN_PX
    # A large face is smoothed first: else a pixel of 64 would see one of several.
    shrunk = float(np.linalg.norm(corners[1] - corners[3])) / FACE_PX
    x0, y0 = np.floor(corners.min(axis=0)).astype(int)
    x1, y1 = np.ceil(corners.max(axis=0)).astype(int)
    if shrunk > 1.5:
        x, y = max(0, x0 - 8), max(0, y0 - 8)
        part = cv2.GaussianBlur(pixels[y : y1 + 8, x : x1 + 8], (0, 0), 0.45 * shrunk)
        motion = motion @ np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64)
    else:
        part = pixels
    face = cv2.warpPerspective(part, motion, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    box = Box(int(x0), int(y0), int(x1), int(y1)).clipped(pixels.shape[1], pixels.shape[0])
    return Diamond(np.asarray(face, np.uint8), box)
