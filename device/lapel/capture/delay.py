"""The delay line: frames wait a little, so that what is found in a later one is destroyed in them as well."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from lapel.capture.destroy import destroy, without_covered
from lapel.capture.motion import GROWTH, Field
from lapel.capture.raw import RawFrame
from lapel.capture.resemble import place_of
from lapel.core.geometry import Box
from lapel.core.things import Frame, Pixels

# A head whose middle is destroyed already was found there by itself: its area needs no second, larger one.
_MIDDLE = 0.6
_REACH = 3.0


class Waiting:
    """A raw frame in the line. Everything that was found in it is destroyed already; ``field`` leads to the frame
    before it; ``dropped`` counts the frames that were dropped since."""

    __slots__ = ("_areas", "dropped", "field", "raw")

    def __init__(self, raw: RawFrame, areas: Iterable[Box], field: Field | None, dropped: int) -> None:
        self.raw, self.field, self.dropped = raw, field, dropped
        self._areas: list[Box] = []
        self.destroy(areas)

    def destroy(self, areas: Iterable[Box]) -> None:
        """Destroy areas, clipped to the frame."""
        height, width = self.raw.pixels.shape[:2]
        clipped = [box.clipped(width, height) for box in areas]
        destroy(self.raw.pixels, clipped)
        self._areas += [box for box in clipped if box.area]

    def covers(self, box: Box) -> bool:
        """Whether the middle of a box lies inside an area that is destroyed, as far as it lies in the frame."""
        height, width = self.raw.pixels.shape[:2]
        middle = box.grown(_MIDDLE).clipped(width, height)
        return not middle.area or any(middle.intersection(area) == middle for area in self._areas)

    def frame(self, dropped: int = 0) -> Frame | None:
        """The frame as it may be seen, in memory of its own; None where the raw one grew too old. That one is wiped."""
        pixels = self.raw.pixels.copy()
        is_too_old = self.raw.is_overwritten  # asked after the copy, which may be black in part
        self.raw.wipe()
        if is_too_old:
            return None
        pixels.setflags(write=False)
        return Frame(pixels, self.raw.number, self.raw.at_s, without_covered(self._areas), self.dropped + dropped)


class DelayLine:
    """Frames that wait for ``frames`` others. A place whose frame failed is empty, and moves on all the same."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._line: deque[Waiting | None] = deque()

    def add(self, waiting: Waiting | None) -> None:
        """A frame, or None for one that was dropped."""
        self._line.append(waiting)

    @property
    def count(self) -> int:
        """How many frames wait, empty places aside."""
        return sum(waiting is not None for waiting in self._line)

    def due(self) -> Iterator[Waiting]:
        """Frames that have waited long enough, oldest first: they leave the line."""
        while len(self._line) > self._frames:
            if (waiting := self._line.popleft()) is not None:
                yield waiting

    def oldest(self) -> Waiting:
        """The frame that waits longest: it leaves the line. Raises: IndexError where none does."""
        while (waiting := self._line.popleft()) is None:
            pass
        return waiting

    def newest(self) -> Waiting:
        """The frame that came last; it stays. Raises: IndexError where none waits."""
        return [waiting for waiting in self._line if waiting is not None][-1]

    def destroy_before(self, pixels: Pixels, found: Iterable[Box], field: Field | None) -> None:
        """Destroy in the waiting frames what was found in a newer one, RGB u8[h, w, 3], to which ``field`` leads.

        Goes back two ways, as memory goes forth two: by looking for what looks alike, and with the flow.
        """
        before = [waiting for waiting in reversed(self._line) if waiting is not None]
        # All are looked for before any is destroyed: one head may be found twice, as a face and as a part of a body.
        seen = [place for box in found for place in _by_looks(box, pixels, before, field)]
        for waiting, area in seen:
            waiting.destroy([area])
        for box in found:
            _with_the_flow(box, before, field)


def _by_looks(
    box: Box, pixels: Pixels, before: Iterable[Waiting], field: Field | None
) -> Iterator[tuple[Waiting, Box]]:
    """Frames and areas that show what a box shows, back to where nothing does."""
    last, growth = box, 1.0
    expected = field.back(box) if field is not None else box
    for waiting in before:
        growth *= GROWTH
        if waiting.raw.pixels.shape != pixels.shape:
            return
        # Where it is destroyed there is nothing left to be found: it is taken to have kept its pace.
        covered = waiting.covers(expected)
        there = expected if covered else place_of(box, pixels, waiting.raw.pixels, expected.grown(_REACH))
        if there is None:
            return
        if not covered:
            yield waiting, there.grown(growth)
        last, expected = there, there.shifted(there.x0 - last.x0, there.y0 - last.y0)


def _with_the_flow(box: Box, before: Iterable[Waiting], field: Field | None) -> None:
    growth = 1.0
    for waiting in before:
        box = field.back(box) if field is not None else box
        growth *= GROWTH
        if not waiting.covers(box):
            waiting.destroy([box.grown(growth)])
        field = waiting.field
