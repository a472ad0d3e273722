"""Several readers of codes as one."""

from __future__ import annotations

from lapel.core.codes import Code
from lapel.core.things import Frame
from lapel.ports import CodeReader


class EveryReader:
    """Reads with each of its readers in turn (port CodeReader)."""

    def __init__(self, *readers: CodeReader) -> None:
        self._readers = readers

    def read(self, frame: Frame) -> tuple[Code, ...]:
        """What any of them read, each code once, in their order."""
        return tuple(dict.fromkeys(code for reader in self._readers for code in reader.read(frame)))


class SlowReader:
    """Asks a costly reader only so often in stream time (port CodeReader)."""

    def __init__(self, reader: CodeReader, every_s: float) -> None:
        self._reader = reader
        self._every_s = every_s
        self._at_s = float("-inf")

    def read(self, frame: Frame) -> tuple[Code, ...]:
        """What the reader read, when its time had come; nothing in between."""
        if 0 <= frame.at_s - self._at_s < self._every_s:
            return ()
        self._at_s = frame.at_s
        return self._reader.read(frame)
