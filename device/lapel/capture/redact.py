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
    ``hold_frames`` frames in those that come. A raw frame is wiped when it leaves, or cannot be redacted. Finders may
    spread their looks over ``delay_frames`` frames: as many looks are taken before a frame leaves, whatever happens.
    """

    def __init__(
        self, finders: Sequence[Finder], hold_frames: int = DEFAULT_HOLD_FRAMES, delay_frames: int = 0
    ) -> None:
        if not finders:
            raise ValueError("redaction without a finder would pass every face; give at least one")
        self._finders = tuple(finders)
        self._motion = Motion()
        self._memory = Memory(hold_frames)
        self._delay_frames = delay_frames
        self._last: RawFrame | None = None
        self._line = DelayLine(delay_frames)

    def take(self, raw: RawFrame, dropped: int = 0) -> None:
        """Take a frame into the line; ``dropped`` frames were lost since the one before.

        Raises: CannotRedact; then the frame is wiped, and the line moves on without it.
        """
        try:
            self._line.add(self._redacted(raw, dropped))
        except CannotRedact:
            raw.wipe()
            self._line.add(None)
            raise
        except BaseException:
            raw.wipe()
            raise

    def due(self) -> Iterator[Waiting]:
        """Frames that have waited long enough, oldest first."""
        return self._line.due()

    def rest(self) -> Iterator[Waiting]:
        """All frames that wait, oldest first: no others come, or not soon. The looks that those would have had are
        taken at the newest of these. Raises: CannotRedact; then frames are left that must be ``given_up``."""
        self._motion.forget()
        looks = 0
        while self._line.count:
            while self._line.count + looks < self._delay_frames:
                self._look_again()
                looks += 1
            yield self._line.oldest()

    def given_up(self) -> tuple[int, ...]:
        """Wipe all frames that wait: of each, how many frames were lost before it."""
        self._motion.forget()
        lost = []
        while self._line.count:
            waiting = self._line.oldest()
            waiting.raw.wipe()
            lost.append(waiting.dropped)
        return tuple(lost)

    def expired(self, raw: RawFrame) -> None:
        """A frame is too old: no picture of it is kept to measure motion by, either. Any thread may say so."""
        if raw is self._last:
            self._motion.forget()

    def _redacted(self, raw: RawFrame, dropped: int) -> Waiting:
        self._last = raw
        field = self._motion.since_last(raw.pixels)
        if raw.is_overwritten:  # while its motion was measured, maybe: then that says nothing
            self._motion.forget()
            field = None
        found = find_all(self._finders, raw.pixels)
        remembered = self._memory.after(found, field)
        self._line.destroy_before(raw.pixels, remembered.new, field)
        return Waiting(raw, (*found, *remembered.awaited), field, dropped)

    def _look_again(self) -> None:
        """Look at the newest frame that waits as if it came once more, and nothing had moved."""
        newest = self._line.newest()
        found = find_all(self._finders, newest.raw.pixels)
        self._line.destroy_before(newest.raw.pixels, found, None)
        newest.destroy(found)


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
