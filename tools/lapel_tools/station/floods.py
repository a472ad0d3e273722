"""How much one device may have the station do, so that a device that floods it costs the others nothing.

Two things are rationed. What brings nothing new (refused, known already, offered again) costs time: an honest device
sends at most what it has under way again, once a second. What is new costs room for ever: an honest device has no more
to send than its journal holds, and then what its watch writes. Each ration fills up again with time. What is over it
is dropped unread, and counted; of an honest device that is no loss, since it sends again what was not acknowledged.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from lapel.link.sync import WINDOW


@dataclass(frozen=True, slots=True)
class Ration:
    """So much at once, and so much a second from then on."""

    at_once: float
    per_s: float


IDLE = Ration(10 * WINDOW, WINDOW)
"""Messages that bring nothing new: what is under way again once a second, and that of ten new lines in a row."""
NEW_BYTES = Ration(1 << 30, 64 << 10)
"""Bytes of records that are kept: twice a journal's usual quota at once, then the largest picture each second."""


@dataclass(slots=True)
class _Left:
    """What a device has left of its rations, as of a time."""

    at_s: float
    messages: float
    bytes: float


class Floods:
    """Keeps the rations of every device that writes to this worker."""

    def __init__(
        self, idle: Ration = IDLE, new_bytes: Ration = NEW_BYTES, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._idle, self._new_bytes, self._now_s = idle, new_bytes, now_s
        self._left: dict[str, _Left] = {}
        self._flooding: set[str] = set()
        self._begun: list[str] = []

    def lets_in(self, device: str, length: int) -> bool:
        """Whether a message of so many bytes is to be read; it is counted on both rations until ``was`` says which."""
        left = self._refilled(device)
        if left.messages < 1 or left.bytes < length:
            if device not in self._flooding:
                self._flooding.add(device)
                self._begun.append(device)
            return False
        left.messages -= 1
        left.bytes -= length
        return True

    def was(self, device: str, length: int, is_new: bool) -> None:
        """Give back what a message that was let in did not cost."""
        left = self._left[device]
        if is_new:
            left.messages += 1
        else:
            left.bytes += length

    def begun(self) -> tuple[str, ...]:
        """Devices that began to flood since this was asked last; a flood ends where a device's rations are full."""
        begun = tuple(self._begun)
        self._begun.clear()
        return begun

    def _refilled(self, device: str) -> _Left:
        now = self._now_s()
        left = self._left.setdefault(device, _Left(now, self._idle.at_once, self._new_bytes.at_once))
        since, left.at_s = now - left.at_s, now
        left.messages = min(self._idle.at_once, left.messages + since * self._idle.per_s)
        left.bytes = min(self._new_bytes.at_once, left.bytes + since * self._new_bytes.per_s)
        if (left.messages, left.bytes) == (self._idle.at_once, self._new_bytes.at_once):
            self._flooding.discard(device)
        return left
