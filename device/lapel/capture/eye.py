"""The port Eye over any source: capture, redaction, and an account of every frame that was not looked at."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass

from lapel.capture.ahead import Ahead
from lapel.capture.backoff import Backoff
from lapel.capture.delay import Waiting
from lapel.capture.expiry import Expiry
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
DEFAULT_LATE_S = 0.25


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
    """Delivers redacted frames of an opened source: the newest of a live one, redacted in a thread of its own, every
    one of a file.

    ``notice`` hears one line about each event: camera lost and back, how the file ended, frames that could not be
    redacted. ``health`` hears how long redaction takes (stage "redact"), and every ``wake_s`` seconds that a lost
    camera is awaited, or that frames come and are all too late. A frame leaves ``delay_frames`` after it came, earlier
    where no others come for ``wake_s``. One of a live source that is still there ``late_s`` after it could have left is
    overwritten and dropped, by a thread that waits for nothing else.
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
        late_s: float = DEFAULT_LATE_S,
        backoff: Backoff | None = None,
        wake_s: float = WAKE_S,
    ) -> None:
        self._source = source
        self._redactor = Redactor(finders, hold_frames, delay_frames)
        self._clock = clock
        self._notice = notice
        self._health = health
        self._late_s, self._wake_s = late_s, wake_s
        self._feed: LiveFeed | LockstepFeed = LockstepFeed(source, self._read)
        if source.is_live:
            self._feed = LiveFeed(source, self._read, notice, backoff or Backoff(), wake_s)
        # Half of what a frame may be late, in parts for all frames during whose redaction it waits.
        patience_s = late_s / 2 / (delay_frames + 1)
        self._ahead = Ahead(self._redacted, self._count_overtaken, self._count_stopped, patience_s)
        self._expiry = Expiry(clock, late_s, delay_frames, wake_s, self._redactor.expired)
        self._resting, self._is_stopping = threading.Lock(), False
        self._passed = self._overtaken = self._unredactable = self._late = self._stopped = 0
        self._lost_before = self._late_before = 0

    @property
    def account(self) -> Account:
        """The counts so far."""
        lost = (self._overtaken, self._unredactable, self._late, self._stopped)
        return Account(self._passed + sum(lost), self._passed, *lost)

    def frames(self) -> Iterator[Frame]:
        """Frames until the source ends; once only. Raises: MediaError, CameraLost, what one of its threads died of."""
        try:
            for frame in self._live() if self._source.is_live else self._redacted():
                self._passed += 1
                yield frame
            if self._source.ending:
                self._notice(self._source.ending)
        finally:
            self.close()

    def close(self) -> None:
        """Stop capturing, let go of the source, and wipe the frames that wait."""
        self._is_stopping = True
        self._feed.stop()
        if self._ahead.stop():  # otherwise a finder hangs, and what it is at is left to the expiry
            self._expiry.stop()
            self._stopped += len(self._redactor.given_up())

    def rest(self, seconds: float) -> None:
        """Look at nothing for so long, and redact nothing either, on purpose: to let the board cool."""
        with self._resting:
            self._expiry.rest(seconds)
            time.sleep(seconds)

    def _live(self) -> Iterator[Frame]:
        self._expiry.start()
        late = 0
        for frame in self._ahead.frames(self._wake_s):
            if frame is not None:
                yield frame
            elif self._health is not None and ((is_lost := self._feed.is_lost) or self._late > late):
                self._health.awaiting(is_lost)
            late = self._late

    def _redacted(self) -> Iterator[Frame]:
        try:
            for taken in self._feed.frames():
                yield from self._rest() if taken is None else self._after(taken)
                with self._resting:
                    pass
        except LapelError:  # the frames before it are none the worse for it
            yield from self._rest()
            raise
        yield from self._rest()

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
        if self._is_stopping:
            return
        try:
            yield from self._leaving(self._redactor.rest())
        except CannotRedact as error:
            for lost_before in self._redactor.given_up():
                self._late_before += 1 + lost_before
                self._tell_unredactable(error)

    def _leaving(self, line: Iterable[Waiting]) -> Iterator[Frame]:
        for waiting in line:
            self._expiry.overwrite_old()
            frame = waiting.frame(self._late_before)
            if frame is None:
                self._late_before += 1 + waiting.dropped
                self._late += 1
                self._tell(
                    self._late,
                    f"because they could not be redacted within {self._late_s:g} s beside the delay line: "
                    f"{self._late}; lower camera.fps or redaction.delay_frames",
                )
                continue
            self._late_before = 0
            yield frame

    def _read(self) -> RawFrame | None:
        """The source's next frame; its age counts from now on."""
        raw = self._source.read()
        if raw is not None:
            raw.time(self._clock, self._health.raw_wiped if self._health is not None else None)
            if self._source.is_live:
                self._expiry.delivered(raw)
        return raw

    def _count_overtaken(self) -> None:
        self._overtaken += 1

    def _count_stopped(self) -> None:
        self._stopped += 1

    def _tell_unredactable(self, error: CannotRedact) -> None:
        self._unredactable += 1
        self._tell(self._unredactable, f"because faces could not be destroyed: {self._unredactable}; {error}")

    def _tell(self, count: int, why: str) -> None:
        # Once at 1, 10, 100, … : a finder that fails on every frame must not flood the officer.
        if count == 10 ** (len(str(count)) - 1):
            self._notice(f"frames dropped {why}")
