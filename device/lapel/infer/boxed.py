"""The check digit of a container's number: one sign in a box of its own, right of the serial."""

from __future__ import annotations

import cv2
import numpy as np

from lapel.core.things import Pixels
from lapel.infer.text_lines import TextLine
from lapel.infer.text_reader import cut_upright

# It stands within so many heights of the line; the box is up to this much higher than the line.
_REACH = 3.4
_HIGHER = 0.3
_RIM = 0.14  # of the box's side, cut off so that the reader does not take it for a sign


def digits_after(pixels: Pixels, line: TextLine) -> tuple[Pixels, ...]:
    """Pictures that may hold the sign right of a lying line, the likeliest first."""
    strip = cut_upright(pixels, _right_of(line))
    boxed = _inside_of_box(strip)
    return (strip,) if boxed is None else (boxed, strip)


def _right_of(line: TextLine) -> TextLine:
    along = (line.corners[1] - line.corners[0]) / max(line.length_px, 1) * line.height_px
    down = (line.corners[3] - line.corners[0]) * _HIGHER / 2
    upper, lower = line.corners[1] - down, line.corners[2] + down
    corners = np.array([upper, upper + along * _REACH, lower + along * _REACH, lower], np.float32)
    return TextLine(corners, line.score)


def _inside_of_box(strip: Pixels) -> Pixels | None:
    """What the first nearly square outline encloses that lies wholly in the strip."""
    grey = cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY)
    _, dark = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    best: tuple[int, int, int, int] | None = None
    for mask in (dark, cv2.bitwise_not(dark)):
        for outline in cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]:
            x, y, w, h = cv2.boundingRect(outline)
            is_square = 0.55 < w / h < 1.5 and h > 0.45 * strip.shape[0] and w < 0.8 * strip.shape[1]
            is_whole = x > 0 and y > 0 and x + w < strip.shape[1] and y + h < strip.shape[0]
            is_box = is_whole and cv2.contourArea(cv2.convexHull(outline)) > 0.78 * w * h
            if is_square and is_box and (best is None or x < best[0] - 2):
                best = (x, y, w, h)
    if best is None:
        return None
    x, y, w, h = best
    dx, dy = round(w * _RIM), round(h * _RIM)
    inner = strip[y + dy : y + h - dy, x + dx : x + w - dx]
    if min(inner.shape[:2]) < 6:
        return None
    return np.asarray(cv2.copyMakeBorder(inner, 3, 3, 6, 6, cv2.BORDER_REPLICATE), np.uint8)
