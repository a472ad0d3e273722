"""What the station keeps, and what it says about it, whichever database it keeps it in."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from lapel.core.chain import leaf_hash, range_over, root_over
from lapel.core.records import Event, Head, Record, RecordKind
from lapel.errors import StoreError
from lapel.fakes.clock import FakeClock
from lapel.fakes.journal import MemoryJournal
from lapel.link.events import cloud_event
from lapel.link.signals import Arrived
from lapel_tools.station.database import is_url, open_database
from lapel_tools.station.holdings import Holdings
from lapel_tools.station.register import Register
from lapel_tools.station.service import Station
from sync_rig import DEVICE, OTHER, SITE, Notebook

FULL = {
    "sqlite": [
        "create trigger full_disk before insert on records when new.sequence = 2"
        " begin select raise(abort, 'disk full'); end"
    ],
    "postgresql": [
        "create function full_disk() returns trigger language plpgsql as"
        " $$begin if new.sequence = 2 then raise 'disk full'; end if; return new; end$$",
        "create trigger full_disk before insert on records for each row execute function full_disk()",
    ],
}


def records(count: int, device: str = DEVICE, entry: str = "thing") -> list[Record]:
    journal = MemoryJournal(FakeClock(), device)
    return [journal.append(Event(RecordKind.ALERT, (("entry", f"{entry}-{n}"),))) for n in range(count)]


def message(record: Record, device: str = DEVICE) -> Arrived:
    event = cloud_event(record, f"/lapel/{SITE}/{device}")
    return Arrived(f"lapel/{SITE}/{device}/events", event.attributes, event.content_type, event.data)


def messages(given: list[Record], device: str = DEVICE) -> list[Arrived]:
    return [message(record, device) for record in given]


@pytest.fixture
def register(where: Path | str) -> Iterator[Register]:
    with closing(Register(where, FakeClock())) as register:
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


def test_what_was_acknowledged_is_in_the_database_already(station: Station, where: Path | str) -> None:
    station.take(messages(records(3)))
    with closing(Holdings(where)) as other:
        assert len(other.last(10)) == 3


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
    (standing,) = register.standings()
    assert (standing.head.size, standing.early) == (2, 2)
    assert [leaf for leaf, _ in register.leaves(DEVICE)] == [record.leaf for record in records(2)]


def test_a_record_that_came_early_counts_once_its_predecessors_are_there(station: Station) -> None:
    sent = messages(records(5))
    for early in (sent[4:], sent[2:3], sent[3:4]):
        (answer,) = station.take(early)
        assert answer.ack.head.size == 0
    (answer,) = station.take(sent[:2])
    assert (answer.ack.head, answer.ack.is_gap) == (records_head(5), False)


def test_an_early_record_that_comes_again_is_dropped_and_another_of_its_number_is_a_fork(station: Station) -> None:
    early = messages(records(5))[3:4]
    station.take([*early, *early])
    assert (station.done, station.duplicates) == (1, 1)
    (answer,) = station.take(messages(records(5, entry="other"))[3:4])
    assert answer.ack.refusal.startswith("fork: record 3")


def test_early_records_are_kept_up_to_a_number_and_the_rest_is_to_be_sent_again(
    station: Station, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lapel_tools.station.register.MOST_EARLY", 3)
    (answer,) = station.take(messages(records(9))[1:])
    assert (answer.ack.head.size, answer.ack.is_gap, register.standings()[0].early) == (0, True, 3)
    assert (station.done, len(register.last(10))) == (3, 3)


def test_a_device_that_floods_with_forged_records_fills_no_disk(
    station: Station, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lapel_tools.station.register.MOST_FORKS", 2)
    station.take(messages(records(1)))
    station.take([message(records(1, entry=f"forged-{number}")[0]) for number in range(5)])
    (standing,) = register.standings()
    assert (standing.forks, standing.refusals) == (2, 5)


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
    assert notes.names() == ["fork", "alarm"]
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
    station: Station, register: Register, where: Path | str
) -> None:
    with closing(open_database(where, "")) as other:
        for statement in FULL["postgresql" if is_url(where) else "sqlite"]:
            other.run(statement)
    with pytest.raises(StoreError, match="disk full; nothing of this batch is acknowledged"):
        station.take(messages(records(4)))
    assert register.last(10) == ()
    assert register.head(DEVICE).size == 0


def test_a_refusal_that_quotes_what_no_database_keeps_is_counted(station: Station, register: Register) -> None:
    odd = replace(message(records(1)[0]), topic="lapel/depot/\0\ud800/events")
    assert station.take([odd]) == ()
    assert register.standings()[0].refusals == 1


def test_a_refusal_that_quotes_a_whole_message_is_cut_for_log_and_ack(station: Station, notes: Notebook) -> None:
    sent = message(records(1)[0])
    body = json.dumps(json.loads(sent.data) | {"facts": {"entry": ["x" * 100_000]}}).encode()
    leaf = leaf_hash(body).hex()
    attributes = tuple((dict(sent.attributes) | {"leaf": leaf, "id": leaf[:32]}).items())
    (answer,) = station.take([replace(sent, attributes=attributes, data=body)])
    assert answer.ack.refusal.startswith("malformed: record 0: not a record's body: fact entry")
    assert len(answer.ack.refusal) < 400
    assert len(str(notes.events)) < 1000


def test_a_station_started_again_goes_on_where_the_file_ends(where: Path | str) -> None:
    sent = messages(records(6))
    for part in (sent[:4], sent[4:]):
        with closing(Register(where, FakeClock())) as register:
            (answer,) = Station(register, SITE, Notebook()).take(part)
    assert answer.ack.head == records_head(6)


def test_a_file_in_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"missing/station\.db: "):
        Register(tmp_path / "missing" / "station.db", FakeClock())


def test_the_stations_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "station.db"
    Register(file, FakeClock()).close()
    assert file.stat().st_mode & 0o777 == 0o600


def records_head(count: int) -> Head:
    return range_over(record.leaf for record in records(count)).head()
