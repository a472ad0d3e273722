"""What the station keeps, and what it says about it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from lapel.core.chain import range_over, root_over
from lapel.core.records import Event, Head, Record, RecordKind
from lapel.errors import StoreError
from lapel.fakes.clock import FakeClock
from lapel.fakes.journal import MemoryJournal
from lapel.link.events import cloud_event
from lapel.link.signals import Arrived
from lapel_tools.station.register import Register
from lapel_tools.station.service import Station
from sync_rig import DEVICE, OTHER, SITE, Notebook


def records(count: int, device: str = DEVICE, entry: str = "thing") -> list[Record]:
    journal = MemoryJournal(FakeClock(), device)
    return [journal.append(Event(RecordKind.ALERT, (("entry", f"{entry}-{n}"),))) for n in range(count)]


def message(record: Record, device: str = DEVICE) -> Arrived:
    event = cloud_event(record, f"/lapel/{SITE}/{device}")
    return Arrived(f"lapel/{SITE}/{device}/events", event.attributes, event.content_type, event.data)


def messages(given: list[Record], device: str = DEVICE) -> list[Arrived]:
    return [message(record, device) for record in given]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "station.db"


@pytest.fixture
def register(file: Path) -> Iterator[Register]:
    with closing(Register(file, FakeClock())) as register:
        yield register


@pytest.fixture
def notes() -> Notebook:
    return Notebook()


@pytest.fixture
def station(register: Register, notes: Notebook) -> Station:
    return Station(register, SITE, notes)


def test_the_ack_carries_count_and_root_of_what_is_held(station: Station) -> None:
    sent = records(5)
    (answer,) = station.take(messages(sent))
    assert (answer.device, answer.ack.head.size) == (DEVICE, 5)
    assert answer.ack.head.root == root_over(record.leaf for record in sent)


def test_what_was_acknowledged_is_in_the_file_already(station: Station, file: Path) -> None:
    station.take(messages(records(3)))
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("select count(*) from records").fetchone() == (3,)


def test_a_record_that_comes_again_is_dropped_and_acknowledged(station: Station, register: Register) -> None:
    sent = messages(records(3))
    station.take(sent)
    (answer,) = station.take(sent)
    assert (station.done, station.duplicates, answer.ack.head.size) == (3, 3, 3)
    assert len(register.last(10)) == 3


def test_a_gap_is_not_acknowledged_past(station: Station, register: Register) -> None:
    sent = messages(records(5))
    (answer,) = station.take(sent[:2] + sent[3:])
    assert (answer.ack.head.size, answer.ack.is_gap) == (2, True)
    assert [row.sequence for row in register.last(10)] == [1, 0]


def test_a_gap_that_is_filled_is_no_gap_any_more(station: Station) -> None:
    sent = messages(records(5))
    station.take(sent[:2] + sent[3:])
    (answer,) = station.take(sent[2:])
    assert (answer.ack.head.size, answer.ack.is_gap) == (5, False)


def test_devices_are_kept_and_answered_apart(station: Station) -> None:
    mixed = [*messages(records(2)), *messages(records(3, OTHER), OTHER)]
    assert {answer.device: answer.ack.head.size for answer in station.take(mixed)} == {DEVICE: 2, OTHER: 3}


def test_another_record_of_the_same_number_is_a_fork_refused_noted_and_kept_as_evidence(
    station: Station, register: Register, notes: Notebook
) -> None:
    station.take(messages(records(3)))
    forged = records(3, entry="other")[1]
    (answer,) = station.take([message(forged)])
    assert answer.ack.refusal.startswith("fork: record 1")
    assert answer.ack.head.root == root_over(record.leaf for record in records(3))
    assert notes.names() == ["fork"]
    assert register.standings()[0].forks == 1


def test_a_tampered_body_is_refused_counted_and_acknowledges_nothing(station: Station, register: Register) -> None:
    sent = message(records(1)[0])
    (answer,) = station.take([replace(sent, data=sent.data.replace(b"thing-0", b"thing-9"))])
    assert answer.ack.head.size == 0
    assert answer.ack.refusal.startswith("leaf: record 0")
    assert (station.refused, register.standings()[0].refusals) == (1, 1)


def test_garbage_between_records_stops_none_of_them(station: Station) -> None:
    sent = messages(records(2))
    garbage = Arrived(f"lapel/{SITE}/{DEVICE}/events", (), "", b"\xff\x00")
    (answer,) = station.take([sent[0], garbage, sent[1]])
    assert answer.ack.head.size == 2


def test_a_message_on_no_devices_topic_is_counted_and_answered_to_nobody(station: Station) -> None:
    assert station.take([replace(message(records(1)[0]), topic="lapel/depot/station/events")]) == ()
    assert station.refused == 1


def test_a_batch_that_cannot_be_kept_is_not_acknowledged_and_leaves_nothing(
    station: Station, register: Register, file: Path
) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute(
            "create trigger full before insert on records when new.sequence = 2"
            " begin select raise(abort, 'disk full'); end"
        )
    with pytest.raises(StoreError, match="disk full; nothing of this batch is acknowledged"):
        station.take(messages(records(4)))
    assert register.last(10) == ()
    assert register.head(DEVICE).size == 0


def test_a_station_started_again_goes_on_where_the_file_ends(file: Path) -> None:
    sent = messages(records(6))
    for part in (sent[:4], sent[4:]):
        with closing(Register(file, FakeClock())) as register:
            (answer,) = Station(register, SITE, Notebook()).take(part)
    assert answer.ack.head == records_head(6)


def test_a_file_in_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"missing/station\.db: "):
        Register(tmp_path / "missing" / "station.db", FakeClock())


def test_the_stations_file_is_its_owners_alone(register: Register, file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600


def records_head(count: int) -> Head:
    return range_over(record.leaf for record in records(count)).head()
