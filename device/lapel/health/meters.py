"""Counts frames and times the stages of the loop, in bounded memory: what ``lapel bench`` and the stop record say."""

from __future__ import annotations

import resource
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from lapel.core.things import Frame
from lapel.health.beat import LOOKS, LOST, SLOW

# Durations kept a stage: the quantiles speak of the latest 4096, two to three minutes of 25 fps video.
KEPT_DURATIONS = 4096


@dataclass(frozen=True, slots=True)
class StageTimes:
    """How long a stage took: quantiles over the latest durations, count and sum over all of them."""

    stage: str
    count: int
    p50_ms: float
    p95_ms: float
    total_s: float


@dataclass(frozen=True, slots=True)
class RawAges:
    """How old unblurred pictures were when they were overwritten: quantiles over the latest, the rest over all."""

    count: int = 0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    max_ms: float = 0.0

    @property
    def facts(self) -> tuple[tuple[str, float], ...]:
        """The ages as a record names them."""
        return (("raw_p50_ms", self.p50_ms), ("raw_p99_ms", self.p99_ms), ("raw_max_ms", self.max_ms))


@dataclass(frozen=True, slots=True)
class Reading:
    """What the meters show. ``frames`` were looked at, ``dropped`` were delivered and never looked at."""

    frames: int
    dropped: int
    stages: tuple[StageTimes, ...]
    peak_rss_mib: float
    raw_ages: RawAges = RawAges()

    def stage(self, name: str) -> StageTimes | None:
        """The times of one stage; None where it never ran."""
        return next((each for each in self.stages if each.stage == name), None)


class Meters:
    """The ``Health`` port over counters. ``on_beat`` is called with how it is after each frame that was looked at
    completely, and while none is."""

    def __init__(self, on_beat: Callable[[str], None] = lambda status: None) -> None:
        self._on_beat = on_beat
        self._frames = 0
        self._dropped = 0
        self._stages: dict[str, _Durations] = {}
        self._raw_ages = _Durations()
        self._lock = Lock()  # redaction has a thread of its own

    def beat(self, frame: Frame) -> None:
        """Count a frame, and pass the sign of life on."""
        self._frames += 1
        self._dropped += frame.dropped
        self._on_beat(LOOKS)

    def awaiting(self, is_lost: bool) -> None:
        """Pass the sign of life on; there is no frame to count."""
        self._on_beat(LOST if is_lost else SLOW)

    def spent(self, stage: str, seconds: float) -> None:
        """Count a duration, in whichever thread it passed."""
        with self._lock:
            self._stages.setdefault(stage, _Durations()).add(seconds)

    def raw_wiped(self, age_s: float) -> None:
        """Count an unblurred picture's life, in whichever thread it ended."""
        with self._lock:
            self._raw_ages.add(age_s)

    def reading(self) -> Reading:
        """What was counted so far, the stages in the order in which they first ran."""
        with self._lock:
            stages = tuple(durations.summary(stage) for stage, durations in self._stages.items())
            raw_ages = self._raw_ages.ages()
        return Reading(self._frames, self._dropped, stages, peak_rss_mib(), raw_ages)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of a rising sequence does not exceed (nearest rank); 0 of none."""
    if not ordered:
        return 0.0
    return ordered[max(0, -int(-len(ordered) * share // 1) - 1)]


def peak_rss_mib() -> float:
    """The most memory this process has held, in MiB (ru_maxrss is KiB on Linux, getrusage(2))."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def rss_mib() -> float:
    """The memory that this process holds now, in MiB (proc_pid_statm(5))."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


class _Durations:
    def __init__(self) -> None:
        self._latest_s: deque[float] = deque(maxlen=KEPT_DURATIONS)
        self._count = 0
        self._total_s = self._longest_s = 0.0

    def add(self, seconds: float) -> None:
        self._latest_s.append(seconds)
        self._count += 1
        self._total_s += seconds
        self._longest_s = max(self._longest_s, seconds)

    def summary(self, stage: str) -> StageTimes:
        p50_ms, p95_ms = self._quantiles_ms(0.5, 0.95)
        return StageTimes(stage, self._count, p50_ms, p95_ms, round(self._total_s, 6))

    def ages(self) -> RawAges:
        p50_ms, p99_ms = self._quantiles_ms(0.5, 0.99)
        return RawAges(self._count, p50_ms, p99_ms, round(self._longest_s * 1000, 3))

    def _quantiles_ms(self, *shares: float) -> Iterator[float]:
        ordered = sorted(self._latest_s)
        return (round(quantile(ordered, share) * 1000, 3) for share in shares)
