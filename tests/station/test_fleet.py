"""How a fleet stands, by the records that a station holds."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lapel.core.record_body import Stamp, record_of
from lapel.core.records import Event, Fact, RecordKind
from lapel.fakes.clock import FakeClock
from lapel.link.events import cloud_event
from lapel.link.signals import Arrived
from lapel_tools.cli.main import main
from lapel_tools.station.fleet import DeviceStatus, Expectation, fleet_status
from lapel_tools.station.register import Register
from lapel_tools.station.service import Station
from sync_rig import Notebook

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
EXPECTED = Expectation(NOON, timedelta(hours=24), {}, {})
UPDATE = (("outcome", "applied"), ("list", "spring"), ("version", "3"), ("entries", "9"), ("withdrawn", ""))


class Fleet:
    """Devices whose records reach a station; ``at`` is what their clock says."""

    def __init__(self, file: Path) -> None:
        self.clock = FakeClock(NOON)
        self.register = Register(file, self.clock)
        self._station = Station(self.register, "depot", Notebook())
        self._sent: dict[str, int] = {}

    def record(
        self, device: str, kind: RecordKind, *facts: tuple[str, Fact], at: datetime = NOON, picture: bytes = b""
    ) -> None:
        number = self._sent.get(device, 0)
        self._sent[device] = number + 1
        stamp = Stamp(device, number, int(at.timestamp()) * 10**9, "boot-1", number)
        event = cloud_event(record_of(Event(kind, facts, picture), stamp), f"/lapel/depot/{device}")
        topic = f"lapel/depot/{device}/events"
        self._station.take([Arrived(topic, event.attributes, event.content_type, event.data)])

    def watching(self, device: str, version: int) -> None:
        self.record(device, RecordKind.LIST, ("list_id", "spring"), ("version", version), ("entries", 9))

    def status(self, expected: Expectation = EXPECTED) -> dict[str, DeviceStatus]:
        return {each.device: each for each in fleet_status(self.register, expected)}


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    found = Fleet(tmp_path / "station.db")
    with closing(found.register):
        yield found


def test_a_device_that_watches_the_newest_list_is_fine(fleet: Fleet) -> None:
    fleet.record("cam-1", RecordKind.UPDATE, *UPDATE)
    fleet.watching("cam-1", 3)
    (status,) = fleet.status().values()
    assert (status.held.list_id, status.held.version) == ("spring", 3)
    assert (status.offered.outcome, status.findings, status.records) == ("applied", (), 2)


@pytest.mark.parametrize("outcome", ["refused", "stale"])
def test_a_list_that_was_not_taken_is_told_with_the_reason(fleet: Fleet, outcome: str) -> None:
    fleet.record("cam-1", RecordKind.UPDATE, *UPDATE)
    fleet.record("cam-1", RecordKind.REFUSAL, ("what", f"update {outcome}: frozen"), ("why", "the timestamp ended"))
    (status,) = fleet.status().values()
    assert (status.offered.outcome, status.held.version) == (outcome, 3)
    assert status.findings == (f"{outcome}: the timestamp ended",)


def test_a_refusal_ends_when_a_list_is_taken_again(fleet: Fleet) -> None:
    fleet.record("cam-1", RecordKind.REFUSAL, ("what", "update refused: group"), ("why", "no list is for group x"))
    fleet.record("cam-1", RecordKind.UPDATE, *UPDATE)
    assert fleet.status()["cam-1"].findings == ()


def test_a_refusal_of_something_else_is_no_refused_list(fleet: Fleet) -> None:
    fleet.watching("cam-1", 3)
    fleet.record("cam-1", RecordKind.REFUSAL, ("what", "entry left out of the watchlist"), ("why", "changed"))
    assert fleet.status()["cam-1"].offered.outcome == ""


def test_a_device_behind_the_others_is_told_by_both_versions(fleet: Fleet) -> None:
    fleet.watching("cam-1", 2)
    fleet.watching("cam-2", 3)
    found = fleet.status()
    assert found["cam-1"].findings == ("behind: has version 2 of spring, 3 is the newest",)
    assert found["cam-2"].findings == ()


def test_a_published_version_that_no_device_has_leaves_all_behind(fleet: Fleet) -> None:
    fleet.watching("cam-1", 3)
    found = fleet.status(replace(EXPECTED, versions={"spring": 4}))
    assert found["cam-1"].findings == ("behind: has version 3 of spring, 4 is the newest",)


def test_a_listed_device_that_was_never_heard_is_told(fleet: Fleet) -> None:
    found = fleet.status(replace(EXPECTED, groups={"cam-9": "patrol"}))
    assert (found["cam-9"].group, found["cam-9"].findings[0]) == ("patrol", "was never heard")


def test_a_device_that_fell_silent_is_told(fleet: Fleet) -> None:
    fleet.watching("cam-1", 3)
    later = replace(EXPECTED, now=NOON + timedelta(days=3))
    assert fleet.status(later)["cam-1"].findings == ("was not heard for 3 days",)


def test_what_was_withdrawn_is_told(fleet: Fleet) -> None:
    fleet.record("cam-1", RecordKind.UPDATE, *UPDATE[:-1], ("withdrawn", "mug-1"))
    fleet.record("cam-1", RecordKind.UPDATE, *UPDATE)
    assert fleet.status()["cam-1"].withdrawn == "mug-1"


def test_a_clock_ahead_of_the_stations_is_told(fleet: Fleet) -> None:
    fleet.watching("cam-1", 3)
    fleet.record("cam-1", RecordKind.STOP, ("reason", "end"), at=NOON + timedelta(hours=3))
    assert fleet.status()["cam-1"].findings == ("clock is 3 hours ahead of the station's",)


def test_a_clock_that_was_set_back_is_told_by_the_record(fleet: Fleet) -> None:
    fleet.watching("cam-1", 3)
    fleet.record("cam-1", RecordKind.STOP, ("reason", "end"), at=NOON - timedelta(days=2))
    assert fleet.status()["cam-1"].findings == ("clock was set back by 2 days at record 1",)


def test_records_that_waited_offline_are_no_clock_trouble(fleet: Fleet) -> None:
    fleet.clock.advance(7 * 86400)
    fleet.watching("cam-1", 3)
    assert fleet.status(replace(EXPECTED, now=NOON + timedelta(days=7)))["cam-1"].findings == ()


HOT = (("heat_c", 79.4), ("step", 2), ("throttled", None))


def test_a_device_that_does_less_for_heat_is_to_be_looked_after_until_it_is_cool_or_begins_anew(fleet: Fleet) -> None:
    fleet.watching("cam-1", 3)
    assert fleet.status()["cam-1"].heat is None
    fleet.record("cam-1", RecordKind.HEAT, *HOT)
    hot = fleet.status()["cam-1"]
    assert hot.heat == "does less at 79 °C, step 2 since 2026-01-31T12:00"
    assert hot.findings == (f"{hot.heat}: too hot or underfed; shade or feed it",)
    fleet.record("cam-1", RecordKind.HEAT, ("heat_c", 60.0), ("step", 0), ("throttled", None))
    cool = fleet.status()["cam-1"]
    assert (cool.heat, cool.findings) == ("does all that it can again at 60 °C, since 2026-01-31T12:00", ())
    fleet.record("cam-1", RecordKind.HEAT, *HOT)
    fleet.record("cam-1", RecordKind.START, ("profile", "pi-4"))
    assert (fleet.status()["cam-1"].heat, fleet.status()["cam-1"].findings) == (None, ())


@pytest.mark.parametrize("facts", [(("heat_c", 10**400), ("step", 10**400)), (("heat_c", "x"), ("step", "x")), ()])
def test_what_a_device_says_of_heat_that_cannot_be_is_no_trouble_here(
    fleet: Fleet, facts: tuple[tuple[str, Fact], ...]
) -> None:
    fleet.watching("cam-1", 3)
    fleet.record("cam-1", RecordKind.HEAT, *facts)
    assert fleet.status()["cam-1"].heat == "does all that it can again, since 2026-01-31T12:00"


def test_the_command_says_what_is_unknown_and_exits_1_on_a_finding(
    fleet: Fleet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet.watching("cam-1", 3)
    page = tmp_path / "fleet.html"
    assert main(["fleet", "status", "--db", str(tmp_path / "station.db"), "--json", "--html", str(page)]) == 1
    (found,) = json.loads(capsys.readouterr().out)["devices"]
    assert (found["battery"], found["heat"], found["waiting"]) == (None, None, None)
    assert found["findings"][0].startswith("was not heard for")
    assert "spring version 3" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--db", "none.db"), "no such file"),
        (("--db", "text.db"), "is not a station's file"),
        (("--db", "text.db", "--dir", "none"), "there is no such folder"),
        (("--db", "text.db", "--silent-hours", "-1"), "give more than 0"),
        (("--db", "text.db", "--html", "no/page.html"), "there is no folder"),
    ],
)
def test_bad_input_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.db").write_text("no database, " * 100, encoding="utf-8")
    assert main(["fleet", "status", *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_record_with_a_time_that_is_none_is_a_finding_and_breaks_nothing(fleet: Fleet, tmp_path: Path) -> None:
    fleet.watching("cam-1", 3)
    fleet.watching("cam-2", 3)
    with closing(sqlite3.connect(tmp_path / "station.db")) as database, database:
        database.execute("UPDATE records SET at = 'noon'")
    assert fleet.status()["cam-1"].findings == ("clock writes times that are none",)


@pytest.mark.parametrize(
    ("hours", "said"), [(17, ""), (19, "lapses in 5 hours"), (25, "has lapsed: it looks for nothing")]
)
def test_a_lease_that_lapses_soon_or_must_have_lapsed_is_a_finding(fleet: Fleet, hours: int, said: str) -> None:
    fleet.record("cam-1", RecordKind.CONFIGURATION, ("orders.lease_hours", 72.0))
    fleet.watching("cam-1", 3)
    now = NOON + timedelta(hours=hours)
    expected = replace(EXPECTED, now=now, silent=timedelta(days=9), leases={"spring": 24})
    (status,) = fleet.status(expected).values()
    assert [said in finding for finding in status.findings] == ([True] if said else [])


def test_a_device_that_said_that_its_lease_lapsed_is_to_be_looked_after_until_it_is_renewed(fleet: Fleet) -> None:
    fleet.watching("cam-1", 3)
    fleet.record("cam-1", RecordKind.LEASE, ("outcome", "lapsed"))
    (status,) = fleet.status().values()
    assert [finding[:16] for finding in status.findings] == ["its lease lapsed"]
    fleet.record("cam-1", RecordKind.LEASE, ("outcome", "renewed"))
    (status,) = fleet.status().values()
    assert status.findings == ()


@pytest.mark.parametrize(
    ("kind", "fact"),
    [
        (RecordKind.LIST, ("version", "9" * 5000)),
        (RecordKind.CONFIGURATION, ("orders.lease_hours", 1e300)),
        (RecordKind.CONFIGURATION, ("orders.lease_hours", -(10**400))),
    ],
)
def test_no_number_that_a_device_says_hides_the_fleet(fleet: Fleet, kind: RecordKind, fact: tuple[str, Fact]) -> None:
    fleet.watching("cam-1", 3)
    fleet.record("cam-1", kind, ("list_id", "spring"), fact)
    fleet.watching("cam-2", 3)
    assert fleet.status()["cam-2"].findings == ()


def test_a_fork_is_told_as_one(fleet: Fleet) -> None:
    fleet.watching("cam-1", 3)
    fleet._sent.clear()
    fleet.watching("cam-1", 4)
    assert "1 fork: its records were changed" in fleet.status()["cam-1"].findings
