"""Numbers and times of live frames, which go on when a lost camera comes back."""

from __future__ import annotations

import time
from collections.abc import Callable

from lapel.capture.raw import RawFrame
from lapel.core.things import Pixels


class Stamp:
    """Gives every picture its number and the seconds since the first one."""

    def __init__(self) -> None:
        self._number = 0
        self._started_ns: int | None = None

    def on(self, pixels: Pixels, give_back: Callable[[Pixels], None]) -> RawFrame:
        """The picture as a raw frame, stamped now. Its memory is given back when it was overwritten."""
        now_ns = time.monotonic_ns()
        if self._started_ns is None:
            self._started_ns = now_ns
        raw = RawFrame(pixels, self._number, (now_ns - self._started_ns) / 1e9, give_back)
        self._number += 1
        return raw
