"""Measures the readers of codes on a recording, each on the same frames, in turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from lapel.capture.eye import CapturedEye
from lapel.capture.sources import open_source
from lapel.config.profile import Profile
from lapel.core.codes import ListedCodes
from lapel.core.things import Frame
from lapel.health.clock import SystemClock
from lapel.health.meters import quantile
from lapel.infer.barcode import BarcodeReader
from lapel.infer.panels import panels_in
from lapel.infer.signs import SignReader
from lapel.infer.text import TextCodes
from lapel.infer.text_lines import TextFinder, TextLine
from lapel.infer.text_reader import LineReader, cut_upright
from lapel.lookout import CODES_EVERY_S
from lapel.wiring.seeing import TEXT_EVERY_S, open_seeing


@dataclass(frozen=True, slots=True)
class StageFigures:
    """A reader's time on a frame. ``share_ms``: of each second of stream, at the pace of a watch; 0 where a watch has
    no such stage of its own."""

    stage: str
    p50_ms: float
    p95_ms: float
    share_ms: float


@dataclass(frozen=True, slots=True)
class CodesFigures:
    """The readers' times over ``frames`` frames of ``width`` × ``height`` pixels; ``lines``: of text, in the median."""

    frames: int
    width: int
    height: int
    lines: float
    stages: tuple[StageFigures, ...]


# Seconds of stream between two readings of a watch: barcodes as the loop asks, text and signs as wiring.seeing does.
_EVERY_S = {"barcodes": CODES_EVERY_S, "text look": TEXT_EVERY_S, "signs": TEXT_EVERY_S}


def measure_codes(profile: Profile, source: str, most_frames: int) -> CodesFigures:
    """Read frames of a source, spread over it, with each reader. Raises: MediaError, CameraLost, UsageError."""
    seeing = open_seeing(profile).with_plates_destroyed()
    store = seeing.models
    finder, reader = TextFinder(store), LineReader(store)
    text, barcodes, signs = TextCodes(store, seeing.finders), BarcodeReader(ListedCodes(())), SignReader()
    found: list[TextLine] = []

    def find(frame: Frame) -> None:
        found[:] = finder.lines(frame.pixels)

    def read(frame: Frame) -> None:
        for line in found:
            reader.read(cut_upright(frame.pixels, line))

    stages: dict[str, Callable[[Frame], object]] = {
        "barcodes": barcodes.read,
        "text find": find,
        "text read": read,
        "panels": lambda frame: panels_in(frame.pixels),
        "text look": text.read,
        "signs": signs.read,
    }
    spent: dict[str, list[float]] = {stage: [] for stage in stages}
    lines, size = [], (0, 0)
    eye = CapturedEye(
        open_source(source),
        seeing.finders,
        SystemClock(),
        hold_frames=profile.redaction.hold_frames,
        delay_frames=profile.redaction.delay_frames,
    )
    for frame in _spread(eye, most_frames):
        size = (frame.width, frame.height)
        for stage, work in stages.items():  # in turn, so that a busy machine is as unkind to the one as to the other
            started = time.perf_counter()
            work(frame)
            spent[stage].append((time.perf_counter() - started) * 1000)
        lines.append(float(len(found)))
    figures = tuple(_figures(stage, sorted(times)) for stage, times in spent.items())
    return CodesFigures(len(lines), *size, quantile(sorted(lines), 0.5), figures)


def _spread(eye: CapturedEye, most_frames: int, every: int = 12) -> Iterator[Frame]:
    """Every twelfth frame, about two a second, up to a number."""
    return islice((frame for frame in eye.frames() if frame.number % every == 0), most_frames)


def _figures(stage: str, times_ms: list[float]) -> StageFigures:
    p50, p95 = quantile(times_ms, 0.5), quantile(times_ms, 0.95)
    share = p50 / _EVERY_S[stage] if stage in _EVERY_S else 0.0
    return StageFigures(stage, round(p50, 2), round(p95, 2), round(share, 2))
