"""Destroys faces: the only way from a RawFrame to a Frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.capture.raw import RawFrame
from lapel.core.geometry import Box
from lapel.core.things import Frame
from lapel.errors import CannotRedact, LapelError
from lapel.ports import Finder

# One grey for every destroyed pixel: what is there afterwards does not depend on what was there before, so that
# neither upscaling nor averaging over frames can bring anything back.
FILL = (127, 127, 127)
# A held area follows no motion, so it grows: this much a frame since it was found (findings on street video: heads
# of passers-by move by a sixth of their box from frame to frame at most).
HELD_GROWTH = 1.1
DEFAULT_HOLD_FRAMES = 3
# What a model or a runtime raises when it fails. Anything else is a programming error: it ends the process, and
# no frame passes then either.
_FAILURES = (LapelError, cv2.error, RuntimeError, ValueError, TypeError, ArithmeticError, LookupError, MemoryError)


@dataclass(frozen=True, slots=True)
class _Held:
    box: Box
    frames_left: int


class Redactor:
    """Turns raw frames into frames without faces, with a short memory: a face lost for a moment stays destroyed.

    The raw frame is wiped whether or not redaction succeeds.
    """

    def __init__(self, finders: Sequence[Finder], hold_frames: int = DEFAULT_HOLD_FRAMES) -> None:
        if not finders:
            raise ValueError("redaction without a finder would pass every face; give at least one")
        self._finders = tuple(finders)
        self._hold_frames = hold_frames
        self._held: tuple[_Held, ...] = ()

    def redact(self, raw: RawFrame, dropped: int = 0) -> Frame:
        """The frame with every found and every held area destroyed. Raises: CannotRedact, and then nothing passes."""
        try:
            height, width = raw.pixels.shape[:2]
            found = find_all(self._finders, raw.pixels)
            held = tuple(_Held(h.box.grown(HELD_GROWTH), h.frames_left - 1) for h in self._held if h.frames_left > 0)
            areas = without_covered(box.clipped(width, height) for box in (*found, *(h.box for h in held)))
            self._held = (*(_Held(box, self._hold_frames) for box in found), *_still_needed(held, found))
            return Frame(destroyed_copy(raw.pixels, areas), raw.number, raw.at_s, areas, dropped)
        finally:
            raw.wipe()


def find_all(finders: Iterable[Finder], pixels: NDArray[np.uint8]) -> tuple[Box, ...]:
    """What all finders want destroyed in RGB u8[h, w, 3]. Raises: CannotRedact when one fails or answers nonsense."""
    seen = pixels.view()
    seen.setflags(write=False)
    found: list[Box] = []
    for finder in finders:
        try:
            areas = finder.find(seen)
            if not all(_is_sane(area) for area in areas):
                raise ValueError("an area is not a rectangle of whole pixels")
        except _FAILURES as error:
            name = type(finder).__name__
            raise CannotRedact(f"{name}: could not look for faces ({error}); check its model") from error
        found.extend(areas)
    return tuple(found)


def destroyed_copy(pixels: NDArray[np.uint8], areas: Iterable[Box]) -> NDArray[np.uint8]:
    """A read-only copy of RGB u8[h, w, 3] in which every area holds one constant grey."""
    copy = pixels.copy()
    for box in areas:
        copy[box.y0 : box.y1, box.x0 : box.x1] = FILL
    copy.setflags(write=False)
    return copy


def without_covered(areas: Iterable[Box]) -> tuple[Box, ...]:
    """The areas that are not empty and do not lie wholly inside another one, largest first."""
    kept: list[Box] = []
    for box in sorted(areas, key=lambda b: b.area, reverse=True):
        if box.area and not any(box.intersection(other) == box for other in kept):
            kept.append(box)
    return tuple(kept)


def _still_needed(held: Iterable[_Held], found: Sequence[Box]) -> tuple[_Held, ...]:
    """Held areas that were not found again this time: those found again start anew."""
    return tuple(h for h in held if not any(h.box.iou(box) >= 0.3 for box in found))


def _is_sane(area: object) -> bool:
    if not isinstance(area, Box):
        return False
    corners = (area.x0, area.y0, area.x1, area.y1)
    return all(isinstance(c, int) for c in corners) and area.x0 < area.x1 and area.y0 < area.y1
