"""Measures what each net of redaction costs, beside one call of the detector, and how much it all destroys."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np

from lapel.capture.eye import CapturedEye
from lapel.capture.sources import open_source
from lapel.config.profile import Profile
from lapel.core.geometry import Box, mask_of
from lapel.core.things import Pixels
from lapel.health.clock import SystemClock
from lapel.health.meters import Meters, quantile
from lapel.infer.detector import PERSON_SCORE, detect_all
from lapel.infer.face_looks import FaceLooker, closer
from lapel.infer.finders import (
    STREAM_SCALES,
    FaceFinder,
    HeadAndPlateFinder,
    HeadFinder,
    StillFaceFinder,
    watching,
)
from lapel.infer.plates import PlateFinder
from lapel.ports import Clock, Finder
from lapel.wiring.seeing import open_seeing

DETECTOR = "one detector call"
WATCHING = "faces and heads, as watched"
STILLS = "faces, every look at a still"
REMEMBERING = "memory, delay line"
_FACE = (300.0, 200.0, 324.0, 232.0)  # where a closer look might be taken
_MOST_STILLS = 5  # of seconds each


@dataclass(frozen=True, slots=True)
class FinderFigures:
    """A finder's time on a frame; ``calls``: its median in medians of one detector call on the same frames."""

    finder: str
    p50_ms: float
    p95_ms: float
    calls: float


@dataclass(frozen=True, slots=True)
class FindersFigures:
    """The finders' times over ``frames`` frames of ``width`` × ``height`` pixels, and the mean share of a frame that is
    destroyed, 0..1, faces and heads included."""

    frames: int
    width: int
    height: int
    destroyed: float
    stages: tuple[FinderFigures, ...]


class BesideFinders(Meters):
    """A finder of what several find (port Finder), and a redactor's health: it learns what redaction takes beside
    them, which is the motion field, memory, delay line, destroying itself and the frame's copy that leaves."""

    def __init__(self, finders: Sequence[Finder], clock: Clock) -> None:
        super().__init__()
        self._finders, self._clock = tuple(finders), clock
        self._finding_ns = 0
        self.times_ms: list[float] = []

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        """All that they find in RGB u8[h, w, 3]."""
        started_ns = self._clock.monotonic_ns()
        found = tuple(area for finder in self._finders for area in finder.find(pixels))
        self._finding_ns += self._clock.monotonic_ns() - started_ns
        return found

    def spent(self, stage: str, seconds: float) -> None:
        """A frame's redaction took that long, finders included."""
        self.times_ms.append(seconds * 1000 - self._finding_ns / 1e6)
        self._finding_ns = 0


def measure_finders(profile: Profile, source: str, size: tuple[int, int], most_frames: int) -> FindersFigures:
    """Show frames of a source, brought to a size, to each finder in turn. The frames are redacted: raw pixels are not
    for measuring, and a finder takes as long over them. What redaction takes beside finders is measured as they are
    redacted, in the source's own size. Raises: MediaError, CameraLost, UsageError."""
    seeing = open_seeing(profile)
    store = seeing.models
    detector, looker = store.open("detector"), FaceLooker(store)
    watch, face = watching(store, profile.redaction.delay_frames), np.array(_FACE, np.float32)
    stages: dict[str, Callable[[Pixels], object]] = {
        DETECTOR: lambda pixels: detect_all(detector, pixels, PERSON_SCORE, tiles=False),
        "faces, shrunk picture": lambda pixels: looker.faces(pixels, looker.views(pixels, STREAM_SCALES)[:1]),
        "faces, one close look": lambda pixels: looker.faces(pixels, looker.views(pixels, STREAM_SCALES)[1:2]),
        "faces, a look at one place": lambda pixels: looker.faces(pixels, (closer(pixels, face),)),
        "faces, every look": FaceFinder(store).find,
        STILLS: StillFaceFinder(store).find,
        "heads": HeadFinder(store).find,
        "heads, plate-like": HeadAndPlateFinder(store).find,
        WATCHING: lambda pixels: [finder.find(pixels) for finder in watch],
        "plates": PlateFinder(store).find,
    }
    spent: dict[str, list[float]] = {stage: [] for stage in stages}
    frames, destroyed = 0, 0.0
    beside = BesideFinders(seeing.finders, SystemClock())
    eye = CapturedEye(
        open_source(source),
        [beside],
        SystemClock(),
        health=beside,
        hold_frames=profile.redaction.hold_frames,
        delay_frames=profile.redaction.delay_frames,
    )
    for frame in islice(eye.frames(), most_frames):
        pixels = np.asarray(cv2.resize(frame.pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        frames += 1
        destroyed += float(mask_of(frame.destroyed, frame.width, frame.height).mean())
        for stage, work in stages.items():  # in turn, so that a busy machine is as unkind to the one as to the other
            if stage == STILLS and frames > _MOST_STILLS:
                continue
            started = time.perf_counter()
            work(pixels)
            spent[stage].append((time.perf_counter() - started) * 1000)
    spent[REMEMBERING] = beside.times_ms
    one = quantile(sorted(spent[DETECTOR]), 0.5)
    figures = tuple(_figures(stage, sorted(times), one) for stage, times in spent.items())
    return FindersFigures(frames, *size, round(destroyed / max(1, frames), 4), figures)


def _figures(stage: str, times_ms: list[float], one_ms: float) -> FinderFigures:
    p50, p95 = quantile(times_ms, 0.5), quantile(times_ms, 0.95)
    return FinderFigures(stage, round(p50, 2), round(p95, 2), round(p50 / one_ms, 2) if one_ms else 0.0)
