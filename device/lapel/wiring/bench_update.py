"""Measures how long frames wait for an update of a long list that is taken while the watch loop goes on."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from lapel.alert.notices import NoticesOnly
from lapel.capture.sources import Wanted, open_source
from lapel.config.profile import Profile
from lapel.core.alerted import alert_event
from lapel.core.records import Event
from lapel.core.things import Hit
from lapel.errors import UsageError
from lapel.health.clock import SystemClock
from lapel.health.memory import give_back
from lapel.health.meters import Meters, peak_rss_mib
from lapel.matching import Recall
from lapel.store.gallery import open_gallery
from lapel.store.journal import SealedJournal
from lapel.store.keys import FileKey
from lapel.wiring.bench_list import write_made_up
from lapel.wiring.lookout import Orders, build_lookout
from lapel.wiring.renewal import Changing, renewed
from lapel.wiring.seeing import Seeing, open_seeing
from lapel.wiring.stamps import stamp_of

# The first frames find caches empty; some after the swap find what was swapped out of them.
_FIRST, _AFTER = 20, 10


@dataclass(frozen=True, slots=True)
class UpdateFigures:
    """Frames that were looked at three times: twice in peace, and with an update of ``changed`` of ``rows`` entries.

    A frame's time is from the one before to its own end. ``longest_delay_ms`` is the most by which any frame, from the
    file's change to the tenth frame that was looked at by the new list, took longer than the same frame in peace;
    ``without_ms`` is the same of the second time in peace, which is what the machine itself does. ``taken_s`` passed
    from the file's change until the new list was watched for.
    """

    rows: int
    changed: int
    frames: int
    longest_delay_ms: float
    without_ms: float
    longest_frame_ms: float
    longest_frame_without_ms: float
    taken_s: float
    peak_rss_mib: float


@dataclass(frozen=True, slots=True)
class _Pass:
    """When each frame was done, in seconds; which were those of the update, if one was made, and how long it took."""

    done_s: tuple[float, ...]
    span: range = range(0)
    taken_s: float = 0.0

    @property
    def frame_s(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.diff(self.done_s)


def measure_update(profile: Profile, source: str, rows: int, changed: int) -> UpdateFigures:
    """Raises: UsageError for a source that ends before the update is taken; what ``watch`` raises."""
    camera = profile.camera
    open_source(source, Wanted(camera.width_px, camera.height_px, camera.fps)).close()  # before minutes are spent
    seeing = open_seeing(profile)
    give_back()
    with TemporaryDirectory(prefix="lapel-bench-") as name:
        folder = Path(name)
        keys = FileKey.create(folder / "bench.key")
        versions = (folder / "one", folder / "two")
        for version, path in enumerate(versions, 1):
            write_made_up(path, seeing.models, rows, keys, version, changed if version > 1 else 0)
        passes = []
        for number, is_updated in enumerate((False, False, True)):
            (folder / str(number)).mkdir()
            listed = folder / str(number) / "list.lapel"
            listed.hardlink_to(versions[0])
            orders = Orders(source, listed, folder / str(number), is_live=False, console=False)
            passes.append(_watched(profile, orders, seeing, keys, versions[1] if is_updated else None))
    return _figures(rows, changed, *passes)


def _figures(rows: int, changed: int, base: _Pass, control: _Pass, updated: _Pass) -> UpdateFigures:
    span = slice(updated.span.start, updated.span.stop)
    delay = (updated.frame_s - base.frame_s)[span].max()
    without = (control.frame_s - base.frame_s)[span].max()
    return UpdateFigures(
        rows,
        changed,
        len(base.done_s),
        round(float(delay) * 1000, 1),
        round(float(without) * 1000, 1),
        round(float(updated.frame_s[span].max()) * 1000, 1),
        round(float(max(base.frame_s[span].max(), control.frame_s[span].max())) * 1000, 1),
        round(updated.taken_s, 2),
        round(peak_rss_mib(), 1),
    )


def _watched(profile: Profile, orders: Orders, seeing: Seeing, keys: FileKey, update: Path | None) -> _Pass:
    clock = SystemClock()
    changing = Changing(orders.watchlist, keys, stamp_of(orders.watchlist))
    gallery = open_gallery(orders.watchlist, keys)
    done_s: list[float] = []
    changed_at = taken_at = 0
    with SealedJournal(orders.state / "journal.db", keys, clock, "bench") as journal:
        alerter = NoticesOnly(sys.stderr)
        lookout = build_lookout(profile, orders, seeing, gallery, journal, alerter, Meters(), clock)
        del gallery  # or the old list would be kept, as no watch keeps it
        give_back()
        with renewed(changing, lookout, seeing, clock.today, _event) as lookout.renewals:
            for frame in lookout.eye.frames():
                lookout.renew()
                lookout.look(frame)
                done_s.append(perf_counter())
                if update is not None and len(done_s) == _FIRST:
                    changed_at = len(done_s)
                    update.rename(orders.watchlist)
                if not taken_at and changed_at and _version(lookout.watchlist) == 2:
                    taken_at = len(done_s)
    if update is None:
        return _Pass(tuple(done_s))
    if not taken_at or taken_at + _AFTER > len(done_s):
        raise UsageError(f"--source {orders.source}: ends before the update is taken; give a longer one")
    taken_s = done_s[taken_at - 1] - done_s[changed_at - 1]
    return _Pass(tuple(done_s), range(changed_at, taken_at + _AFTER), taken_s)


def _version(watchlist: object) -> int:
    return watchlist.listed.terms.version if isinstance(watchlist, Recall) else 0


def _event(terms: tuple[str, int], hit: Hit) -> Event:
    return alert_event(hit, terms, b"")
