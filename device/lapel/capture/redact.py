"""Destroys faces: the only way from a RawFrame to a Frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import cv2

from lapel.capture.delay import DelayLine, Waiting
from lapel.capture.memory import Memory
from lapel.capture.motion import Motion
from lapel.capture.raw import RawFrame
from lapel.core.geometry import Box
from lapel.core.things import Pixels
from lapel.errors import CannotRedact, LapelError
from lapel.ports import Finder

DEFAULT_HOLD_FRAMES = 3
DEFAULT_DELAY_FRAMES = 5
# What a model or a runtime raises when it fails. Anything else is a programming error: it ends the process, and
# no frame passes then either.
_FAILURES = (LapelError, cv2.error, RuntimeError, ValueError, TypeError, ArithmeticError, LookupError, MemoryError)


class Redactor:
    """Turns raw frames into frames without faces. A frame leaves ``delay_frames`` frames after it came.

    What is found is destroyed at once in its own frame, along its motion in those that still wait, and for
    ``hold_frames`` frames in those that come. A raw frame is wiped when it leaves, or cannot be redacted.
    """

    def __init__(
        self, finders: Sequence[Finder], hold_frames: int = DEFAULT_HOLD_FRAMES, delay_frames: int = 0
    ) -> None:
        if not finders:
            raise ValueError("redaction without a finder would pass every face; give at least one")
        self._finders = tuple(finders)
        self._motion = Motion()
        self._memory = Memory(hold_frames)
        self._line = DelayLine(delay_frames)

    def take(self, raw: RawFrame, dropped: int = 0) -> None:
        """Take a frame into the line; ``dropped`` frames were lost since the one before.

        Raises: CannotRedact; then the frame is wiped, and the line moves on without it.
        """
        try:
            found = find_all(self._finders, raw.pixels)
        except CannotRedact:
            raw.wipe()
            self._line.add(None)
            raise
        except BaseException:
            raw.wipe()
            raise
        field = self._motion.since_last(raw.pixels)
        remembered = self._memory.after(found, field)
        self._line.destroy_before(raw.pixels, remembered.new, field)
        self._line.add(Waiting(raw, (*found, *remembered.awaited), field, dropped))

    def due(self) -> Iterator[Waiting]:
        """Frames that have waited long enough, oldest first."""
        return self._line.due()

    def rest(self) -> Iterator[Waiting]:
        """All frames that wait, oldest first: no others come, or not soon."""
        self._motion.forget()
        return self._line.rest()


def find_all(finders: Iterable[Finder], pixels: Pixels) -> tuple[Box, ...]:
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


def _is_sane(area: object) -> bool:
    if not isinstance(area, Box):
        return False
    corners = (area.x0, area.y0, area.x1, area.y1)
    return all(isinstance(c, int) for c in corners) and area.x0 < area.x1 and area.y0 < area.y1
