"""The hand-over from the capture thread: a place for one frame, in which the newest wins."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from lapel.capture.raw import RawFrame


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A frame out of the slot, and how many before it were overtaken since the last one taken."""

    raw: RawFrame
    overtaken: int


class NewestSlot:
    """Holds at most one raw frame. A frame that nobody took in time is wiped and counted."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: RawFrame | None = None
        self._overtaken = 0
        self._is_closed = False
        self._failure: BaseException | None = None

    def put(self, frame: RawFrame) -> None:
        """Offer a frame; it replaces the one that waits. After closing it is wiped."""
        with self._changed:
            if self._waiting is not None:
                self._waiting.wipe()
                self._overtaken += 1
            self._waiting = frame
            if self._is_closed:
                frame.wipe()
                self._waiting = None
            self._changed.notify_all()

    def end(self, failure: BaseException | None = None) -> None:
        """No more frames will come; ``failure`` is raised to whoever takes, after the frame that waits."""
        with self._changed:
            self._is_closed = True
            self._failure = failure
            self._changed.notify_all()

    def take(self, longest_s: float | None = None) -> Taken | None:
        """Wait for the newest frame; None when none came for ``longest_s``, or no more will come (``is_over``).

        Raises: what the capture thread died of.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._waiting is not None or self._is_closed, longest_s)
            if self._waiting is not None:
                taken = Taken(self._waiting, self._overtaken)
                self._waiting, self._overtaken = None, 0
                return taken
            if self._failure is not None:
                raise self._failure
            return None

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to take, not even a failure."""
        with self._changed:
            return self._is_closed and self._waiting is None and self._failure is None

    def empty(self) -> None:
        """Wipe what waits: nobody will take it."""
        with self._changed:
            if self._waiting is not None:
                self._waiting.wipe()
                self._waiting = None
