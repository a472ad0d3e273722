"""Orange panels: the plates of ADR 5.3.2 that say by two numbers what a vehicle carries. By colour and shape."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box
from lapel.core.things import Pixels
from lapel.infer.text_lines import clockwise

# ADR 5.3.2.2.1 and .2: 400 × 300 mm (300 × 120 for narrow vehicles, without numbers), black border of 15 mm, digits
# of 100 mm, a black bar of 15 mm halfway up.
Shade = tuple[int, int, int]
_WIDE, _HIGH = 200, 150
_BORDER = 0.05
_ASPECTS = (1.0, 1.75)
# Hue of OpenCV (0..179), saturation and value: RAL 2004 and its neighbours, first as in good light, where nothing
# near is taken for it, then as in shade and lamp light.
_ORANGES = (((3, 150, 60), (16, 255, 255)), ((2, 105, 75), (22, 255, 255)))
# Closing bridges the bar, which cuts a panel in two, and must not bridge the rim to what is behind.
_BRIDGED_PX = (1, 5, 11)
_SHORTEST_PX = 20
_MOST_PANELS = 8
_LEAST_FILLED = 0.72
_LEAST_BAR = 0.75


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """A panel seen straight on, RGB u8[150, 200, 3], and the smallest box around it in its picture."""

    face: Pixels
    box: Box

    @property
    def upper(self) -> Pixels:
        """The line above the bar: what the danger is."""
        return _inked(self.face[round(_HIGH * _BORDER) : round(_HIGH * 0.475), _sides()])

    @property
    def lower(self) -> Pixels:
        """The line below the bar: what the substance is."""
        return _inked(self.face[round(_HIGH * 0.525) : round(_HIGH * (1 - _BORDER)), _sides()])


def panels_in(pixels: Pixels) -> tuple[Panel, ...]:
    """Orange panels with a bar across in RGB u8[h, w, 3], those of the purest orange first."""
    hsv = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV), np.uint8)
    outlines = [outline for low, high in _ORANGES for outline in _outlines(hsv, low, high)]
    found: list[Panel] = []
    for outline in outlines:
        if len(found) == _MOST_PANELS:
            break
        panel = _panel(pixels, outline)
        if panel is not None and all(panel.box.iou(other.box) < 0.3 for other in found):
            found.append(panel)
    return tuple(found)


def _outlines(hsv: Pixels, low: Shade, high: Shade) -> list[NDArray[np.int32]]:
    mask = cv2.inRange(hsv, np.array(low, np.uint8), np.array(high, np.uint8))
    found: list[NDArray[np.int32]] = []
    for side in _BRIDGED_PX:
        block = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
        joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, block)
        outlines, _ = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        found += [np.asarray(outline, np.int32) for outline in outlines if cv2.contourArea(outline) >= _SHORTEST_PX**2]
    return sorted(found, key=cv2.contourArea, reverse=True)


def _panel(pixels: Pixels, outline: NDArray[np.int32]) -> Panel | None:
    hull = np.asarray(cv2.convexHull(outline), np.int32)
    (_, (w, h), _) = cv2.minAreaRect(hull)
    if min(w, h) < _SHORTEST_PX or cv2.contourArea(hull) < _LEAST_FILLED * w * h:
        return None
    corners = clockwise(_corners(hull))
    across = float(np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3])) / 2
    down = float(np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2
    if not _ASPECTS[0] <= across / max(down, 1) <= _ASPECTS[1]:
        return None
    target = np.array([[0, 0], [_WIDE, 0], [_WIDE, _HIGH], [0, _HIGH]], np.float32)
    motion = cv2.getPerspectiveTransform(corners, target)
    face = np.asarray(cv2.warpPerspective(pixels, motion, (_WIDE, _HIGH), flags=cv2.INTER_CUBIC), np.uint8)
    x, y, wide, high = cv2.boundingRect(outline)
    return Panel(face, Box(x, y, x + wide, y + high)) if _has_bar(face) else None


def _corners(hull: NDArray[np.int32]) -> NDArray[np.float32]:
    """The four corners of a hull seen at an angle; its smallest rectangle where it has no four."""
    length = cv2.arcLength(hull, closed=True)
    for share in (0.02, 0.04, 0.06, 0.08):
        rough = cv2.approxPolyDP(hull, share * length, closed=True)
        if len(rough) == 4:
            return np.asarray(rough.reshape(4, 2), np.float32)
    return np.asarray(cv2.boxPoints(cv2.minAreaRect(hull)), np.float32)


def _has_bar(face: Pixels) -> bool:
    """Whether a dark bar runs across the middle, with orange ground on both sides of it."""
    value = face.max(axis=2).astype(np.float32)
    inner = value[:, round(_WIDE * 0.08) : round(_WIDE * 0.92)]
    ground = float(np.percentile(inner, 75))
    middle = inner[round(_HIGH * 0.43) : round(_HIGH * 0.57)]
    return float((middle.min(axis=0) < 0.72 * ground).mean()) >= _LEAST_BAR and ground > 60


def _sides() -> slice:
    return slice(round(_WIDE * _BORDER), round(_WIDE * (1 - _BORDER)))


def _inked(half: Pixels) -> Pixels:
    """A line's digits with some ground about them."""
    value = half.max(axis=2)
    level, _ = cv2.threshold(value, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    dark = value <= level
    dark[:2] = dark[-2:] = False
    columns, rows = np.flatnonzero(dark.sum(axis=0) > 3), np.flatnonzero(dark.sum(axis=1) > 3)
    if not len(columns) or not len(rows):
        return half
    left, right = max(0, int(columns[0]) - 8), min(half.shape[1], int(columns[-1]) + 9)
    top, bottom = max(0, int(rows[0]) - 5), min(half.shape[0], int(rows[-1]) + 6)
    return np.ascontiguousarray(half[top:bottom, left:right])
