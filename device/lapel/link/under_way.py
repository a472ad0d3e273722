"""What was sent and is not acknowledged yet: bounded in number and in bytes, as the connection holds copies of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

MOST_BYTES = 4 << 20
"""Beside the window: records with pictures are 64 KiB, and a thousand of them would be more than a Pi has to spare."""


class UnderWay:
    """Records in their order, of which the leaves and the lengths are remembered."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._sent: deque[tuple[bytes, int]] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._sent)

    @property
    def leaves(self) -> Iterator[bytes]:
        """The leaves, oldest first."""
        return (leaf for leaf, _ in self._sent)

    def room(self) -> int:
        """How many records may be sent now; one at least where nothing is under way, however long it is."""
        return self._window - len(self._sent) if self._bytes < MOST_BYTES else 0

    def send(self, leaf: bytes, length: int) -> None:
        """Remember one that was sent."""
        self._sent.append((leaf, length))
        self._bytes += length

    def arrived(self, count: int) -> None:
        """Forget the oldest, which are acknowledged."""
        for _ in range(min(count, len(self._sent))):
            self._bytes -= self._sent.popleft()[1]

    def clear(self) -> None:
        """Forget all of it: it is sent again."""
        self._sent.clear()
        self._bytes = 0
