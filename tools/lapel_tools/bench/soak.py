"""A long watch, seen from outside: clips in a loop through ``lapel run``, its memory, handles and signs of life.

The watch is the program itself in a process of its own, with its files, as systemd starts it: this plays systemd, hears
each sign of life, and reads of the process what the kernel says.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from lapel.core.record_body import parse_body
from lapel.core.records import RecordKind
from lapel.errors import HardwareError, MediaError
from lapel.health.clock import SystemClock
from lapel.health.ear import Ear
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.keys import FileKey
from lapel_tools.demo.watchlist import PROFILE, make_watchlist

WATCHDOG_S = 10.0
"""WatchdogSec= of the lookout's unit: without a sign of life for so long it is killed."""
MOST_MIB_A_10000 = 1.0
WARM_UP = 0.2
"""Share of the watch that counts for neither memory nor handles: models, list and caches fill up meanwhile."""
_SAMPLE_EVERY_S, _LEAST_SAMPLES = 1.0, 4
_ENDING_S = 120.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What the kernel said of the watch, so many seconds after its first sign of life."""

    at_s: float
    rss_mib: float
    handles: int
    threads: int


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line through samples: how much more in 10,000 frames, and the standard error of that."""

    a_10000: float
    error: float


@dataclass(frozen=True, slots=True)
class Soaked:
    """How a long watch went. ``unaccounted``: frames that are in no count of the watch's, or of its records."""

    frames: int
    looked_at: int
    dropped: int
    unaccounted: int
    alerts: int
    seconds: float
    start_s: float
    rss_mib: tuple[float, float]
    rss_line: Line
    handles: tuple[float, float]
    threads: tuple[float, float]
    beats: int
    longest_gap_s: float
    findings: tuple[str, ...] = field(default=())


def measure_soak(
    folder: Path, street: Path, clips: Sequence[Path], frames: int, is_live: bool, progress: Callable[[int], None]
) -> Soaked:
    """Watch ``frames`` frames of the clips in a loop, in ``folder``; the list is the demo's, made of its street clip.
    In real time, or every frame, however long that takes.

    ``progress`` hears how many frames ago it began to look. Raises: MediaError, HardwareError where the watch fails.
    """
    key = FileKey.create(folder / "device.key")
    make_watchlist(street, folder / "list.lapel", key, frozenset(), datetime.now(UTC).date())
    film, fps = looped(clips, frames, folder / "film.mp4")
    how = "run" if is_live else "replay"
    (began_s, *beats), samples, outcome = _watched(
        folder, film, how, lambda seconds: progress(min(frames, int(seconds * fps)) if is_live else 0)
    )
    with SealedJournal(folder / JOURNAL, key, SystemClock(), read_only=True) as journal:
        kept = sum(_seen(record.body) for record in journal.of_kind(RecordKind.DROPPED))
    return judged(frames, began_s, beats, samples, outcome, kept)


def looped(clips: Sequence[Path], frames: int, target: Path) -> tuple[Path, float]:
    """The clips again and again, ``frames`` frames at the first one's size and rate. Raises: MediaError."""
    first = cv2.VideoCapture(str(clips[0]))
    fps = first.get(cv2.CAP_PROP_FPS)
    size = int(first.get(cv2.CAP_PROP_FRAME_WIDTH)), int(first.get(cv2.CAP_PROP_FRAME_HEIGHT))
    is_video = first.isOpened() and fps > 0
    first.release()
    if not is_video:
        raise MediaError(f"{clips[0]}: not a video; give a clip that lapel replay reads")
    film = cv2.VideoWriter(str(target), cv2.VideoWriter.fourcc(*"mp4v"), fps, size)
    if not film.isOpened():
        raise MediaError(f"{target}: a film cannot be written; check the folder")
    for _, picture in zip(range(frames), _again_and_again(clips), strict=False):
        film.write(cv2.resize(picture, size) if picture.shape[1::-1] != size else picture)
    film.release()
    return target, fps


def _again_and_again(clips: Sequence[Path]) -> Iterator[cv2.typing.MatLike]:
    while True:
        for clip in clips:
            capture, count = cv2.VideoCapture(str(clip)), 0
            while (read := capture.read())[0]:
                count += 1
                yield read[1]
            capture.release()
            if not count:
                raise MediaError(f"{clip}: no frame can be read; give a clip that lapel replay reads")


def _watched(
    folder: Path, film: Path, how: str, told: Callable[[float], None]
) -> tuple[list[float], list[Sample], dict[str, object]]:
    """When it began and signs of life came, samples, and what the watch said at its end. Raises: HardwareError."""
    options = ["--watchlist", folder / "list.lapel", "--key-file", folder / "device.key", "--state", folder, "--json"]
    command = [sys.executable, "-m", "lapel.cli.main", how, film, "--profile", PROFILE, *options]
    beats: list[float] = []
    samples: list[Sample] = []
    with closing(Ear(_SAMPLE_EVERY_S / 4)) as ear, (folder / "said").open("w+") as said:
        began_s = time.monotonic()
        watch = subprocess.Popen([*map(str, command)], stdout=said, stderr=subprocess.DEVNULL, env=ear.environment)
        try:
            while watch.poll() is None and not _is_stopping(ear.hear(), beats):
                if beats and (not samples or time.monotonic() - beats[0] - samples[-1].at_s >= _SAMPLE_EVERY_S):
                    samples.append(_sample(watch.pid, time.monotonic() - beats[0]))
                    told(samples[-1].at_s)
            watch.wait(_ENDING_S)
        finally:
            watch.kill()
            watch.wait()
        said.seek(0)
        text = said.read()
    if watch.returncode:
        raise HardwareError(f"lapel {how} ended with {watch.returncode}; run it by itself to see why")
    if len(samples) < _LEAST_SAMPLES:
        raise HardwareError(f"lapel {how} was seen for {len(samples)} s only; watch more frames")
    return [began_s, *beats], samples, json.loads(text)


def _is_stopping(message: bytes, beats: list[float]) -> bool:
    """Note a sign of life; whether it says that it ends."""
    if b"WATCHDOG=1" in message:
        beats.append(time.monotonic())
    return b"STOPPING=1" in message


def _sample(pid: int, at_s: float) -> Sample:
    proc = Path("/proc") / str(pid)
    status = dict(
        line.split(":", 1) for line in (proc / "status").read_text(encoding="utf-8").splitlines() if ":" in line
    )
    handles = len(list((proc / "fd").iterdir()))
    return Sample(at_s, int(status["VmRSS"].split()[0]) / 1024, handles, int(status["Threads"]))


def _seen(body: bytes) -> int:
    return int(dict(parse_body(body).facts)["seen"] or 0)


def judged(
    frames: int,
    began_s: float,
    beats: Sequence[float],
    samples: Sequence[Sample],
    outcome: dict[str, object],
    kept: int,
) -> Soaked:
    """What came of a watch: ``outcome`` as ``lapel run --json`` says it, ``kept`` the frames that its records count."""
    account = outcome["account"]
    assert isinstance(account, dict)
    warm = [each for each in samples if each.at_s >= WARM_UP * samples[-1].at_s]
    ends = warm[: max(1, len(warm) // 4)], warm[-max(1, len(warm) // 4) :]
    rss, handles, threads = (
        tuple(round(float(np.median([getattr(each, name) for each in end])), 1) for end in ends)
        for name in ("rss_mib", "handles", "threads")
    )
    # A film is looked at evenly, as fast as it is played or as the machine can.
    rss_line = fitted([each.at_s / samples[-1].at_s * frames for each in warm], [each.rss_mib for each in warm])
    seen, dropped = int(account["seen"]), int(account["seen"]) - int(account["passed"])
    unaccounted = max(abs(frames - seen), abs(frames - kept))
    gap_s = max(later - sooner for sooner, later in pairwise([*beats, beats[0] + samples[-1].at_s]))
    findings = (
        (rss_line.a_10000 > MOST_MIB_A_10000, f"memory grows by {rss_line.a_10000:.2f} MiB in 10,000 frames"),
        (handles[1] > handles[0], f"handles grow from {handles[0]:g} to {handles[1]:g}"),
        (threads[1] > threads[0], f"threads grow from {threads[0]:g} to {threads[1]:g}"),
        (unaccounted > 0, f"{unaccounted} frames are in no count"),
        (gap_s >= WATCHDOG_S, f"no sign of life for {gap_s:.1f} s, which systemd bears for {WATCHDOG_S:g}"),
    )
    return Soaked(
        frames,
        int(account["passed"]),
        dropped,
        unaccounted,
        int(str(outcome["alerts"])),
        round(samples[-1].at_s, 1),
        round(beats[0] - began_s, 2),
        (rss[0], rss[1]),
        rss_line,
        (handles[0], handles[1]),
        (threads[0], threads[1]),
        len(beats),
        round(gap_s, 2),
        tuple(text for is_found, text in findings if is_found),
    )


def fitted(at_frames: Sequence[float], values: Sequence[float]) -> Line:
    """The line of least squares through values at numbers of frames."""
    if len(at_frames) < 3:
        return Line(0.0, float("inf"))
    x, y = np.asarray(at_frames) / 10_000, np.asarray(values)
    spread = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread
    left = y - y.mean() - slope * (x - x.mean())
    return Line(round(slope, 3), round(float((left**2).sum() / (len(x) - 2) / spread) ** 0.5, 3))
