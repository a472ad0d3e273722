"""The hand-over from one thread to the next: a place for one frame, in which the newest wins."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from lapel.capture.raw import RawFrame

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A raw frame, and how many before it were overtaken since the last one that was taken out of a slot."""

    raw: RawFrame
    overtaken: int = 0

    def overtaking(self, older: Taken) -> Taken:
        """This frame in the place of an older one, which is wiped."""
        older.raw.wipe()
        return Taken(self.raw, self.overtaken + older.overtaken + 1)


class NewestSlot(Generic[Item]):
    """Holds at most one item. Of one that nobody took in time ``overtake`` makes a part of the newer one, which it is
    given first; ``let_go`` hears of what nobody will take."""

    def __init__(self, overtake: Callable[[Item, Item], Item], let_go: Callable[[Item], None]) -> None:
        self._overtake, self._let_go = overtake, let_go
        self._changed = threading.Condition()
        self._waiting: Item | None = None
        self._is_closed = False
        self._failure: BaseException | None = None

    def put(self, item: Item) -> None:
        """Offer an item; it replaces the one that waits. After closing it is let go."""
        with self._changed:
            if self._is_closed:
                self._let_go(item)
                return
            self._waiting = item if self._waiting is None else self._overtake(item, self._waiting)
            self._changed.notify_all()

    def end(self, failure: BaseException | None = None) -> None:
        """No more will come; ``failure`` is raised to whoever takes, after the item that waits."""
        with self._changed:
            self._is_closed = True
            self._failure = failure
            self._changed.notify_all()

    def take(self, longest_s: float | None = None) -> Item | None:
        """Wait for the newest item; None when none came for ``longest_s``, or no more will come (``is_over``).

        Raises: what the thread that puts died of.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._waiting is not None or self._is_closed, longest_s)
            taken, self._waiting = self._waiting, None
            self._changed.notify_all()
            if taken is None and self._failure is not None:
                raise self._failure
            return taken

    def items(self, wake_s: float) -> Iterator[Item | None]:
        """The newest item each time, to the last; None when there was none for ``wake_s`` seconds. Raises: as
        ``take``."""
        while True:
            item = self.take(wake_s)
            if item is None and self.is_over:
                return
            yield item

    def await_taken(self, longest_s: float) -> None:
        """Wait until what was put is taken, no longer than that."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting is None or self._is_closed, longest_s)

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to take, not even a failure."""
        with self._changed:
            return self._is_closed and self._waiting is None and self._failure is None

    def empty(self) -> None:
        """Let go of what waits: nobody will take it."""
        with self._changed:
            if self._waiting is not None:
                self._let_go(self._waiting)
                self._waiting = None
