"""A journal that goes on after one that was set aside: the station says so, and takes no other history for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from lapel.core.records import Event, Head, RecordKind
from lapel.core.signed_note import parse_note
from lapel.errors import Tampered
from lapel.fakes.clock import FakeClock
from lapel.health.clock import SystemClock
from lapel.link.signals import Arrived
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.set_aside import open_or_begin
from lapel.store.signing import is_signed, key_of_device
from lapel.store.witnessed import witnessed_note
from lapel_tools.station.cosigning import cosigner_at
from lapel_tools.station.holdings import Holdings
from lapel_tools.station.register import Register
from lapel_tools.station.service import Station
from sync_rig import DEVICE, SITE, Notebook, Rig
from teller import Teller, offered

WITNESSED, ACKNOWLEDGED = 7, 20


@pytest.fixture
def register(where: Path | str) -> Iterator[Register]:
    with closing(Register(where, FakeClock())) as register:
        yield register


@pytest.fixture
def teller() -> Teller:
    return Teller()


@pytest.fixture
def station(register: Register, tmp_path: Path, teller: Teller) -> Station:
    """One that has so many records of a device, and signed a head of fewer."""
    station = Station(register, SITE, Notebook(), cosigner=cosigner_at(tmp_path / "station.witness", SITE))
    station.take([*teller.told(0, ACKNOWLEDGED), offered(teller.offer(WITNESSED))])
    return station


def goes_on(station: Station, other: Teller) -> str | None:
    """What the station signs of the journal that goes on, which has no proof of what was before it."""
    messages: list[Arrived] = other.told(ACKNOWLEDGED, 30)
    offer = replace(other.offer(30, earlier=WITNESSED), proof=())
    (answer,) = station.take([*messages, offered(offer)])
    return answer.ack.witness


def alarms(register: Register) -> list[tuple[str, int]]:
    return [(raised.alarm, raised.count) for raised in register.alarms()]


def test_a_journal_that_was_begun_anew_is_told_as_that_and_witnessed_on(
    station: Station, register: Register, teller: Teller
) -> None:
    note = parse_note(goes_on(station, teller.begun_anew(ACKNOWLEDGED)) or "")
    assert is_signed(note, teller.signer.key)
    assert alarms(register) == [("replaced", 1)]
    assert register.standings()[0].witnessed == 30
    assert f"begins another with record {ACKNOWLEDGED}" in register.alarms()[0].detail


@pytest.mark.parametrize("is_witness", [True, False])
def test_one_is_told_of_as_it_comes_and_once_whether_its_heads_are_witnessed_or_not(
    register: Register, tmp_path: Path, teller: Teller, is_witness: bool
) -> None:
    cosigner = cosigner_at(tmp_path / "station.witness", SITE) if is_witness else None
    station = Station(register, SITE, Notebook(), cosigner=cosigner)
    station.take(teller.told(0, ACKNOWLEDGED))
    for _ in range(2):
        station.take(teller.begun_anew(ACKNOWLEDGED).told(ACKNOWLEDGED, 30))
    assert alarms(register) == [("replaced", 1)]


def test_one_that_says_another_head_than_was_acknowledged_is_a_fork_and_is_not_signed(
    station: Station, register: Register, teller: Teller
) -> None:
    goes_on(station, teller.begun_anew(ACKNOWLEDGED, Head(ACKNOWLEDGED, bytes(32))))
    assert alarms(register) == [("fork", 1), ("replaced", 1)]
    assert register.standings()[0].witnessed == WITNESSED


def test_one_that_goes_on_after_a_history_of_its_own_is_a_fork(
    station: Station, register: Register, teller: Teller
) -> None:
    goes_on(station, Teller("other", teller.signer).begun_anew(ACKNOWLEDGED))
    assert alarms(register) == [("fork", 1), ("replaced", 1)]
    assert register.standings()[0].witnessed == WITNESSED


def test_one_that_says_nothing_of_the_one_before_it_is_a_fork(
    station: Station, register: Register, teller: Teller
) -> None:
    goes_on(station, teller)
    assert alarms(register) == [("fork", 1)]


def test_a_head_of_other_records_than_those_that_were_sent_is_a_fork_behind_a_beginning_as_well(
    station: Station, register: Register, teller: Teller
) -> None:
    other = teller.begun_anew(ACKNOWLEDGED)
    station.take(other.told(ACKNOWLEDGED, 30))
    liar = Teller(signer=teller.signer, events=(*other.events[:25], Event(RecordKind.STOP, ()), *other.events[26:]))
    station.take([offered(replace(liar.offer(30, earlier=WITNESSED), proof=()))])
    assert alarms(register) == [("fork", 1), ("replaced", 1)]


def test_one_that_begins_before_what_is_held_is_refused_and_told_beside_the_fork_that_it_makes(
    station: Station, register: Register, teller: Teller
) -> None:
    (answer,) = station.take(teller.begun_anew(ACKNOWLEDGED - 2).told(ACKNOWLEDGED - 2, ACKNOWLEDGED))
    assert answer.ack.refusal.startswith("fork")
    assert alarms(register) == [("fork", 1), ("replaced", 1)]
    assert "cannot go on" in register.alarms()[1].detail


@pytest.mark.mosquitto
def test_a_damaged_journal_goes_on_past_what_was_acknowledged_and_not_witnessed(rig: Rig) -> None:
    path = rig.state / JOURNAL
    with rig.station() as station:
        rig.write(20)
        rig.drain()
        with SealedJournal(path, rig.key, SystemClock(), DEVICE) as journal:
            for _ in range(7):
                journal.append(Event(RecordKind.PEOPLE, ()))
            rig.drain()
        assert witnessed_note(rig.state).splitlines()[1] == "20"
        data = bytearray(path.read_bytes())
        data[9000] ^= 1
        path.write_bytes(data)
        with pytest.raises(Tampered):
            SealedJournal(path, rig.key, SystemClock(), DEVICE)
        with open_or_begin(path, rig.key, SystemClock(), DEVICE, 64).journal as begun:
            note = begun.last_checkpoint()
            key = key_of_device(rig.state, DEVICE, rig.key)
            assert note is not None
            assert key is not None
            assert (is_signed(note, key), note.text.splitlines()[1]) == (True, "28")
        rig.write(5)
        rig.drain()
        assert station.refused == 0
    with closing(Holdings(rig.db)) as held:
        assert [(raised.alarm, raised.count) for raised in held.alarms()] == [("replaced", 1)]
    assert rig.held() == rig.journal_head()
    assert witnessed_note(rig.state).splitlines()[1] == "33"
