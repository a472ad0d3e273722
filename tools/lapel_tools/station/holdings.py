"""What the station holds, to read: devices, their records, and what was refused of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lapel.core.chain import CompactRange
from lapel.core.records import Head
from lapel.errors import UsageError
from lapel.link.events import Withheld
from lapel_tools.station.alarms import Raised, Settled, alarms_of, settled_of
from lapel_tools.station.database import Values, is_url, open_database
from lapel_tools.station.schema import SCHEMA
from lapel_tools.station.witness import Witnessed
from lapel_tools.station.witness_rows import witnessed_of

_ROWS = "select device, sequence, id, kind, at, withheld, received_at, body, length(picture) from records"


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
    """What the station holds of a device; an empty device stands for messages on no device's topic.

    ``early`` records came before their predecessors, and are not in ``head`` yet; ``witnessed`` are under a head that
    the device and the station signed; ``open_forks`` are those that no settled alarm speaks of. ``told`` is how many
    records its journal had at ``told_at``, as it said itself; None and empty where it never did.
    """

    device: str
    head: Head
    heard_at: str
    refusals: int
    forks: int
    early: int
    witnessed: int
    open_forks: int
    told: int | None
    told_at: str


@dataclass(frozen=True, slots=True)
class Refusals:
    """Messages of a device that were not taken for one reason; an empty device stands for no device's topic."""

    device: str
    reason: str
    count: int
    last_detail: str
    last_at: str


@dataclass(frozen=True, slots=True)
class Purge:
    """That payload was removed of so many records that had come before a time; their hashes stay in the trees."""

    at: str
    what: str
    before_at: str
    records: int
    who: str
    why: str


class Holdings:
    """The station's database, opened to be read while it is written. Raises: StoreError, UsageError, ConfigError."""

    def __init__(self, where: Path | str, any_thread: bool = False) -> None:
        self._db = open_database(where, SCHEMA, any_thread)

    @property
    def name(self) -> str:
        """How messages call the database."""
        return self._db.name

    def close(self) -> None:
        """Let the database go."""
        self._db.close()

    def last(self, count: int) -> tuple[Row, ...]:
        """The records received last, newest first."""
        return self._rows("order by received_at desc, device, sequence desc limit ?", (count,))

    def newest(self, device: str, kind: str, count: int) -> tuple[Row, ...]:
        """The newest records of a device of one kind, newest first."""
        return self._rows("where device = ? and kind = ? order by sequence desc limit ?", (device, kind, count))

    def newest_of_any(self, device: str, count: int) -> tuple[Row, ...]:
        """The newest records of a device, newest first."""
        return self._rows("where device = ? order by sequence desc limit ?", (device, count))

    def alerts(self, count: int, skip: int = 0) -> tuple[Row, ...]:
        """The alerts that were received last, of every device, newest first, after ``skip`` of them."""
        # As a literal: no database uses an index of alerts alone for a kind that it learns later.
        return self._rows(
            "where kind = 'alert' order by received_at desc, device desc, sequence desc limit ? offset ?", (count, skip)
        )

    def following(self, device: str, kind: str, sequence: int, count: int) -> tuple[Row, ...]:
        """The records of a device of one kind that come first after a number, oldest first."""
        return self._rows(
            "where device = ? and kind = ? and sequence > ? order by sequence limit ?", (device, kind, sequence, count)
        )

    def picture(self, device: str, sequence: int) -> bytes:
        """The picture of a record; empty where it has none, or none is held."""
        rows = self._db.run("select picture from records where device = ? and sequence = ?", (device, sequence))
        return bytes(rows[0][0]) if rows else b""

    def refusals(self) -> tuple[Refusals, ...]:
        """What was refused, by device and reason."""
        rows = self._db.run("select device, reason, count, last_detail, last_at from refusals order by device, reason")
        return tuple(Refusals(*row) for row in rows)

    def leaves(self, device: str) -> Iterator[tuple[bytes, bytes]]:
        """Every record that is without a gap, in their order: its leaf, and its body, empty where it was withheld."""
        rows = self._db.stream(
            "select r.leaf, r.body from records r join devices d on d.device = r.device"
            " where r.device = ? and r.sequence < d.size order by r.sequence",
            (device,),
        )
        yield from ((leaf, body) for leaf, body in rows)

    def standings(self) -> tuple[Standing, ...]:
        """Every device that was heard, by name."""
        rows = self._db.run(
            "select d.device, coalesce(v.size, 0), v.root, coalesce(v.heard_at, ''),"
            " (select cast(coalesce(sum(count), 0) as bigint) from refusals r where r.device = d.device),"
            " (select count(*) from forks f where f.device = d.device),"
            " (select count(*) from records e where e.device = d.device and e.sequence >= coalesce(v.size, 0)),"
            " coalesce((select w.size from witnessed w where w.device = d.device), 0),"
            " (select count(*) from forks f where f.device = d.device and f.received_at > coalesce("
            "(select max(s.last_at) from settlements s where s.device = d.device and s.alarm in ('fork', 'replaced')),"
            " '')),"
            " j.size, coalesce(j.at, '')"
            " from (select device from devices union select device from refusals) d"
            " left join devices v on v.device = d.device left join journals j on j.device = d.device order by d.device"
        )
        empty = CompactRange().root()
        return tuple(Standing(row[0], Head(row[1], row[2] or empty), *row[3:]) for row in rows)

    def alarms(self) -> tuple[Raised, ...]:
        """What somebody must look into, by device."""
        return alarms_of(self._db)

    def settled(self) -> tuple[Settled, ...]:
        """What somebody looked into, those settled last first."""
        return settled_of(self._db)

    def witnessed(self, device: str) -> Witnessed | None:
        """The last head of a device that the station signed."""
        return witnessed_of(self._db, device)

    def missing(self, device: str) -> str:
        """Of which records of a device the station has the hash alone, or not the picture, in words."""
        said: list[str] = []
        for part, came in ((Withheld.BODY, "came as a hash alone"), (Withheld.PICTURE, "came without a picture")):
            # The part is written out, as an index holds its rows alone.
            rows = self._db.run(
                "select count(*), min(sequence), max(sequence) from records"
                f" where device = ? and withheld = '{part.value}'",
                (device,),
            )
            count, first, last = rows[0]
            if count:
                which = f"record {first}" if count == 1 else f"{count} records from {first} to {last}"
                said.append(f"{which} {came}")
        return f"{'; '.join(said)}: the device had given up the rest, or its broker took no more"

    def purges(self) -> tuple[Purge, ...]:
        """What was removed, oldest first."""
        rows = self._db.run("select at, what, before_at, records, who, why from purges order by at, what")
        return tuple(Purge(*row) for row in rows)

    def head(self, device: str) -> Head:
        """What is held of a device without a gap."""
        rows = self._db.run("select size, root from devices where device = ?", (device,))
        return Head(*rows[0]) if rows else CompactRange().head()

    def _rows(self, which: str, values: Values) -> tuple[Row, ...]:
        return tuple(Row(*row) for row in self._db.run(f"{_ROWS} {which}", values))


def existing(where: Path | str) -> Path | str:
    """A station's database that is to be read. Raises: UsageError where there is no such file."""
    if not is_url(where) and not Path(where).is_file():
        raise UsageError(f"{where}: no such file; name the station's --db")
    return where
