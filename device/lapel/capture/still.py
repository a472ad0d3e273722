"""A single picture without its faces, for enrolment and evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from lapel.capture.destroy import destroyed_copy, without_covered
from lapel.capture.picture import read_picture
from lapel.capture.redact import find_all
from lapel.core.geometry import Box
from lapel.core.things import Frame, Pixels
from lapel.ports import Finder

# Finders look at a copy no longer than this: a face that matters in a larger still is large there.
LONGEST_LOOKED_AT_PX = 1920


def redact_still(picture: Path | Pixels, finders: Sequence[Finder]) -> Frame:
    """A picture file, or RGB u8[h, w, 3] (left as it is), with every face destroyed at full resolution.

    Raises: MediaError for a file that is no good picture; CannotRedact when a finder fails.
    """
    if not finders:
        raise ValueError("redaction without a finder would pass every face; give at least one")
    if not isinstance(picture, Path):
        return _redacted(picture, finders)
    raw = read_picture(picture)
    try:
        return _redacted(raw.pixels, finders)
    finally:
        raw.wipe()


def _redacted(pixels: Pixels, finders: Sequence[Finder]) -> Frame:
    height, width = pixels.shape[:2]
    scale = max(1.0, max(width, height) / LONGEST_LOOKED_AT_PX)
    found = find_all(finders, pixels) if scale == 1 else _found_smaller(pixels, scale, finders)
    areas = without_covered(_scaled(box, scale).clipped(width, height) for box in found)
    return Frame(destroyed_copy(pixels, areas), number=0, at_s=0.0, destroyed=areas)


def _found_smaller(pixels: Pixels, scale: float, finders: Sequence[Finder]) -> tuple[Box, ...]:
    """What finders want destroyed in a smaller copy, in its pixels. The copy is wiped."""
    height, width = pixels.shape[:2]
    size = (max(1, round(width / scale)), max(1, round(height / scale)))
    smaller = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    try:
        return find_all(finders, smaller)
    finally:
        smaller.fill(0)


def _scaled(box: Box, scale: float) -> Box:
    """The box in a picture ``scale`` times as large, rounded outwards."""
    if scale == 1:
        return box
    return Box(
        int(box.x0 * scale // 1), int(box.y0 * scale // 1), -int(-box.x1 * scale // 1), -int(-box.y1 * scale // 1)
    )
