"""Retention: pictures and positions go, what proves that nothing else went stays.

A record's hash stays in its device's tree, so the tree still shows that no record was changed or left out; that it was
purged, by whom and why is kept as a fact. A position cannot be cut out of a record without changing it, so the record's
whole body goes with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from lapel.core.record_body import rfc3339
from lapel.ports import Clock
from lapel_tools.station.database import Database, open_database
from lapel_tools.station.schema import SCHEMA

_DAY_NS = 86_400 * 10**9
_AT_A_TIME = 500
_POSITION = b'"latitude_deg":'
PURGED = "purged"
"""What is shown in the place of what is no longer there."""


class What(Enum):
    """What can be removed of records."""

    PICTURES = "pictures"
    POSITIONS = "positions"


@dataclass(frozen=True, slots=True)
class Order:
    """Remove ``what`` of records that came ``days`` ago or earlier, by the station's clock."""

    what: What
    days: float
    who: str
    why: str


def purge(where: Path | str, order: Order, clock: Clock) -> int:
    """Do it; of how many records something was removed. What was done and that it was become durable together.

    Raises: StoreError; then nothing is removed, or it says that what was is not overwritten yet.
    """
    before_at = rfc3339(clock.wall_ns() - int(order.days * _DAY_NS))
    database = open_database(where, SCHEMA)
    try:
        database.begin()
        try:
            removed = _REMOVALS[order.what](database, before_at)
            database.run(
                "insert into purges values (?, ?, ?, ?, ?, ?)",
                (rfc3339(clock.wall_ns()), order.what.value, before_at, removed, order.who, order.why),
            )
            database.commit()
        except BaseException:
            database.rollback()
            raise
        database.reclaim()
        return removed
    finally:
        database.close()


def _remove_pictures(database: Database, before_at: str) -> int:
    which = "where received_at < ? and length(picture) > 0"
    removed = int(database.run(f"select count(*) from records {which}", (before_at,))[0][0])
    database.run(f"update records set picture = ?, withheld = ? {which}", (b"", PURGED, before_at))
    return removed


def _remove_positions(database: Database, before_at: str) -> int:
    removed, last = 0, ("", "", -1)
    while rows := database.run(
        "select received_at, device, sequence, body from records where received_at < ?"
        " and (received_at, device, sequence) > (?, ?, ?) order by received_at, device, sequence limit ?",
        (before_at, *last, _AT_A_TIME),
    ):
        last = rows[-1][:3]
        found = [(b"", PURGED, device, sequence) for _, device, sequence, body in rows if _POSITION in body]
        database.run_many("update records set body = ?, withheld = ? where device = ? and sequence = ?", found)
        removed += len(found)
    # Forged records may hold some as well; that they came is known by their hashes.
    database.run("update forks set body = ? where received_at < ?", (b"", before_at))
    return removed


_REMOVALS: dict[What, Callable[[Database, str], int]] = {
    What.PICTURES: _remove_pictures,
    What.POSITIONS: _remove_positions,
}
