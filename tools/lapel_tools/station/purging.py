"""Retention: pictures and positions go, what proves that nothing else went stays.

A record's hash stays in its device's tree, so the tree still shows that no record was changed or left out; that it was
purged, by whom and why is kept as a fact. A position cannot be cut out of a record without changing it, so the record's
whole body goes with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from lapel.core.record_body import rfc3339
from lapel.ports import Clock
from lapel_tools.station.database import Database, open_database
from lapel_tools.station.schema import HAS_PICTURE, HAS_POSITION, SCHEMA

_DAY_NS = 86_400 * 10**9
_AT_A_TIME = 500
_PAUSE_S = 0.15
"""Between two parts: whoever waits for a SQLite file looks each 0.1 s whether it is free, and is to find it so."""
PURGED = "purged"
"""What is shown in the place of what is no longer there."""


class What(Enum):
    """What can be removed of records."""

    PICTURES = "pictures"
    POSITIONS = "positions"


_CONDITIONS = {What.PICTURES: HAS_PICTURE, What.POSITIONS: HAS_POSITION}
_COLUMNS = {What.PICTURES: "picture", What.POSITIONS: "body"}


@dataclass(frozen=True, slots=True)
class Order:
    """Remove ``what`` of records that came ``days`` ago or earlier, by the station's clock."""

    what: What
    days: float
    who: str
    why: str


def purge(where: Path | str, order: Order, clock: Clock, told: Callable[[int], None] = lambda _: None) -> int:
    """Do it, part by part, so that a station goes on between two; of how many records something was removed.

    A part and its number in what is kept of the purge become durable together. ``told`` hears the number after each.
    Raises: StoreError; then what is kept says how many were done, or it says that they are not overwritten yet.
    """
    at, before_at = rfc3339(clock.wall_ns()), rfc3339(clock.wall_ns() - int(order.days * _DAY_NS))
    database = open_database(where, SCHEMA)
    try:
        removed = _part(database, order, at, before_at, is_first=True)
        count = removed
        while removed == _AT_A_TIME:
            told(count)
            time.sleep(_PAUSE_S)
            removed = _part(database, order, at, before_at)
            count += removed
        database.reclaim()
        return count
    finally:
        database.close()


def to_remove(database: Database, what: What) -> str:
    """The statement that finds the oldest records of which something is to be removed, up to a time and a number."""
    has_it = _CONDITIONS[what].format(**database.words)
    return f"select device, sequence from records where received_at < ? and {has_it} order by received_at limit ?"


def _part(database: Database, order: Order, at: str, before_at: str, is_first: bool = False) -> int:
    database.begin()
    try:
        found = database.run(to_remove(database, order.what) + database.lock_rows, (before_at, _AT_A_TIME))
        database.run_many(
            f"update records set {_COLUMNS[order.what]} = ?, withheld = ? where device = ? and sequence = ?",
            [(b"", PURGED, device, sequence) for device, sequence in found],
        )
        if is_first:
            kept = (at, order.what.value, before_at, len(found), order.who, order.why)
            database.run("insert into purges values (?, ?, ?, ?, ?, ?)", kept)
        else:
            database.run(
                "update purges set records = records + ? where at = ? and what = ?", (len(found), at, order.what.value)
            )
        if is_first and order.what is What.POSITIONS:
            # Forged records may hold some as well; that they came is known by their hashes.
            database.run("update forks set body = ? where received_at < ? and length(body) > 0", (b"", before_at))
        database.commit()
    except BaseException:
        database.rollback()
        raise
    return len(found)
