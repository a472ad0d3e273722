"""How records travel: over a real broker with mutual TLS, to a station that acks after its commit."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from types import SimpleNamespace

import pytest

from lapel.core.records import Event, Head, Record, RecordKind
from lapel.errors import BrokerRefused, ConfigError, StoreFull, StoreLocked, Tampered, WrongKey
from lapel.fakes.journal import MemoryJournal
from lapel.health.clock import SystemClock
from lapel.link.acks import Ack, encode
from lapel.link.events import JSON, CloudEvent
from lapel.link.signals import Arrived, Published
from lapel.link.sync import Sender, StationRefuses, StationSilent, Sync
from lapel.link.topics import STATION, ack_topic, every_events_topic
from lapel.store.contact import last_contact
from lapel.store.journal import SealedJournal
from lapel.store.keys import FileKey
from lapel_tools.broker.mosquitto import MOST_BYTES, prepare
from lapel_tools.station.holdings import Holdings
from lapel_tools.station.register import Register
from lapel_tools.station.service import Station
from sync_rig import DEVICE, LONGEST_WAIT_S, OTHER, SITE, Notebook, Rig, wait_until

pytestmark = pytest.mark.mosquitto

PICTURE = b"\xff\xd8" + bytes(20_000)


def test_every_record_reaches_the_station_in_order_and_with_its_picture(rig: Rig) -> None:
    records = rig.write(120) + rig.write(3, picture=b"\xff\xd8" + bytes(60_000))
    with rig.station():
        assert rig.drain().sent == 123
    with closing(sqlite3.connect(rig.db)) as db:
        rows = db.execute("select sequence, body, picture from records order by rowid").fetchall()
    assert rows == [(record.sequence, record.body, record.picture) for record in records]


def test_the_station_holds_the_head_that_the_journal_has(rig: Rig) -> None:
    rig.write(33)
    with rig.station():
        rig.drain()
    assert rig.held() == rig.journal_head() == rig.acked()


def test_an_ack_of_the_station_is_contact_and_a_brokers_answer_is_none(rig: Rig) -> None:
    rig.write(1)
    with pytest.raises(StationSilent):
        rig.drain()
    assert last_contact(rig.state, rig.key) is None
    with rig.station():
        rig.drain()
    assert last_contact(rig.state, rig.key) is not None


def test_a_second_drain_sends_only_what_came_since(rig: Rig) -> None:
    rig.write(10)
    with rig.station() as station:
        rig.drain()
        rig.write(4)
        assert rig.drain().sent == 4
        assert station.duplicates == 0


def test_records_wait_while_no_station_listens_though_the_broker_answers_each(rig: Rig) -> None:
    rig.write(5)
    with pytest.raises(StationSilent, match="no station listens"):
        rig.drain()
    assert rig.acked() is None


def test_records_wait_while_a_listener_does_not_acknowledge(rig: Rig) -> None:
    rig.write(5)
    with rig.line(STATION, every_events_topic(SITE)), pytest.raises(StationSilent, match="no ack for 5 records"):
        rig.drain()
    assert rig.acked() is None


def test_records_that_waited_are_sent_when_a_station_comes(rig: Rig) -> None:
    rig.write(5)
    with pytest.raises(StationSilent):
        rig.drain()
    with rig.station():
        assert rig.drain().sent == 5


def test_what_the_station_has_already_is_dropped_there_by_its_message_id(rig: Rig) -> None:
    rig.write(20)
    with rig.station() as station:
        rig.drain()
        (rig.state / "link.db").unlink()
        rig.drain()
        assert station.duplicates > 0
    assert rig.held() == rig.journal_head()


def test_an_ack_under_another_root_stops_the_link_loudly_and_moves_nothing(rig: Rig) -> None:
    rig.write(5)
    liar = Answering(rig, Ack(Head(5, bytes(32))))
    with liar, pytest.raises(Tampered, match="which these 5 records"):
        rig.drain()
    assert rig.acked() is None
    assert "history_differs" in rig.notes.names()


def test_an_ack_of_more_records_than_the_journal_has_is_a_finding(rig: Rig) -> None:
    rig.write(5)
    with Answering(rig, Ack(Head(9, bytes(32)))), pytest.raises(Tampered, match="holds 9 records"):
        rig.drain()


def test_a_journal_that_was_begun_anew_is_refused_as_a_fork(rig: Rig) -> None:
    rig.write(5)
    with rig.station():
        rig.drain()
        for name in ("journal.db", "link.db"):
            (rig.state / name).unlink()
        rig.write(5)
        with pytest.raises((Tampered, StationRefuses)):
            rig.drain()
    assert "fork" in rig.notes.names()
    assert rig.held() != rig.journal_head()


def test_a_journal_cut_below_what_the_station_acknowledged_is_found_before_anything_is_sent(rig: Rig) -> None:
    rig.write(3)
    early = (rig.state / "journal.db").read_bytes()
    rig.write(2)
    with rig.station():
        rig.drain()
        (rig.state / "journal.db").write_bytes(early)
        with pytest.raises(Tampered, match="acknowledged 5 records"):
            rig.drain()


def test_a_journal_that_another_device_wrote_is_not_sent_and_both_names_are_said(rig: Rig) -> None:
    rig.write(1, device=OTHER)
    with rig.station(), pytest.raises(ConfigError, match="written by device 'cam-2', and would be sent as 'cam-1'"):
        rig.drain()


def test_a_station_that_lost_its_file_is_given_everything_again(rig: Rig) -> None:
    rig.write(30)
    with rig.station():
        rig.drain()
    rig.db.unlink()
    rig.write(1)
    with rig.station():
        rig.drain()
    assert rig.held() == rig.journal_head()
    assert "station_behind" in rig.notes.names()


def test_a_record_above_the_brokers_limit_is_sent_without_its_picture_counted_and_noted(quiet_rig: Rig) -> None:
    rig = quiet_rig
    rig.broker = prepare(rig.broker.folder, SITE, (DEVICE,), rig.broker.port, most_bytes=16 * 1024)
    rig.start_broker()
    rig.write(2)
    rig.write(1, picture=b"\xff\xd8" + bytes(40_000))
    rig.write(2)
    with rig.station():
        assert rig.drain().withheld == 1
    with closing(sqlite3.connect(rig.db)) as db:
        rows = db.execute("select withheld, length(picture) from records order by sequence").fetchall()
    assert rows == [("", 0), ("", 0), ("picture", 0), ("", 0), ("", 0)]
    assert rig.notes.names().count("withheld") == 1
    assert rig.held() == rig.journal_head()
    with closing(Holdings(rig.db)) as held:
        ((alarm, detail),) = [(each.alarm, each.detail) for each in held.alarms()]
    assert (alarm, detail.partition(":")[0]) == ("withheld", "record 2 came without a picture")


def test_a_picture_that_the_broker_did_not_take_is_not_given_up_at_the_quota(quiet_rig: Rig) -> None:
    rig = quiet_rig
    rig.broker = prepare(rig.broker.folder, SITE, (DEVICE,), rig.broker.port, most_bytes=16 * 1024)
    rig.start_broker()
    long, short = b"\xff\xd8" + bytes(40_000), b"\xff\xd8" + bytes(9_000)
    with SealedJournal(rig.state / "journal.db", rig.key, SystemClock(), DEVICE, quota_mib=1) as journal:
        alerts = [journal.append(Event(RecordKind.ALERT, (), long)) for _ in range(3)]
        with suppress(StoreFull):
            while True:
                journal.append(Event(RecordKind.ALERT, (), short))
        with rig.station():
            rig.drain()
        last = journal.append(Event(RecordKind.ALERT, (), short))
        assert [journal.picture(each.sequence) for each in alerts] == [long] * 3
        assert journal.picture(alerts[-1].sequence + 1) == b""
        assert journal.picture(last.sequence) == short


def test_a_link_that_stays_sends_what_is_written_later(rig: Rig) -> None:
    rig.write(1)
    with rig.station() as station, rig.staying():
        wait_until(lambda: station.done == 1)
        rig.write(3)
        wait_until(lambda: station.done == 4)
    assert rig.held() == rig.journal_head()


def test_a_link_that_was_there_first_sends_when_the_broker_comes(quiet_rig: Rig) -> None:
    rig = quiet_rig
    rig.write(7)
    with rig.staying():
        wait_until(lambda: "link_lost" in rig.notes.names())
        rig.start_broker()
        with rig.station() as station:
            wait_until(lambda: station.done == 7)
    assert rig.held() == rig.journal_head()


def test_a_link_waits_for_a_journal_that_is_not_there_yet(rig: Rig) -> None:
    with rig.station() as station, rig.staying():
        wait_until(lambda: "no_journal_yet" in rig.notes.names())
        rig.write(2)
        wait_until(lambda: station.done == 2)
    assert rig.held() == rig.journal_head()


def test_an_ack_that_says_less_than_an_earlier_one_changes_nothing(rig: Rig) -> None:
    early = rig.write(3) and rig.journal_head()
    rig.write(2)
    with rig.station() as station:
        rig.drain()
        with rig.line(STATION, every_events_topic(SITE)) as late:
            late.publish(ack_topic(SITE, DEVICE), CloudEvent((), JSON, encode(Ack(early))))
            while not any(isinstance(signal, Published) for signal in late.wait(LONGEST_WAIT_S)):
                pass
        rig.write(1)
        rig.drain()
        assert station.duplicates == 0
    assert rig.acked() == rig.journal_head()


def test_a_record_that_was_lost_on_its_way_is_sent_again_with_those_behind_it(rig: Rig) -> None:
    rig.write(20)
    with Losing(rig):
        rig.drain()
    assert rig.held() == rig.journal_head()


def test_a_second_link_over_the_same_state_is_refused_and_names_the_first(rig: Rig) -> None:
    rig.write(1)
    with rig.station() as station, rig.staying():
        wait_until(lambda: station.done == 1)
        with pytest.raises(StoreLocked, match=f"process {os.getpid()} is writing it"):
            rig.drain()


def test_the_key_of_another_device_opens_nothing_and_sends_nothing(rig: Rig, tmp_path: Path) -> None:
    rig.write(1)
    rig.key = FileKey.create(tmp_path / "other.key")
    with rig.station() as station, pytest.raises(WrongKey, match=r"journal\.db: this key"):
        rig.drain()
    assert station.done == 0


def test_an_alert_is_at_the_station_before_what_was_recorded_before_it_and_counts_in_its_turn(rig: Rig) -> None:
    rig.write(300)
    (alert,) = rig.write(1, PICTURE, kind=RecordKind.ALERT)
    rig.write(10)
    with rig.station() as station:
        rig.drain(rig.plan(window=20))
    with closing(sqlite3.connect(rig.db)) as db:
        arrived = [row[0] for row in db.execute("select sequence from records order by rowid")]
        assert db.execute("select body, picture from records where sequence = 300").fetchall() == [
            (alert.body, PICTURE)
        ]
    assert arrived.index(300) < 20
    assert sorted(arrived) == list(range(311))
    assert rig.held() == rig.journal_head() == rig.acked()
    assert (station.refused, station.duplicates) == (0, 1)


def test_an_alert_that_is_next_in_turn_is_sent_once(rig: Rig) -> None:
    with rig.station() as station:
        for _ in range(3):
            rig.write(10, kind=RecordKind.ALERT)
            rig.drain()
        assert (station.done, station.duplicates) == (30, 0)


def test_a_record_that_the_station_lacks_and_the_journal_as_well_is_not_skipped() -> None:
    class Robbed(MemoryJournal):
        def to_send(self, sequence: int, limit: int) -> tuple[Record, ...]:
            return super().to_send(max(sequence, 1), limit)

    journal = Robbed(SystemClock(), DEVICE)
    for _ in range(4):
        journal.append(Event(RecordKind.PEOPLE, ()))
    marks = SimpleNamespace(acked_head=lambda: None)
    line = SimpleNamespace(most_bytes=MOST_BYTES, publish=lambda *_: pytest.fail("sent"))
    with pytest.raises(Tampered, match="record 0 is to be sent and is not there"):
        Sync(journal, marks, Sender(SITE, DEVICE), Notebook()).over(line, lambda: False)


def test_a_broker_that_takes_no_record_of_any_length_is_told_of_by_its_setting(quiet_rig: Rig) -> None:
    rig = quiet_rig
    rig.broker = prepare(rig.broker.folder, SITE, (DEVICE,), rig.broker.port, most_bytes=900)
    rig.start_broker()
    rig.write(1)
    with rig.station(), pytest.raises(BrokerRefused, match="takes messages of 900 bytes, and no record is so short"):
        rig.drain()


class Losing:
    """A station that never sees the third message."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._line = rig.line(STATION, every_events_topic(SITE))
        self._over = Flag()
        self._thread = Thread(target=self._serve)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(LONGEST_WAIT_S)
        self._line.close()

    def _serve(self) -> None:
        seen = 0
        with closing(Register(self._rig.db, SystemClock())) as register:
            station = Station(register, SITE, self._rig.notes)
            while not self._over.is_set():
                messages = [signal for signal in self._line.wait(0.05) if isinstance(signal, Arrived)]
                kept = [message for number, message in enumerate(messages, seen) if number != 2]
                seen += len(messages)
                for answer in station.take(kept) if kept else ():
                    self._line.publish(ack_topic(SITE, answer.device), CloudEvent((), JSON, encode(answer.ack)))


class Answering:
    """A station that says the same to every record."""

    def __init__(self, rig: Rig, ack: Ack) -> None:
        self._line = rig.line(STATION, every_events_topic(SITE))
        self._ack = CloudEvent((), JSON, encode(ack))
        self._over = Flag()
        self._thread = Thread(target=self._serve)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(LONGEST_WAIT_S)
        self._line.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            if any(isinstance(signal, Arrived) for signal in self._line.wait(0.05)):
                self._line.publish(ack_topic(SITE, DEVICE), self._ack)
