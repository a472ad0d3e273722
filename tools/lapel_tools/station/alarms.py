"""Alarms in the station's database: open until somebody settles them, and kept with who did and why."""

from __future__ import annotations

from dataclasses import dataclass

from lapel_tools.station.database import Database
from lapel_tools.station.witness import Alarm

_LONGEST_DETAIL = 300
_COLUMNS = "device, alarm, detail, count, first_at, last_at"


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm of a device: how often it was raised, when first and last, and what was said last."""

    device: str
    alarm: str
    detail: str
    count: int
    first_at: str
    last_at: str


@dataclass(frozen=True, slots=True)
class Settled:
    """An alarm that somebody looked into, as it was when ``who`` said that it is done with, and ``why``."""

    raised: Raised
    at: str
    who: str
    why: str


def raise_alarm(db: Database, device: str, alarm: Alarm, detail: str, now: str, count: int = 1) -> None:
    """Keep an alarm that was seen so often; to an open one it is added."""
    db.run(
        "insert into alarms values (?, ?, ?, ?, ?, ?) on conflict (device, alarm) do update set"
        " count = alarms.count + excluded.count, detail = excluded.detail, last_at = excluded.last_at",
        (device, alarm.value, detail[:_LONGEST_DETAIL], count, now, now),
    )


def alarms_of(db: Database) -> tuple[Raised, ...]:
    """Every open alarm, by device."""
    return tuple(Raised(*row) for row in db.run(f"select {_COLUMNS} from alarms order by device, alarm"))


def settled_of(db: Database) -> tuple[Settled, ...]:
    """Every settled alarm, those settled last first."""
    rows = db.run(f"select {_COLUMNS}, at, who, why from settlements order by at desc, device, alarm")
    return tuple(Settled(Raised(*row[:6]), *row[6:]) for row in rows)


def settle(db: Database, device: str, alarm: str, who: str, why: str, now: str) -> bool:
    """Move an open alarm to the settled ones, so that the next of its kind is open again; whether there was one."""
    db.begin()
    try:
        which = f"from alarms where device = ? and alarm = ?{db.lock_rows}"
        found = db.run(f"select {_COLUMNS} {which}", (device, alarm))
        db.run_many(
            "insert into settlements values (?, ?, ?, ?, ?, ?, ?, ?, ?)", [(*row, now, who, why) for row in found]
        )
        db.run("delete from alarms where device = ? and alarm = ?", (device, alarm))
        db.commit()
    except BaseException:
        db.rollback()
        raise
    return bool(found)
