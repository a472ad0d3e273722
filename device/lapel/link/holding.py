"""Bounds what a connection hands over before it is settled, whatever the broker does: the rest stays in its hands.

MQTT's receive maximum should do that. mosquitto 2.0.11 keeps to it only until the first answer, and sends as many again
with each: 40 agreed, 10 answered, 400 more came. So who has too much in hand reads on only after settling; TCP then
holds the broker back. What is in hand is known by messages and by bytes, which no receive maximum bounds.
"""

from __future__ import annotations

from threading import Condition

MOST_BYTES = 64 << 20


class Holding:
    """What arrived and is not settled: at most so many messages and bytes, or any number where ``most`` is None.

    One thread lets in, another settles.
    """

    def __init__(self, most: int | None, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._count = self._bytes = 0
        self._is_over = False
        self._changed = Condition()

    def let_in(self, length: int) -> None:
        """One more message of so many bytes: at once while there is room, else when some was made, or it is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_over or self._has_room())
            self._count, self._bytes = self._count + 1, self._bytes + length

    def settled(self, count: int, length: int) -> None:
        """So many messages, of so many bytes together, are settled."""
        with self._changed:
            self._count, self._bytes = self._count - count, self._bytes - length
            self._changed.notify_all()

    def end(self) -> None:
        """Hold nothing back any more."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _has_room(self) -> bool:
        return self._most is None or (self._count < self._most and self._bytes < self._most_bytes)
