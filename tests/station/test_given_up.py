"""What a device gave up at its quota, and a station that was put back to an earlier day lacks."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from itertools import cycle
from pathlib import Path

import pytest

from lapel.core.purging import STAYS
from lapel.core.records import Event, Record, RecordKind
from lapel.errors import StoreFull
from lapel.health.clock import SystemClock
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.witnessed import witnessed_note
from lapel_tools.station.holdings import Holdings
from sync_rig import DEVICE, Rig

pytestmark = pytest.mark.mosquitto

PICTURE = b"\xff\xd8" + bytes(20_000)
EVENTS = (Event(RecordKind.ALERT, (), PICTURE), Event(RecordKind.PEOPLE, (("people_max", 1),)))


def journal_at_its_quota(rig: Rig) -> SealedJournal:
    return SealedJournal(rig.state / JOURNAL, rig.key, SystemClock(), DEVICE, quota_mib=1)


def filled(journal: SealedJournal) -> list[Record]:
    kept: list[Record] = []
    with suppress(StoreFull):
        for event in cycle(EVENTS):
            kept.append(journal.append(event))
    return kept


def forget(db: Path) -> None:
    """Put the station back to before the first record."""
    for path in db.parent.glob(f"{db.name}*"):
        if path.suffix not in {".witness", ".pub"}:
            path.unlink()


def test_what_a_device_gave_up_comes_as_its_hash_so_that_the_station_catches_up_and_says_what_it_never_has(
    rig: Rig,
) -> None:
    with rig.station(), journal_at_its_quota(rig) as journal:
        written = filled(journal)
        rig.drain()
        journal.append(EVENTS[0])
        left = {record.sequence: record for record in journal.after(-1, 10_000)}
    gone = [record for record in written if record.sequence not in left]
    bare = [each.sequence for each in left.values() if each.picture_sha256 and not each.picture]
    assert gone
    assert bare
    assert not STAYS & {record.kind for record in gone}
    forget(rig.db)
    with rig.station() as station:
        outcome = rig.drain()
        assert (outcome.waiting, outcome.withheld) == (0, len(gone) + len(bare))
        assert station.refused == 0
    said = [fields["is_given_up"] for name, fields in rig.notes.events if name == "withheld"]
    assert set(said) == {True}
    assert len(said) < len(gone) // 4
    assert rig.held() == rig.journal_head()
    with closing(sqlite3.connect(rig.db)) as db:
        rows = db.execute("select sequence, kind, at, leaf from records where withheld = 'body' order by sequence")
        assert rows.fetchall() == [(each.sequence, each.kind.value, each.at, each.leaf) for each in gone]
        rows = db.execute("select sequence from records where withheld = 'picture' order by sequence")
        assert [sequence for (sequence,) in rows] == bare
    with closing(Holdings(rig.db)) as held:
        ((device, alarm, detail, count),) = [(a.device, a.alarm, a.detail, a.count) for a in held.alarms()]
    assert (device, alarm, count) == (DEVICE, "withheld", len(gone) + len(bare))
    assert detail.startswith(f"{len(gone)} records from {gone[0].sequence} to {gone[-1].sequence} came as a hash alone")
    assert f"; {len(bare)} records from {bare[0]} to {bare[-1]} came without a picture: " in detail
    assert witnessed_note(rig.state).splitlines()[1] == str(rig.held().size)
