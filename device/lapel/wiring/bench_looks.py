"""Measures what a look costs, stage by stage, at things of a recording and with a long list."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from lapel.alert.picture import jpeg
from lapel.capture.eye import CapturedEye
from lapel.capture.sources import open_source
from lapel.config.profile import Profile
from lapel.core.calibrate import WATCHING
from lapel.core.compact import level_for
from lapel.core.quality import Gate
from lapel.core.things import Reference, Sighting
from lapel.core.tracker import Tracker
from lapel.errors import UsageError
from lapel.health.clock import SystemClock
from lapel.health.meters import Meters, peak_rss_mib
from lapel.store.gallery import open_gallery
from lapel.store.keys import FileKey
from lapel.wiring.bench import on_one_thread
from lapel.wiring.bench_list import write_made_up
from lapel.wiring.pi_arithmetic import BoardArithmetic, by_arithmetic, network_ms
from lapel.wiring.seeing import Seeing, limits_of, open_seeing
from lapel.wiring.stopwatch import (
    ALL,
    CLOSER,
    CORNERS,
    DESCRIBE,
    DESCRIPTOR,
    DETAILS,
    GEOMETRY,
    LAY,
    PRINTS,
    REST,
    SHORTLIST,
    VERIFY,
    Stopwatch,
    timed_recall,
)

GOAL_MS = 60.0
"""What all but describing a look may take with 10,000 entries on x86."""
_MOST_SEEN = 40
"""References of the recording itself, twice a shortlist: it is then of real ones, as on a real list."""
COMPARE = "all but describe"
_ROWS = (
    (DESCRIPTOR, (DESCRIPTOR,)),
    (DETAILS, (DETAILS,)),
    (CORNERS, (CORNERS,)),
    ("describe", DESCRIBE),
    ("shortlists", (SHORTLIST,)),
    ("geometry", (VERIFY,)),
    (PRINTS, (PRINTS,)),
    ("laying", (LAY,)),
    ("closer looks", (CLOSER,)),
    (REST, (REST,)),
    (COMPARE, (SHORTLIST, *GEOMETRY, REST)),
    (ALL, (ALL,)),
)


@dataclass(frozen=True, slots=True)
class LookStage:
    """CPU ms of a stage over the looks that come to it, and the ``share`` of all looks that do."""

    stage: str
    p50_ms: float
    p95_ms: float
    share: float


@dataclass(frozen=True, slots=True)
class LooksFigures:
    """``looks`` measured with a list of ``made_up`` entries of noise and ``seen`` of a recording, a picture each.

    ``looks_a_frame`` are all that a watch would have taken of ``frames``; ``frame_ms`` is CPU of a frame without them
    (capture, redaction, detection, proposals, tracks), ``total_ms`` with them, both in the mean; codes are not read.
    """

    looks: int
    made_up: int
    seen: int
    stages: tuple[LookStage, ...]
    frames: int
    looks_a_frame: float
    frame_ms: float
    total_ms: float
    bytes_an_entry: int
    peak_rss_mib: float
    arithmetic: tuple[BoardArithmetic, ...]

    def stage(self, name: str) -> LookStage:
        """A stage by its name."""
        return next(each for each in self.stages if each.stage == name)


def measure_looks(
    profile: Profile, source: str, references: int, most_looks: int, listed_in: str | None = None
) -> LooksFigures:
    """Go twice through a source's first looks: to list some of what they show, and to compare the others with it.

    What another source shows is listed where one is given: then every look is compared. On one thread.
    Raises: MediaError, CameraLost, UsageError where there are fewer than two looks.
    """
    profile = on_one_thread(profile)
    seeing = open_seeing(profile)
    seen = _seen(seeing, profile, listed_in or source, references, most_looks)
    apart = frozenset() if listed_in else frozenset(seen)
    watch = Stopwatch()
    with TemporaryDirectory(prefix="lapel-bench-") as name:
        path, keys = Path(name) / "made-up.lapel", FileKey.create(Path(name) / "bench.key")
        write_made_up(path, seeing.models, references, keys, others=tuple(seen.values()))
        size = path.stat().st_size
        recall = timed_recall(seeing, open_gallery(path, keys), WATCHING, SystemClock().today, watch)
        watched = _Watched(seeing, profile, source)
        started = time.process_time()
        for number, look in islice(watched.looks(), most_looks):
            if number not in apart:
                watch.look(lambda look=look: recall.candidates(look, 1))  # type: ignore[misc]
        if not watch.looks:
            raise UsageError(f"{source}: no look in it to measure; give one that shows more")
        frame_ms = (1000 * (time.process_time() - started) - watch.total_ms()) / watched.frames
    looks_a_frame = watched.taken / watched.frames
    return LooksFigures(
        watch.looks,
        references,
        len(seen),
        tuple(_figures(stage, watch, parts) for stage, parts in _ROWS),
        watched.frames,
        round(looks_a_frame, 3),
        round(frame_ms, 2),
        round(frame_ms + looks_a_frame * watch.total_ms() / watch.looks, 2),
        round(size / (references + len(seen))),
        round(peak_rss_mib(), 1),
        by_arithmetic(watch, network_ms(seeing.models)),
    )


class _Watched:
    """A source as a watch sees it, with no list: ``frames`` of it so far, and looks ``taken``."""

    def __init__(self, seeing: Seeing, profile: Profile, source: str) -> None:
        self._seeing, self._profile, self._source = seeing, profile, source
        self.frames = self.taken = 0

    def looks(self) -> Iterator[tuple[int, Sighting]]:
        """Every look, numbered from 0; another time the same ones, but for what finders take turns at. Once only."""
        profile, source = self._profile, open_source(self._source)
        seeing = self._seeing if source.is_moving else self._seeing.without_turns()
        redaction = profile.redaction
        eye = CapturedEye(
            source,
            seeing.finders,
            SystemClock(),
            hold_frames=redaction.hold_frames,
            delay_frames=redaction.delay_frames,
        )
        detector, tracker, gate = seeing.proposing(profile.gate, Meters()), Tracker(), Gate(limits_of(profile))
        numbers = count()
        for frame in eye.frames():
            scene = detector.detect(frame)
            looks = gate.good_looks(frame, scene, tracker.update(frame, scene))
            self.frames, self.taken = self.frames + 1, self.taken + len(looks)
            for look in looks:
                yield next(numbers), look


def _seen(seeing: Seeing, profile: Profile, source: str, references: int, most_looks: int) -> dict[int, Reference]:
    """References of what the source shows, spread over its looks, by the number of the look: at most every second."""
    kept: dict[int, Reference] = {}
    level, every, looks = level_for(references), 2, 0
    for number, look in islice(_Watched(seeing, profile, source).looks(), most_looks):
        looks += 1
        if number % every:
            continue
        picture = jpeg(look.pixels, level.picture_px, level.picture_bytes)
        kept[number] = seeing.reference(f"seen-{number}", look.pixels, picture)
        if len(kept) > _MOST_SEEN:
            every *= 2
            kept = {number: reference for number, reference in kept.items() if not number % every}
    if looks < 2:
        raise UsageError(f"{source}: {looks} looks in it, two are needed; give one that shows more")
    return kept


def _figures(stage: str, watch: Stopwatch, parts: tuple[str, ...]) -> LookStage:
    p50, p95, share = watch.median_ms(*parts), watch.p95_ms(*parts), watch.share(*parts)
    return LookStage(stage, round(p50, 2), round(p95, 2), round(share, 3))
