"""Finds what may be a plate on a vehicle, by its strokes alone: to be destroyed where no text is ever read."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box
from lapel.core.things import Pixels

NARROWEST_VEHICLE_PX, _LOWEST_VEHICLE_PX = 60, 20
_LOOKED_AT_PX = 400  # a vehicle's width, shrunk or enlarged: strokes are then a few pixels apart
_LARGEST_ENLARGEMENT = 2.0
# Of the vehicle's width: how far apart the strokes of one plate stand, and what a plate takes of it.
_GAPS = (0.02, 0.04)
_WIDTHS = (0.07, 0.45)
_ASPECTS = (1.2, 9.0)  # its length over its height
_LEAST_STROKE = 70  # grey levels of the Sobel operator: what is fainter is out of focus, and nobody reads it
_HIGHEST = 0.35  # of the vehicle's height, from above: lamps and windows are there
_FLATTEST = 0.35  # a vehicle's height over its width, seen whole and not from its side
_LEAST_FILLED = 0.35  # of the area that its strokes take once gaps are closed
_MOST_AREAS = 3  # of one vehicle, those with the most strokes first
_GROWTH = (1.3, 1.9)  # to the plate's border, with room for the next frame


def plate_like(pixels: Pixels, vehicles: Sequence[Box]) -> tuple[Box, ...]:
    """Areas in RGB u8[h, w, 3], on vehicles, of closely set upright strokes as a plate's letters have them.

    It errs to the side of destroying: lights, grilles and lettering of a vehicle go too. Of 40 rendered plates 39 are
    covered where the vehicle is known, for 2 ms a frame of a street; ``PlateFinder`` takes 50 and covers 35.
    """
    height, width = pixels.shape[:2]
    inside = (box.clipped(width, height) for box in vehicles)
    shown = (box for box in inside if box.width >= NARROWEST_VEHICLE_PX and box.height >= _LOWEST_VEHICLE_PX)
    return tuple(area for box in shown for area in _on(pixels, box))


def _on(pixels: Pixels, vehicle: Box) -> list[Box]:
    scale = min(_LOOKED_AT_PX / vehicle.width, _LARGEST_ENLARGEMENT)
    crop = cv2.cvtColor(pixels[vehicle.y0 : vehicle.y1, vehicle.x0 : vehicle.x1], cv2.COLOR_RGB2GRAY)
    shown = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    strokes = np.abs(cv2.Sobel(cv2.GaussianBlur(shown, (3, 3), 0), cv2.CV_16S, 1, 0))
    strokes = np.minimum(strokes, 255).astype(np.uint8)
    limit, _ = cv2.threshold(strokes, 0, 255, cv2.THRESH_OTSU)
    marked = (strokes > max(limit, _LEAST_STROKE)).astype(np.uint8)
    # Of one that the picture cuts from above the upper part is not in it.
    is_cut = vehicle.y0 == 0 and vehicle.height < _FLATTEST * vehicle.width
    highest = 0.0 if is_cut else _HIGHEST * len(marked)
    found = [group for gap in _GAPS for group in _groups(marked, strokes, gap, highest)]
    found.sort(key=lambda one: -one[0])
    return [_in_picture(box, vehicle, scale) for _, box in found[:_MOST_AREAS]]


def _groups(
    marked: NDArray[np.uint8], strokes: NDArray[np.uint8], gap: float, highest: float
) -> list[tuple[float, Box]]:
    width = strokes.shape[1]
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (max(3, round(gap * width)), 3))
    closed = cv2.morphologyEx(marked, cv2.MORPH_CLOSE, kernel)
    closed = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(closed)
    found = []
    for x, y, w, h, area in stats[1:count]:
        fits = _WIDTHS[0] * width <= w <= _WIDTHS[1] * width and _ASPECTS[0] <= w / h <= _ASPECTS[1]
        if fits and y + h / 2 >= highest and area >= _LEAST_FILLED * w * h:
            found.append((float(strokes[y : y + h, x : x + w].mean()) * float(np.sqrt(area)), Box(x, y, x + w, y + h)))
    return found


def _in_picture(box: Box, vehicle: Box, scale: float) -> Box:
    x0, y0, x1, y1 = (round(side / scale) for side in (box.x0, box.y0, box.x1, box.y1))
    return Box(x0, y0, x1, y1).grown(*_GROWTH).shifted(vehicle.x0, vehicle.y0)
