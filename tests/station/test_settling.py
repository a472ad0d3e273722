"""An alarm is open until somebody looked into it; then it is kept with who and why, and the next one is open again."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from lapel.core.records import Event, RecordKind
from lapel.errors import UsageError
from lapel.fakes.clock import FakeClock
from lapel.fakes.journal import MemoryJournal
from lapel.link.events import cloud_event
from lapel.link.signals import Arrived
from lapel_tools.cli.main import main
from lapel_tools.console.seen import audited
from lapel_tools.station.backup import back_up, restore
from lapel_tools.station.database import open_database
from lapel_tools.station.holdings import Holdings
from lapel_tools.station.register import Register
from lapel_tools.station.service import Station
from lapel_tools.station.witness import Alarm
from sync_rig import DEVICE, SITE, Notebook


def messages(entry: str, count: int) -> list[Arrived]:
    journal = MemoryJournal(FakeClock(), DEVICE)
    records = [journal.append(Event(RecordKind.ALERT, (("entry", f"{entry}-{n}"),))) for n in range(count)]
    sent = [cloud_event(record, f"/lapel/{SITE}/{DEVICE}") for record in records]
    return [Arrived(f"lapel/{SITE}/{DEVICE}/events", each.attributes, each.content_type, each.data) for each in sent]


def flood(where: Path | str, *settled_by: str) -> None:
    """Raise a flood, and have it settled by each."""
    with closing(Register(where, FakeClock())) as register:
        for who in settled_by:
            register.alarm(DEVICE, Alarm.FLOOD, "sends too much", 3)
            assert register.settle(DEVICE, "flood", who, "a loose cable")


def test_a_settled_alarm_is_kept_with_who_and_why_and_the_next_is_open_again(where: Path | str) -> None:
    flood(where, "Alice")
    with closing(Register(where, FakeClock())) as register:
        assert register.alarms() == ()
        register.alarm(DEVICE, Alarm.FLOOD, "sends too much again")
        assert [(each.alarm, each.count) for each in register.alarms()] == [("flood", 1)]
        (kept,) = register.settled()
    assert (kept.who, kept.why, kept.at[:10]) == ("Alice", "a loose cable", "2026-01-31")
    assert (kept.raised.alarm, kept.raised.count, kept.raised.detail) == ("flood", 3, "sends too much")


def test_one_settled_twice_is_kept_twice_and_one_that_is_not_open_is_not_settled(where: Path | str) -> None:
    flood(where, "Alice", "Bob")
    with closing(Register(where, FakeClock())) as register:
        assert sorted(each.who for each in register.settled()) == ["Alice", "Bob"]
        assert not register.settle(DEVICE, "flood", "Alice", "again")
        assert len(register.settled()) == 2


def test_a_settled_fork_is_looked_after_no_more_until_another_comes(where: Path | str) -> None:
    clock = FakeClock()
    with closing(Register(where, clock)) as register:
        station = Station(register, SITE, Notebook())
        station.take(messages("thing", 3))
        station.take(messages("other", 1))
        assert [each.needs_looking_after for each in audited(register)] == [True]
        register.settle(DEVICE, "fork", "Alice", "its card was copied")
        assert [each.needs_looking_after for each in audited(register)] == [False]
        assert register.standings()[0].forks == 1
        clock.advance(60)
        station.take(messages("third", 1))
        assert [each.needs_looking_after for each in audited(register)] == [True]


def test_a_gap_that_was_settled_is_not_raised_again_and_another_is(where: Path | str) -> None:
    clock, sent = FakeClock(), messages("thing", 6)
    with closing(Register(where, clock)) as register:
        station = Station(register, SITE, Notebook())
        station.take(sent[1:3])
        clock.advance(3700)
        station.look_for_gaps()
        assert register.settle(DEVICE, "gap", "Alice", "its card was lost")
        station.look_for_gaps()
        assert register.alarms() == ()
        station.take([sent[0], *sent[4:]])
        clock.advance(3700)
        station.look_for_gaps()
        assert [each.detail[:8] for each in register.alarms()] == ["record 3"]


def test_a_database_and_a_backup_of_before_alarms_were_settled_take_it(where: Path | str, tmp_path: Path) -> None:
    Register(where, FakeClock()).close()
    with closing(open_database(where, "")) as database:
        database.run("drop table settlements")
    flood(where, "Alice")
    backup = tmp_path / "backup.db"
    back_up(where, backup, lambda _: None)
    restore(backup, tmp_path / "new.db", lambda _: None)
    with closing(Holdings(tmp_path / "new.db")) as held:
        assert [each.who for each in held.settled()] == ["Alice"]
    with closing(open_database(backup, "")) as database:
        database.run("drop table settlements")
    assert restore(backup, tmp_path / "older.db", lambda _: None) == 0


def test_the_command_shows_settles_and_has_fleet_status_tell_it_no_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db = str(tmp_path / "station.db")
    with closing(Register(Path(db), FakeClock())) as register:
        register.alarm(DEVICE, Alarm.FLOOD, "sends too much", 3)
        register.alarm(DEVICE, Alarm.KEY, "another key")
    assert main(["station", "alarms", "--db", db]) == 1
    assert f"open: {DEVICE} flood, 3 times, last 2026-01-31T12:00: sends too much" in capsys.readouterr().out
    settle = ["station", "alarms", "--db", db, "--by", "Alice", "--why", "a loose cable", "--json", "--settle", DEVICE]
    assert main([*settle, "flood"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [each["alarm"] for each in shown["open"]] == ["key"]
    assert [(each["alarm"], each["count"], each["who"], each["why"]) for each in shown["settled"]] == [
        ("flood", 3, "Alice", "a loose cable")
    ]
    assert main([*settle, "key"]) == 0
    assert main(["station", "alarms", "--db", db]) == 0
    capsys.readouterr()
    main(["fleet", "status", "--db", db])
    assert "alarm" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--settle", "cam-9", "flood", "--by", "Alice", "--why", "x"), "no such alarm is open; open are: cam-1 key"),
        (("--settle", "cam-1", "key", "--by", "Alice"), "give all three"),
        (("--by", "Alice", "--why", "x"), "give all three"),
    ],
)
def test_what_cannot_be_settled_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    db = tmp_path / "station.db"
    with closing(Register(db, FakeClock())) as register:
        register.alarm(DEVICE, Alarm.KEY, "another key")
    assert main(["station", "alarms", "--db", str(db), *words]) == UsageError.exit_code
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
