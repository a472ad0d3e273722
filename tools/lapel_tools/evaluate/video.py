"""What the watch loop finds in the kit's clips, every frame looked at."""

from __future__ import annotations

from pathlib import Path

from lapel.capture.eye import CapturedEye
from lapel.core.gallery import Gallery, Terms
from lapel.fakes.alerter import RecordingAlerter
from lapel.fakes.journal import MemoryJournal
from lapel.health.clock import SystemClock
from lapel.health.meters import Meters
from lapel.wiring.lookout import Orders, build_lookout
from lapel_tools.evaluate.bench import Bench
from lapel_tools.evaluate.results import VideoHit, VideoResult


def run_video(bench: Bench) -> tuple[VideoResult, ...]:
    """Watch every clip for what is on the bench's watchlist. Raises: UsageError, MediaError."""
    nothing = Gallery(Terms("empty", 1, bench.today, bench.today), bench.seeing.models.describing_sha256, (), ())
    clips = bench.progress.each(bench.chosen(bench.kit.clips()), "clips")
    return tuple(_watched(bench, bench.watchlist or nothing, clip) for clip in clips)


def _watched(bench: Bench, gallery: Gallery, clip: str) -> VideoResult:
    """The loop of a watch, except that hits are listed where a watch would record and alert them."""
    clock = SystemClock()
    orders = Orders(str(bench.kit.path("video", clip)), Path(), Path(), is_live=False, console=False)
    journal, alerter = MemoryJournal(clock), RecordingAlerter()
    lookout = build_lookout(bench.profile, orders, bench.seeing, gallery, journal, alerter, Meters(), clock)
    hits, alerted, seconds = [], [], 0.0
    for frame in lookout.eye.frames():
        seconds = frame.at_s
        for hit in lookout.hits(frame):
            if hit.is_decoy:
                continue
            hits.append(VideoHit(hit.sighting.at_s, hit.entry.id, hit.match.box))
            if lookout.cooldown.is_news(hit):
                alerted.append(hit.entry.id)
    assert isinstance(lookout.eye, CapturedEye)
    return VideoResult(
        clip,
        lookout.eye.account.seen,
        tuple(hits),
        lookout.crowd.people_max,
        tuple(alerted),
        lookout.looks.decisions,
        seconds,
    )
