"""Gets files by their hash over one line: so many at a time, and none that is there already.

Each stands retained at a topic of its own. To read one is to subscribe to its topic, and to leave it when it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Protocol

from lapel.link.mqtt import Line
from lapel.link.signals import Arrived
from lapel.link.topics import piece_of, piece_topic

WINDOW = 32
"""Files under way at a time: at most 2 MiB of a device's memory, and of a slow line before newer news."""
_LOOKED_AT = 200
"""How many are looked for on the shelf before newer news is heard: each that is there is read for it."""


class Shelf(Protocol):
    """Where files are kept by their hash."""

    def has(self, name: str) -> bool:
        """Whether a file is there, whole."""
        ...

    def put(self, name: str, data: bytes) -> None:
        """Keep a file that has this hash. Raises: StoreError."""
        ...

    def spoil(self, name: str, data: bytes) -> None:
        """Remember that something else was given in its place."""
        ...


class Pull:
    """What is under way over one line."""

    def __init__(self, line: Line, site: str, shelf: Shelf, window: int = WINDOW) -> None:
        self._line, self._site, self._shelf, self._window = line, site, shelf, window
        self._wanted: Iterator[str] = iter(())
        self._is_spent = True
        self._asked: set[str] = set()
        self._awaited: set[str] = set()
        self._came: list[str] = []

    @property
    def is_met(self) -> bool:
        """Whether all that is wanted is there, or was given up."""
        return self._is_spent and not self._awaited

    @property
    def is_looking(self) -> bool:
        """Whether there is more to look for at once: nothing is waited for."""
        return not self._is_spent and len(self._awaited) <= self._window // 2

    def want(self, names: Iterable[str]) -> None:
        """Get these from now on, and none that were wanted before; those under way come all the same."""
        self._wanted, self._is_spent = iter(names), False
        self._awaited.clear()
        self._fill()

    def hear(self, message: Arrived) -> bool:
        """Take a file, and say whether it was asked for. Raises: StoreError."""
        name = piece_of(self._site, message.topic)
        if name is None or name not in self._asked:
            return False
        self._asked.discard(name)
        self._awaited.discard(name)
        self._came.append(name)
        if sha256(message.data).hexdigest() == name:
            self._shelf.put(name, message.data)
        elif message.data:  # without any, it was taken off the broker
            self._shelf.spoil(name, message.data)
        return True

    def go_on(self) -> None:
        """Ask for more where there is room for it. Raises: BrokerUnreachable, StoreError."""
        if len(self._awaited) <= self._window // 2:
            self._fill()

    def give_up(self) -> int:
        """Wait no more for what did not come; returns how many files that are."""
        lost, self._is_spent = tuple(self._asked), True
        self._asked.clear()
        self._awaited.clear()
        self._came += lost
        self._fill()
        return len(lost)

    def _fill(self) -> None:
        """Ask for more, and leave the topics of what came: many at a time, since each time is one packet."""
        new: list[str] = []
        for _ in range(_LOOKED_AT):
            if self._is_spent or len(self._awaited) >= self._window:
                break
            name = next(self._wanted, None)
            if name is None:
                self._is_spent = True
            elif name not in self._awaited and not self._shelf.has(name):
                self._awaited.add(name)
                if name not in self._asked:
                    new.append(name)
        if self._came:
            self._line.leave([piece_topic(self._site, name) for name in self._came])
            self._came.clear()
        if new:
            self._asked.update(new)
            self._line.ask([piece_topic(self._site, name) for name in new])
