"""The station's SQLite file: the devices' records in their order, and what was refused.

A device's records are kept without a gap, so its tree (a compact range) grows with every one of them, and its head
is what the station can vouch for. Everything between ``begin`` and ``commit`` becomes durable together, or not at all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from lapel.core.chain import CompactRange
from lapel.core.record_body import rfc3339
from lapel.core.records import Head
from lapel.errors import StoreError, UsageError
from lapel.ports import Clock
from lapel_tools.station.intake import Incoming, NotTaken, Reason

_BUSY_S = 10.0
_LONGEST_DETAIL = 300

_SCHEMA = """
create table if not exists devices (
    device text primary key, size integer not null, peaks blob not null, root blob not null, heard_at text not null
) strict;
create table if not exists records (
    device text not null, sequence integer not null, id text not null, kind text not null, at text not null,
    body blob not null, leaf blob not null, picture blob not null, withheld text not null, received_at text not null,
    primary key (device, sequence)
) strict;
create index if not exists records_by_kind on records (device, kind, sequence);
create table if not exists forks (
    device text not null, sequence integer not null, leaf blob not null, body blob not null, received_at text not null,
    primary key (device, sequence, leaf)
) strict;
create table if not exists refusals (
    device text not null, reason text not null, count integer not null, last_detail text not null,
    last_at text not null, primary key (device, reason)
) strict;
"""
_ROWS = "select device, sequence, id, kind, at, withheld, received_at, body, length(picture) from records"


class Outcome(Enum):
    """What became of a record."""

    KEPT = "kept"
    DUPLICATE = "duplicate"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Row:
    """A kept record, as it is shown."""

    device: str
    sequence: int
    id: str
    kind: str
    at: str
    withheld: str
    received_at: str
    body: bytes = field(repr=False)
    picture_bytes: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What the station holds of a device; an empty device stands for messages on no device's topic."""

    device: str
    head: Head
    heard_at: str
    refusals: int
    forks: int


class Register:
    """The file, opened. One writer at a time; it may be read while it is written.

    ``any_thread`` lets another thread than the one that opened it use it, one at a time.
    Raises: StoreError, UsageError.
    """

    def __init__(self, path: Path, clock: Clock, any_thread: bool = False) -> None:
        self._path = path
        self._clock = clock
        self._trees: dict[str, CompactRange] = {}
        try:
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=not any_thread)
            self._db.execute("pragma journal_mode = wal")
            # FULL: an ack promises that the record survives a power cut.
            self._db.execute("pragma synchronous = full")
            self._db.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
                raise UsageError(f"{path}: is not a station's file; name the station's --db") from error
            raise StoreError(f"{path}: {error}; name a file in a folder that this program may write") from error

    def close(self) -> None:
        """Let the file go."""
        self._db.close()

    def begin(self) -> None:
        """Begin a batch. Raises: StoreError."""
        # Another station may have written meanwhile: nothing is remembered from one batch to the next.
        self._trees.clear()
        self._run("begin immediate")

    def commit(self) -> None:
        """Make the batch durable. Raises: StoreError; then nothing of it is kept."""
        now = self._now()
        for device, tree in self._trees.items():
            self._run(
                "insert into devices values (?, ?, ?, ?, ?) on conflict (device) do update set"
                " size = excluded.size, peaks = excluded.peaks, root = excluded.root, heard_at = excluded.heard_at",
                (device, tree.size, tree.to_bytes(), tree.root(), now),
            )
        self._run("commit")

    def rollback(self) -> None:
        """Forget the batch."""
        self._trees.clear()
        if self._db.in_transaction:
            self._run("rollback")

    def take(self, brought: Incoming) -> Outcome:
        """Keep a record that is the device's next. Raises: NotTaken where another record has its place already."""
        device, delivery = brought.device, brought.delivery
        tree = self._tree(device)
        if delivery.sequence > tree.size:
            return Outcome.GAP
        if delivery.sequence < tree.size:
            return self._seen_before(brought)
        self._run(
            "insert into records values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                device,
                delivery.sequence,
                delivery.id,
                delivery.kind,
                delivery.at,
                delivery.body,
                delivery.leaf,
                delivery.picture,
                delivery.withheld.value,
                self._now(),
            ),
        )
        self._trees[device] = tree.append(delivery.leaf)
        return Outcome.KEPT

    def refuse(self, refusal: NotTaken) -> None:
        """Count a message that was not taken."""
        self._run(
            "insert into refusals values (?, ?, 1, ?, ?) on conflict (device, reason) do update set"
            " count = count + 1, last_detail = excluded.last_detail, last_at = excluded.last_at",
            (refusal.device, refusal.reason.value, str(refusal)[:_LONGEST_DETAIL], self._now()),
        )

    def head(self, device: str) -> Head:
        """What is held of a device, including the batch that was begun."""
        return self._tree(device).head()

    def last(self, count: int) -> tuple[Row, ...]:
        """The records received last, newest first."""
        rows = self._run(
            f"{_ROWS} order by received_at desc, device, sequence desc limit ?",
            (count,),
        )
        return tuple(Row(*row) for row in rows)

    def newest(self, device: str, kind: str, count: int) -> tuple[Row, ...]:
        """The newest records of a device of one kind, newest first."""
        rows = self._run(f"{_ROWS} where device = ? and kind = ? order by sequence desc limit ?", (device, kind, count))
        return tuple(Row(*row) for row in rows)

    def newest_of_any(self, device: str, count: int) -> tuple[Row, ...]:
        """The newest records of a device, newest first."""
        rows = self._run(f"{_ROWS} where device = ? order by sequence desc limit ?", (device, count))
        return tuple(Row(*row) for row in rows)

    def leaves(self, device: str) -> Iterator[tuple[bytes, bytes]]:
        """Every record of a device in their order: its leaf, and its body, empty where that was withheld."""
        yield from self._run("select leaf, body from records where device = ? order by sequence", (device,))

    def standings(self) -> tuple[Standing, ...]:
        """Every device that was heard, by name."""
        rows = self._run(
            "select d.device, coalesce(v.size, 0), v.root, coalesce(v.heard_at, ''),"
            " (select coalesce(sum(count), 0) from refusals r where r.device = d.device),"
            " (select count(*) from forks f where f.device = d.device)"
            " from (select device from devices union select device from refusals) d"
            " left join devices v on v.device = d.device order by d.device"
        )
        empty = CompactRange().root()
        return tuple(Standing(row[0], Head(row[1], row[2] or empty), *row[3:]) for row in rows)

    def _seen_before(self, brought: Incoming) -> Outcome:
        device, delivery = brought.device, brought.delivery
        found = self._run(
            "select leaf from records where device = ? and sequence = ?", (device, delivery.sequence)
        ).fetchone()
        if found is not None and found[0] == delivery.leaf:
            return Outcome.DUPLICATE
        self._run(
            "insert or ignore into forks values (?, ?, ?, ?, ?)",
            (device, delivery.sequence, delivery.leaf, delivery.body, self._now()),
        )
        raise NotTaken(
            Reason.FORK, device, f"record {delivery.sequence}: another record of that number is held already (a fork)"
        )

    def _tree(self, device: str) -> CompactRange:
        if device not in self._trees:
            found = self._run("select size, peaks from devices where device = ?", (device,)).fetchone()
            self._trees[device] = CompactRange.from_bytes(*found) if found else CompactRange()
        return self._trees[device]

    def _run(self, statement: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        try:
            return self._db.execute(statement, values)
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}; nothing of this batch is acknowledged") from error

    def _now(self) -> str:
        return rfc3339(self._clock.wall_ns())
