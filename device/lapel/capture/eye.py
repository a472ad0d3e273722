"""The port Eye over any source: capture, redaction, and an account of every frame that was not looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass

from lapel.capture.backoff import Backoff
from lapel.capture.delay import Waiting
from lapel.capture.feed import LiveFeed, LockstepFeed
from lapel.capture.raw import RawFrame
from lapel.capture.redact import DEFAULT_DELAY_FRAMES, DEFAULT_HOLD_FRAMES, Redactor
from lapel.capture.slot import Taken
from lapel.capture.source import Source
from lapel.core.things import Frame
from lapel.errors import CannotRedact, LapelError
from lapel.ports import Clock, Finder, Health

# Well inside the watchdog's time (WatchdogSec in the units).
WAKE_S = 1.0


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the frames that the source delivered: ``seen`` is the sum of all others.

    Never looked at are: ``overtaken`` by newer ones; ``unredactable``, since a finder failed; ``late``, since their
    redaction took too long; ``stopped``, which waited when the watch was stopped.
    """

    seen: int = 0
    passed: int = 0
    overtaken: int = 0
    unredactable: int = 0
    late: int = 0
    stopped: int = 0

    @property
    def dropped(self) -> int:
        """Frames that were never looked at."""
        return self.seen - self.passed

    def since(self, earlier: Account) -> Account:
        """What became of the frames since an earlier account of the same eye."""
        now, before = astuple(self), astuple(earlier)
        return Account(*(count - then for count, then in zip(now, before, strict=True)))

    @property
    def facts(self) -> tuple[tuple[str, int], ...]:
        """The counts as a record names them."""
        return (
            ("seen", self.seen),
            ("looked_at", self.passed),
            ("overtaken", self.overtaken),
            ("unredactable", self.unredactable),
            ("late", self.late),
            ("stopped", self.stopped),
        )


class CapturedEye:
    """Delivers redacted frames of an opened source: the newest of a live one, every one of a file.

    ``notice`` hears one line about each event: camera lost and back, how the file ended, frames that could not be
    redacted. ``health`` hears how long redaction takes (stage "redact"), and every ``wake_s`` seconds that a lost
    camera is awaited. A frame leaves ``delay_frames`` after it came, earlier where no others come for ``wake_s``; one
    of a live source that has grown older than ``late_s`` by then is dropped.
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
        delay_frames: int = DEFAULT_DELAY_FRAMES,
        late_s: float = float("inf"),
        backoff: Backoff | None = None,
        wake_s: float = WAKE_S,
    ) -> None:
        self._source = source
        self._redactor = Redactor(finders, hold_frames, delay_frames)
        self._clock = clock
        self._notice = notice
        self._health = health
        self._late_s = late_s if source.is_live else float("inf")
        self._feed: LiveFeed | LockstepFeed = LockstepFeed(source, self._read)
        if source.is_live:
            self._feed = LiveFeed(source, self._read, notice, backoff or Backoff(), self._await, wake_s)
        self._passed = self._overtaken = self._unredactable = self._late = self._stopped = 0
        self._lost_before = self._late_before = 0

    @property
    def account(self) -> Account:
        """The counts so far."""
        lost = (self._overtaken, self._unredactable, self._late, self._stopped)
        return Account(self._passed + sum(lost), self._passed, *lost)

    def frames(self) -> Iterator[Frame]:
        """Frames until the source ends; once only. Raises: MediaError, CameraLost, what a capture thread died of."""
        try:
            try:
                for taken in self._feed.frames():
                    yield from self._rest() if taken is None else self._after(taken)
            except LapelError:  # the frames before it are none the worse for it
                yield from self._rest()
                raise
            yield from self._rest()
            if self._source.ending:
                self._notice(self._source.ending)
        finally:
            self.close()

    def close(self) -> None:
        """Stop capturing, let go of the source, and wipe the frames that wait."""
        self._feed.stop()
        self._stopped += len(self._redactor.given_up())

    def _after(self, taken: Taken) -> tuple[Frame, ...]:
        """The frames that leave now that another one came: one at most, but for what happens around them."""
        started_ns = self._clock.monotonic_ns()
        self._overtaken += taken.overtaken
        self._lost_before += taken.overtaken
        try:
            self._redactor.take(taken.raw, self._lost_before)
            self._lost_before = 0
        except CannotRedact as error:
            self._lost_before += 1
            self._tell_unredactable(error)
        leaving = tuple(self._leaving(self._redactor.due()))
        if self._health is not None:
            self._health.spent("redact", (self._clock.monotonic_ns() - started_ns) / 1e9)
        return leaving

    def _rest(self) -> Iterator[Frame]:
        """The frames that wait, since no others come; those that can no longer be looked at well enough are dropped."""
        try:
            yield from self._leaving(self._redactor.rest())
        except CannotRedact as error:
            for lost_before in self._redactor.given_up():
                self._late_before += 1 + lost_before
                self._tell_unredactable(error)

    def _leaving(self, line: Iterable[Waiting]) -> Iterator[Frame]:
        for waiting in line:
            if waiting.raw.age_s > self._late_s:
                waiting.raw.wipe()
                self._late_before += 1 + waiting.dropped
                self._late += 1
                self._tell(
                    self._late,
                    f"because they could not be redacted within {self._late_s:g} s: {self._late}; "
                    "lower camera.fps or redaction.delay_frames",
                )
                continue
            self._passed += 1
            frame, self._late_before = waiting.frame(self._late_before), 0
            yield frame

    def _read(self) -> RawFrame | None:
        """The source's next frame; its age counts from now on."""
        raw = self._source.read()
        if raw is not None:
            raw.time(self._clock, self._health.raw_wiped if self._health is not None else None)
        return raw

    def _await(self) -> None:
        if self._health is not None:
            self._health.awaiting()

    def _tell_unredactable(self, error: CannotRedact) -> None:
        self._unredactable += 1
        self._tell(self._unredactable, f"because faces could not be destroyed: {self._unredactable}; {error}")

    def _tell(self, count: int, why: str) -> None:
        # Once at 1, 10, 100, … : a finder that fails on every frame must not flood the officer.
        if count == 10 ** (len(str(count)) - 1):
            self._notice(f"frames dropped {why}")
