"""Measures what a record costs, with its place in the audit tree and the disk waited for, and what a proof costs."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lapel.core.chain import leaf_hash
from lapel.core.proof import verify_consistency, verify_inclusion
from lapel.core.records import Event, RecordKind
from lapel.errors import Tampered, UsageError
from lapel.health.clock import SystemClock
from lapel.health.meters import quantile
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.keys import HeldKey

_AT_ONCE = 10_000
_PICTURE_BYTES = 20_000
_PROOFS = 1000


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took, in milliseconds. ``cpu_p95_ms``: of its own, whatever else the machine did meanwhile."""

    what: str
    p50_ms: float
    p95_ms: float
    max_ms: float
    cpu_p95_ms: float


@dataclass(frozen=True, slots=True)
class JournalFigures:
    """A measured journal. ``open_s``: every page checked, and ready to append."""

    records: int
    file_mib: float
    open_s: float
    times: tuple[Times, ...]


def measure_journal(records: int, appends: int, folder: Path | None = None) -> JournalFigures:
    """Append one at a time, fill up to ``records`` in a passing folder, and prove. Raises: StoreError, UsageError."""
    if folder is not None and not folder.is_dir():
        raise UsageError(f"--folder {folder}: is no folder; name one on the disk to measure")
    with TemporaryDirectory(prefix="lapel-bench-", dir=folder) as name:
        path, keys, clock, draw = Path(name) / JOURNAL, HeldKey.drawn(), SystemClock(), random.Random(1)
        with SealedJournal(path, keys, clock, "bench") as journal:
            for first in range(0, records, _AT_ONCE):
                journal.append_all(_event(draw) for _ in range(min(_AT_ONCE, records - first)))
        started = time.perf_counter()
        with SealedJournal(path, keys, clock, "bench") as journal:
            open_s = time.perf_counter() - started
            times = (
                _timed("proof of inclusion", _inclusions(journal, records, draw)),
                _timed("proof of consistency", _consistencies(journal, records, draw)),
                _timed("append", (lambda: journal.append(_event(draw)) for _ in range(appends))),
                _timed("append, 20 KB picture", (lambda: journal.append(_event(draw, True)) for _ in range(appends))),
            )
        return JournalFigures(records, round(path.stat().st_size / 2**20, 1), round(open_s, 3), times)


def _event(draw: random.Random, is_alert: bool = False) -> Event:
    facts = (("entry", f"made-up-{draw.randrange(1000)}"), ("evidence", draw.random()), ("at_s", draw.random()))
    return Event(RecordKind.ALERT, facts, draw.randbytes(_PICTURE_BYTES) if is_alert else b"")


def _inclusions(journal: SealedJournal, size: int, draw: random.Random) -> Iterator[Callable[[], object]]:
    head = journal.head()
    for _ in range(_PROOFS):
        sequence = draw.randrange(size)
        (record,) = journal.after(sequence - 1, 1)
        if not verify_inclusion(leaf_hash(record.body), sequence, head, journal.prove_inclusion(sequence, size)):
            raise Tampered(f"record {sequence} is not proved")
        yield lambda: journal.prove_inclusion(sequence, size)  # noqa: B023


def _consistencies(journal: SealedJournal, size: int, draw: random.Random) -> Iterator[Callable[[], object]]:
    head = journal.head()
    for _ in range(_PROOFS):
        earlier = draw.randrange(1, size)
        if not verify_consistency(journal.tree_at(earlier).head(), head, journal.prove_consistency(earlier, size)):
            raise Tampered(f"growth from {earlier} records is not proved")
        yield lambda: journal.prove_consistency(earlier, size)  # noqa: B023


def _timed(what: str, work: Iterator[Callable[[], object]]) -> Times:
    walls, cpus = [], []
    for each in work:
        started, spent = time.perf_counter(), time.thread_time()
        each()
        cpus.append((time.thread_time() - spent) * 1000)
        walls.append((time.perf_counter() - started) * 1000)
    walls.sort()
    figures = quantile(walls, 0.5), quantile(walls, 0.95), walls[-1], quantile(sorted(cpus), 0.95)
    return Times(what, *(round(figure, 3) for figure in figures))
