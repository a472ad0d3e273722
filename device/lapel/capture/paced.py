"""A video file played as if it were a camera: in real time, whoever looks."""

from __future__ import annotations

import time
from collections.abc import Callable

from lapel.capture.raw import RawFrame
from lapel.capture.source import Source
from lapel.ports import Clock


class Paced:
    """Holds every frame of a file back until its time has come; counts as live, so the newest frame wins."""

    is_live = True

    def __init__(self, file: Source, clock: Clock, sleep: Callable[[float], None] = time.sleep) -> None:
        self._file = file
        self._clock = clock
        self._sleep = sleep
        self._started_ns: int | None = None

    @property
    def name(self) -> str:
        """The file's name."""
        return self._file.name

    @property
    def fps(self) -> float:
        """The file's frames a second."""
        return self._file.fps

    @property
    def is_moving(self) -> bool:
        """As the file."""
        return self._file.is_moving

    @property
    def ending(self) -> str:
        """How the file ended."""
        return self._file.ending

    def open(self) -> None:
        """Open the file; time runs from the first frame read. Raises: MediaError."""
        self._file.open()
        self._started_ns = None

    def read(self) -> RawFrame | None:
        """The next frame, not before its time."""
        frame = self._file.read()
        if frame is None:
            return None
        now_ns = self._clock.monotonic_ns()
        if self._started_ns is None:
            self._started_ns = now_ns - int(frame.at_s * 1e9)
        early_s = frame.at_s - (now_ns - self._started_ns) / 1e9
        if early_s > 0:
            self._sleep(early_s)
        return frame

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
