"""Purge, backup and restore of what a station holds, in either database."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lapel.core.records import Event, Record, RecordKind
from lapel.errors import StoreError, Tampered, UsageError
from lapel.fakes.clock import FakeClock
from lapel.fakes.journal import MemoryJournal
from lapel.link.events import cloud_event
from lapel.link.signals import Arrived
from lapel.store.witnessed import witnessed_note
from lapel_tools.cli.main import main
from lapel_tools.report.audited import station_trees
from lapel_tools.station.backup import back_up, restore
from lapel_tools.station.database import is_url, open_database
from lapel_tools.station.holdings import Holdings
from lapel_tools.station.purging import Order, What, purge, to_remove
from lapel_tools.station.register import Register
from lapel_tools.station.service import Station
from sync_rig import DEVICE, SITE, Notebook, Rig

PICTURE = b"\xff\xd8" + bytes(range(256)) * 8
PLACE = (("latitude_deg", 52.5), ("longitude_deg", 13.4))
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def records() -> list[Record]:
    journal = MemoryJournal(FakeClock(NOON), DEVICE)
    events = [
        Event(RecordKind.START, (("version", "1"),)),
        Event(RecordKind.ALERT, (("entry", "mug-1"),), PICTURE),
        Event(RecordKind.ALERT, (("entry", "mug-2"), *PLACE), PICTURE),
        Event(RecordKind.STOP, (("reason", "end"),)),
    ]
    return [journal.append(event) for event in events]


def messages() -> list[Arrived]:
    sent = [cloud_event(record, f"/lapel/{SITE}/{DEVICE}") for record in records()]
    return [Arrived(f"lapel/{SITE}/{DEVICE}/events", each.attributes, each.content_type, each.data) for each in sent]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def filled(where: Path | str, clock: FakeClock) -> Path | str:
    with closing(Register(where, clock)) as register:
        Station(register, SITE, Notebook()).take(messages())
    return where


def order(what: What, days: float = 30) -> Order:
    return Order(what, days, "Officer 7", "kept for long enough")


def held(where: Path | str) -> Iterator[tuple[int, int, str]]:
    with closing(Holdings(where)) as holdings:
        yield from ((len(row.body), row.picture_bytes, row.withheld) for row in reversed(holdings.last(9)))


def test_what_is_young_is_not_purged(filled: Path | str, clock: FakeClock) -> None:
    clock.advance(29 * 86400)
    assert purge(filled, order(What.PICTURES), clock) == 0


def test_old_pictures_go_and_the_tree_verifies(filled: Path | str, clock: FakeClock) -> None:
    clock.advance(31 * 86400)
    assert purge(filled, order(What.PICTURES), clock) == 2
    assert [picture for _, picture, _ in held(filled)] == [0, 0, 0, 0]
    assert [withheld for _, _, withheld in held(filled)] == ["", "purged", "purged", ""]
    (tree,) = station_trees(filled)
    assert len(tree.records) == 4


def test_a_record_with_an_old_position_goes_and_its_hash_stays(filled: Path | str, clock: FakeClock) -> None:
    clock.advance(31 * 86400)
    assert purge(filled, order(What.POSITIONS), clock) == 1
    assert [body > 0 for body, _, _ in held(filled)] == [True, True, False, True]
    (tree,) = station_trees(filled)
    assert (len(tree.records), tree.withheld, tree.head.size) == (3, 1, 4)


def test_a_purge_is_kept_as_a_fact(filled: Path | str, clock: FakeClock) -> None:
    clock.advance(31 * 86400)
    purge(filled, order(What.PICTURES), clock)
    with closing(Holdings(filled)) as holdings:
        (kept,) = holdings.purges()
    assert (kept.what, kept.records, kept.who, kept.why) == ("pictures", 2, "Officer 7", "kept for long enough")
    assert kept.before_at.startswith("2026-02-01")


def test_a_record_that_was_purged_and_comes_again_is_known(filled: Path | str, clock: FakeClock) -> None:
    clock.advance(31 * 86400)
    purge(filled, order(What.POSITIONS), clock)
    with closing(Register(filled, clock)) as register:
        station = Station(register, SITE, Notebook())
        station.take(messages())
        assert (station.duplicates, station.refused) == (4, 0)


def test_a_station_takes_records_between_two_parts_of_a_purge(
    filled: Path | str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lapel_tools.station.purging._AT_A_TIME", 1)
    clock.advance(31 * 86400)
    told: list[tuple[int, int, int]] = []
    with closing(Register(filled, clock)) as register:
        station = Station(register, SITE, Notebook())

        def look(count: int) -> None:
            station.take(messages())
            told.append((count, register.purges()[0].records, station.duplicates))

        assert purge(filled, order(What.PICTURES), clock, look) == 2
        assert [each.records for each in register.purges()] == [2]
    assert told == [(1, 1, 4), (2, 2, 8)]


@pytest.mark.parametrize("what", What)
def test_what_has_nothing_to_be_removed_is_not_read_by_a_purge(
    filled: Path | str, clock: FakeClock, what: What
) -> None:
    clock.advance(31 * 86400)
    purge(filled, order(what), clock)
    with closing(open_database(filled, "")) as database:
        if is_url(filled):
            database.run("set enable_seqscan = off")  # of four rows all are read
        explain = "explain" if is_url(filled) else "explain query plan"
        plan = str(database.run(f"{explain} {to_remove(database, what)}", ("2026-02-01", 1)))
    assert f"{what.value}_by_arrival" in plan


def test_nothing_of_a_purged_picture_is_left_in_the_file(tmp_path: Path, clock: FakeClock) -> None:
    db = tmp_path / "station.db"
    with closing(Register(db, clock)) as register:
        Station(register, SITE, Notebook()).take(messages())
        assert any(PICTURE[100:300] in path.read_bytes() for path in tmp_path.iterdir())
        clock.advance(31 * 86400)
        purge(db, order(What.PICTURES), clock)
        assert not any(PICTURE[100:300] in path.read_bytes() for path in tmp_path.iterdir())


def test_a_purge_beside_somebody_who_reads_says_that_it_is_not_done_until_it_is(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lapel_tools.station.sqlite_file._BUSY_S", 0.1)
    db = tmp_path / "station.db"
    with closing(Register(db, clock)) as register:
        Station(register, SITE, Notebook()).take(messages())
    clock.advance(31 * 86400)
    with closing(sqlite3.connect(db, isolation_level=None)) as reader:
        reader.execute("begin")
        reader.execute("select count(*) from records").fetchall()
        with pytest.raises(StoreError, match="give the command again"):
            purge(db, order(What.PICTURES), clock)
    assert purge(db, order(What.PICTURES), clock) == 0
    assert not any(PICTURE[100:300] in path.read_bytes() for path in tmp_path.iterdir())


def test_a_backup_is_a_stations_file_and_is_restored_whole(
    filled: Path | str, tmp_path: Path, clock: FakeClock
) -> None:
    clock.advance(31 * 86400)
    purge(filled, order(What.PICTURES), clock)
    backup, new = tmp_path / "backup.db", tmp_path / "new.db"
    assert back_up(filled, backup, lambda _: None) == 4
    assert station_trees(backup) == station_trees(filled)
    assert restore(backup, new, lambda _: None) == 4
    with closing(Holdings(filled)) as before, closing(Holdings(new)) as after:
        assert after.standings() == before.standings()
        assert (after.last(9), after.purges()) == (before.last(9), before.purges())
    assert {path.name for path in tmp_path.iterdir()} >= {"backup.db", "new.db"}
    assert not [path for path in tmp_path.iterdir() if ".part" in path.name]
    assert backup.stat().st_mode & 0o777 == 0o600


def test_a_file_is_restored_into_any_database(tmp_path: Path, where: Path | str, clock: FakeClock) -> None:
    old = tmp_path / "old.db"
    with closing(Register(old, clock)) as register:
        Station(register, SITE, Notebook()).take(messages())
    assert restore(old, where, lambda _: None) == 4
    assert station_trees(where) == station_trees(old)


def test_a_database_that_holds_something_takes_no_backup(filled: Path | str, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    back_up(filled, backup, lambda _: None)
    with pytest.raises(UsageError, match="holds records already"):
        restore(backup, filled, lambda _: None)
    with pytest.raises(UsageError, match="is there already"):
        back_up(filled, backup, lambda _: None)


@pytest.mark.parametrize(
    "change", ["update records set leaf = zeroblob(32) where sequence = 1", "delete from records where sequence = 3"]
)
def test_a_backup_that_was_changed_is_not_restored(
    filled: Path | str, tmp_path: Path, clock: FakeClock, change: str
) -> None:
    backup, new = tmp_path / "backup.db", tmp_path / "new.db"
    back_up(filled, backup, lambda _: None)
    with closing(sqlite3.connect(backup)) as edited, edited:
        edited.execute(change)
    with pytest.raises(Tampered, match="do not give the head"):
        restore(backup, new, lambda _: None)
    with closing(Holdings(new)) as holdings:
        assert holdings.standings() == ()


def test_the_commands_purge_back_up_restore_and_show_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    db, backup, new = (str(tmp_path / name) for name in ("station.db", "backup.db", "new.db"))
    with closing(Register(Path(db), FakeClock(NOON))) as register:
        Station(register, SITE, Notebook()).take(messages())
    who = ("--by", "Officer 7", "--why", "retention")
    assert main(["station", "purge", "--db", db, "--pictures-days", "30", "--positions-days", "30", *who]) == 0
    assert main(["station", "backup", "--db", db, "--out", backup]) == 0
    assert main(["station", "restore", "--db", new, backup]) == 0
    capsys.readouterr()
    assert main(["station", "--db", new, "--list", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [(each["what"], each["records"], each["who"]) for each in shown["purges"]] == [
        ("pictures", 2, "Officer 7"),
        ("positions", 1, "Officer 7"),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("purge", "--db", "none.db", "--pictures-days", "1", "--by", "x", "--why", "y"), "no such file"),
        (("purge", "--db", "none.db", "--by", "x", "--why", "y"), "both missing"),
        (("purge", "--db", "none.db", "--pictures-days", "-1", "--by", "x", "--why", "y"), "give 0 to"),
        (("purge", "--db", "none.db", "--pictures-days", "1", "--by", " ", "--why", "y"), "give a few words"),
        (("backup", "--db", "none.db", "--out", "b.db"), "no such file"),
        (("restore", "--db", "new.db", "none.db"), "no such file"),
        (("--list",), "--db: missing"),
    ],
)
def test_bad_input_is_one_line_and_makes_no_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["station", *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.mosquitto
def test_a_station_that_was_put_back_hears_again_what_it_lacks_and_witnesses_it(rig: Rig, tmp_path: Path) -> None:
    rig.write(20)
    with rig.station():
        rig.drain()
    back_up(rig.db, tmp_path / "backup.db", lambda _: None)
    rig.write(20)
    with rig.station():
        rig.drain()
    for path in (rig.db, *rig.db.parent.glob("station.db-*")):
        path.unlink()
    restore(tmp_path / "backup.db", rig.db, lambda _: None)
    rig.write(1)
    with rig.station():
        rig.drain()
    with closing(open_database(rig.db, "")) as database:
        assert database.run("select size from witnessed") == [(41,)]
        assert database.run("select count(*) from alarms") == [(0,)]
    assert rig.held() == rig.journal_head()
    assert witnessed_note(rig.state).splitlines()[1] == "41"
