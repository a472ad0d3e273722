"""How many records wait on a device, as the station knows by what the device said last."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event as Flag

import pytest

from lapel.core.records import Event, RecordKind
from lapel.fakes.clock import FakeClock
from lapel.link.offers import Offer
from lapel.wiring.link import stay_linked
from lapel_tools.cli.main import main
from lapel_tools.station.cosigning import cosigner_at
from lapel_tools.station.fleet import Expectation, Waiting, fleet_status
from lapel_tools.station.fleet_page import fleet_lines
from lapel_tools.station.holdings import Holdings
from lapel_tools.station.register import Register
from lapel_tools.station.service import Station
from sync_rig import DEVICE, SITE, Notebook, Rig
from teller import Teller, offered

NOON = "2026-01-31T12:00:00.000000000Z"
MOST = 2**63 - 1
EXPECTED = Expectation(datetime(2026, 1, 31, 12, 0, tzinfo=UTC), timedelta(days=1), {}, {})


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with closing(Register(tmp_path / "station.db", FakeClock())) as register:
        yield register


@pytest.fixture
def station(register: Register, tmp_path: Path) -> Station:
    return Station(register, SITE, Notebook(), cosigner=cosigner_at(tmp_path / "station.witness", SITE))


def waiting(holdings: Holdings) -> Waiting | None:
    (status,) = fleet_status(holdings, EXPECTED)
    return status.waiting


class HalfWay(Flag):
    """Is set as soon as a station has so many records."""

    def __init__(self, station: Station, enough: int) -> None:
        super().__init__()
        self.station, self.enough = station, enough

    def is_set(self) -> bool:
        return self.station.done >= self.enough


@pytest.mark.mosquitto
def test_of_a_device_that_was_offline_and_is_cut_half_way_it_is_known_how_many_records_wait(
    rig: Rig, capsys: pytest.CaptureFixture[str]
) -> None:
    rig.write(20)
    with rig.station():
        rig.drain()
    rig.write(250)
    rig.write(3, kind=RecordKind.ALERT)
    rig.write(27)
    with rig.station() as station:
        stay_linked(rig.plan(), rig.key, rig.notes, HalfWay(station, 120))
    with closing(Holdings(rig.db)) as held:
        (standing,) = held.standings()
        found, early = waiting(held), {row.sequence for row in held.newest(DEVICE, RecordKind.ALERT.value, 9)}
    assert (standing.told, early) == (300, {270, 271, 272})
    assert 120 <= standing.head.size < 270
    assert found == Waiting(300 - standing.head.size, standing.told_at)
    main(["fleet", "status", "--db", str(rig.db)])
    said = f"waiting {found.records} as of {found.at[:10]} {found.at[11:16]} UTC"
    assert said in capsys.readouterr().out
    with rig.station():
        rig.drain()
    main(["fleet", "status", "--db", str(rig.db), "--json"])
    (told,) = json.loads(capsys.readouterr().out)["devices"]
    assert (told["records"], told["waiting"]["records"]) == (300, 0)
    assert told["waiting"]["at"] > found.at


def test_what_waits_is_known_before_the_first_record_came(station: Station, register: Register) -> None:
    station.take([offered(Teller().offer(40))])
    assert waiting(register) == Waiting(40, NOON)
    assert (register.alarms(), register.standings()[0].heard_at) == ((), NOON)


def test_what_waits_grows_less_as_records_come_and_is_never_less_than_none(
    station: Station, register: Register
) -> None:
    teller = Teller()
    station.take([offered(replace(teller.offer(25), kept=25)), *teller.told(0, 10)])
    assert waiting(register) == Waiting(15, NOON)
    station.take(teller.told(10, 40))
    assert waiting(register) == Waiting(0, NOON)


def test_a_station_that_witnesses_nothing_knows_what_waits_too(register: Register) -> None:
    Station(register, SITE, Notebook()).take([offered(Teller().offer(40))])
    assert waiting(register) == Waiting(40, NOON)


def test_of_a_device_that_never_said_what_it_has_nothing_is_known(station: Station, register: Register) -> None:
    station.take(Teller().told(0, 10))
    assert waiting(register) is None
    (line, *_) = fleet_lines(fleet_status(register, EXPECTED))
    assert line.endswith("waiting unknown")


@pytest.mark.parametrize("kept", [-1, MOST + 1, 12.5, "12", None, True])
def test_a_number_that_no_journal_has_is_refused_and_tells_nothing(
    station: Station, register: Register, kept: object
) -> None:
    sent = offered(Teller().offer(10))
    station.take([replace(sent, data=json.dumps(json.loads(sent.data) | {"kept": kept}).encode())])
    assert (waiting(register), register.standings()[0].refusals) == (None, 1)


def test_a_device_that_says_too_much_says_it_of_itself_alone(where: Path | str, tmp_path: Path) -> None:
    with closing(Register(where, FakeClock())) as register:
        station = Station(register, SITE, Notebook(), cosigner=cosigner_at(tmp_path / "station.witness", SITE))
        station.take([offered(replace(Teller().offer(10), kept=MOST))])
        station.take([replace(offered(Teller().offer(10)), topic=f"lapel/{SITE}/cam-2/events")])
        mine, others = fleet_status(register, EXPECTED)
    assert (mine.device, mine.waiting, others.waiting) == (DEVICE, Waiting(MOST, NOON), None)
    assert f"waiting {MOST:,} as of" in next(fleet_lines((mine,)))


def test_a_head_that_the_device_did_not_sign_tells_nothing(station: Station, register: Register) -> None:
    station.take([offered(replace(Teller().offer(10), key=str(Teller().signer.key)))])
    assert waiting(register) is None


@pytest.mark.parametrize("witnesses", [True, False])
def test_a_device_that_says_that_its_journal_was_cut_says_nothing_of_what_waits(
    register: Register, tmp_path: Path, witnesses: bool
) -> None:
    cosigner = cosigner_at(tmp_path / "station.witness", SITE) if witnesses else None
    teller = Teller()
    station = Station(register, SITE, Notebook(), cosigner=cosigner)
    station.take([*teller.told(0, 10), offered(teller.offer(10))])
    station.take([offered(Offer("", "", 10, (), 4))])
    assert waiting(register) == Waiting(30, NOON)


def test_a_device_that_signs_no_more_is_looked_after_and_one_that_was_cut_while_it_sent_is_not(
    station: Station, register: Register
) -> None:
    teller = Teller(events=tuple(Event(RecordKind.ALERT, (("entry", f"thing-{n}"),)) for n in range(1200)))
    station.take([*teller.told(0, 20), offered(replace(teller.offer(20), kept=20))])
    station.take(teller.told(20, 1100))
    finding = f"signed nothing over its last {1100 - 20} records"
    assert finding in fleet_status(register, EXPECTED)[0].findings
    station.take([offered(teller.offer(1200))])
    assert waiting(register) == Waiting(100, NOON)
    assert finding not in fleet_status(register, EXPECTED)[0].findings
