"""The port Eye over any source: capture, redaction, and an account of every frame that was not looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lapel.capture.backoff import Backoff
from lapel.capture.feed import LiveFeed, LockstepFeed
from lapel.capture.redact import DEFAULT_HOLD_FRAMES, Redactor
from lapel.capture.source import Source
from lapel.core.things import Frame
from lapel.errors import CannotRedact
from lapel.ports import Clock, Finder, Health

# Well inside the watchdog's time (WatchdogSec in the units).
WAKE_S = 1.0


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the frames that the source delivered: ``seen`` = passed + overtaken + unredactable."""

    seen: int = 0
    passed: int = 0
    overtaken: int = 0
    unredactable: int = 0


class CapturedEye:
    """Delivers redacted frames of an opened source: the newest of a live one, every one of a file.

    ``notice`` hears one line about each event: camera lost and back, how the file ended, frames that could not be
    redacted. ``health`` hears how long redaction takes (stage "redact"), and every ``wake_s`` seconds that a lost
    camera is awaited.
    """

    def __init__(
        self,
        source: Source,
        finders: Sequence[Finder],
        clock: Clock,
        *,
        notice: Callable[[str], None] = lambda text: None,
        health: Health | None = None,
        hold_frames: int = DEFAULT_HOLD_FRAMES,
        backoff: Backoff | None = None,
        wake_s: float = WAKE_S,
    ) -> None:
        self._source = source
        self._redactor = Redactor(finders, hold_frames)
        self._clock = clock
        self._notice = notice
        self._health = health
        self._feed: LiveFeed | LockstepFeed = LockstepFeed(source)
        if source.is_live:
            self._feed = LiveFeed(source, notice, backoff or Backoff(), self._await, wake_s)
        self._passed = self._overtaken = self._unredactable = 0

    @property
    def account(self) -> Account:
        """The counts so far."""
        seen = self._passed + self._overtaken + self._unredactable
        return Account(seen, self._passed, self._overtaken, self._unredactable)

    def frames(self) -> Iterator[Frame]:
        """Frames until the source ends; once only. Raises: MediaError, CameraLost, what a capture thread died of."""
        dropped = 0
        try:
            for taken in self._feed.frames():
                self._overtaken += taken.overtaken
                dropped += taken.overtaken
                started_ns = self._clock.monotonic_ns()
                try:
                    frame = self._redactor.redact(taken.raw, dropped)
                except CannotRedact as error:
                    dropped += 1
                    self._count_unredactable(error)
                    continue
                if self._health is not None:
                    self._health.spent("redact", (self._clock.monotonic_ns() - started_ns) / 1e9)
                dropped = 0
                self._passed += 1
                yield frame
            if self._source.ending:
                self._notice(self._source.ending)
        finally:
            self.close()

    def close(self) -> None:
        """Stop capturing and let go of the source."""
        self._feed.stop()

    def _await(self) -> None:
        if self._health is not None:
            self._health.awaiting()

    def _count_unredactable(self, error: CannotRedact) -> None:
        self._unredactable += 1
        # Once at 1, 10, 100, … : a finder that fails on every frame must not flood the officer.
        if self._unredactable == 10 ** (len(str(self._unredactable)) - 1):
            self._notice(f"frames dropped because faces could not be destroyed: {self._unredactable}; {error}")
