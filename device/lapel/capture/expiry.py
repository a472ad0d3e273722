"""The end of every raw frame: one that is too old is overwritten, wherever it waits and whatever else hangs."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from lapel.capture.raw import RawFrame
from lapel.ports import Clock

# How often it is looked for old frames, and so by how much one may be older.
_LOOK_EVERY_S = 0.02


@dataclass(slots=True, eq=False)
class _Held:
    """A frame; when it is to be gone, None while its place in the line has not passed; what rests came before it."""

    raw: RawFrame
    rested_ns: int
    due_ns: int | None = None


class Expiry:
    """Overwrites raw frames of a live source ``late_s`` after the ``delay_frames``-th newer one was delivered, or the
    source fell silent for ``silent_s``: from then on nothing asks for them to wait. ``expired`` hears of each then,
    also of one that was overwritten before. Any thread may call.
    """

    def __init__(
        self, clock: Clock, late_s: float, delay_frames: int, silent_s: float, expired: Callable[[RawFrame], None]
    ) -> None:
        self._clock, self._expired = clock, expired
        self._late_ns, self._silent_ns = (round(seconds * 1e9) for seconds in (late_s, silent_s))
        self._delay_frames = delay_frames
        self._held: deque[_Held] = deque()
        self._rested_ns = self._delivered_ns = 0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="expiry", daemon=True)

    def start(self) -> None:
        """Look for old frames until ``stop``."""
        self._thread.start()

    def stop(self) -> None:
        """No frame is left that could grow old."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def delivered(self, raw: RawFrame) -> None:
        """The source's newest frame."""
        with self._lock:
            self._delivered_ns = self._clock.monotonic_ns()
            self._held.append(_Held(raw, self._rested_ns))
            if len(self._held) > self._delay_frames:
                self._held[-1 - self._delay_frames].due_ns = self._delivered_ns + self._late_ns

    def rest(self, seconds: float) -> None:
        """Redaction is about to rest for so long on purpose: by that much may grow older what waits."""
        with self._lock:
            self._rested_ns += round(seconds * 1e9)

    def overwrite_old(self) -> None:
        """Overwrite what has grown too old by now."""
        for raw in self._due():
            raw.overwrite()
            self._expired(raw)

    def _due(self) -> list[RawFrame]:
        with self._lock:
            now_ns, due = self._clock.monotonic_ns(), []
            silent_ns = self._delivered_ns + self._silent_ns + self._late_ns
            while self._held:
                first = self._held[0]
                due_ns = min(silent_ns, first.due_ns if first.due_ns is not None else silent_ns)
                if now_ns <= due_ns + self._rested_ns - first.rested_ns:
                    break
                due.append(self._held.popleft().raw)
            return due

    def _run(self) -> None:
        while not self._stop.wait(_LOOK_EVERY_S):
            self.overwrite_old()
