"""A device that does what it should not: refused, recorded, and of no harm to others."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from threading import Thread

import pytest

from lapel.core.records import Event, Record, RecordKind
from lapel.fakes.clock import FakeClock
from lapel.fakes.journal import MemoryJournal
from lapel.link.events import JSON, CloudEvent, cloud_event
from lapel.link.mqtt import Line
from lapel.link.properties import PublishProperties
from lapel.link.signals import NOT_AUTHORISED, Published
from lapel.link.topics import ack_topic, events_topic
from lapel_tools.station.floods import IDLE, NEW_BYTES, Floods, Ration
from lapel_tools.station.holdings import Holdings
from sync_rig import DEVICE, LONGEST_WAIT_S, OTHER, SITE, Rig, wait_until

pytestmark = pytest.mark.mosquitto

FLOOD, RATION = 2000, 100  # twice what the rig has under way, which comes with an offered head or two


def test_a_record_on_anothers_topic_is_refused_by_the_broker_and_does_not_arrive(rig: Rig) -> None:
    with rig.station() as station, hostile(rig) as line:
        answers = sent(line, [event(made_by(OTHER, "forged"))], events_topic(SITE, DEVICE))
        assert answers == [NOT_AUTHORISED]
        rig.write(3)
        rig.drain()
        assert station.meters.refused.total() == 0
    assert rig.held() == rig.journal_head()


def test_anothers_record_that_is_replayed_is_refused_and_recorded(rig: Rig) -> None:
    (record,) = rig.write(1)
    with rig.station(), hostile(rig) as line:
        rig.drain()
        sent(line, [event(record)])
        wait_until(lambda: refusals(rig) == {(OTHER, "device"): 1})
    assert (rig.held(OTHER).size, rig.held()) == (0, rig.journal_head())


def test_a_second_record_of_one_number_is_kept_as_a_fork_and_changes_nothing(rig: Rig) -> None:
    with rig.station(), hostile(rig) as line:
        sent(line, [event(made_by(OTHER, "first")), event(made_by(OTHER, "second"))])
        wait_until(lambda: refusals(rig) == {(OTHER, "fork"): 1})
        rig.write(3)
        rig.drain()
    with closing(sqlite3.connect(rig.db)) as db:
        assert db.execute("select leaf from records where device = ?", (OTHER,)).fetchall() == [
            (made_by(OTHER, "first").leaf,)
        ]
        assert db.execute("select leaf from forks").fetchall() == [(made_by(OTHER, "second").leaf,)]
    assert "fork" in rig.notes.names()
    assert rig.held() == rig.journal_head()


def test_a_flood_is_refused_and_counted_and_others_are_served(rig: Rig) -> None:
    rig.write(50)
    with rig.station(), hostile(rig) as line:
        flooding = Thread(
            target=sent, args=(line, [CloudEvent((("id", str(n)),), JSON, bytes(200)) for n in range(FLOOD)])
        )
        flooding.start()
        wait_until(lambda: refusals(rig).total() > 0)
        assert rig.drain().waiting == 0
        flooding.join(LONGEST_WAIT_S)
        wait_until(lambda: refusals(rig) == {(OTHER, "malformed"): FLOOD})
    assert rig.held() == rig.journal_head()
    assert rig.notes.names().count("refused") < FLOOD / 2


def test_of_a_flood_a_ration_is_read_and_the_device_next_to_it_is_served(rig: Rig) -> None:
    rig.write(200)
    with rig.station(Floods(Ration(RATION, 0), NEW_BYTES)), hostile(rig) as line:
        flood = Thread(target=sent, args=(line, [event(made_by(OTHER, "again")) for _ in range(FLOOD)]))
        flood.start()
        wait_until(lambda: refusals(rig).total() > 0)
        assert rig.drain().waiting == 0
        flood.join(LONGEST_WAIT_S)
        wait_until(lambda: refusals(rig) == {(OTHER, "flood"): FLOOD - RATION - 1})
    assert (rig.held(), rig.held(OTHER).size) == (rig.journal_head(), 1)
    with closing(Holdings(rig.db)) as held:
        assert [(each.device, each.alarm, each.count) for each in held.alarms()] == [(OTHER, "flood", 1)]


def test_an_honest_device_with_more_to_send_than_its_ration_is_only_slowed_down(rig: Rig) -> None:
    rig.write(100)
    with rig.station(Floods(IDLE, Ration(5_000, 5_000))), rig.staying():
        wait_until(lambda: rig.held() == rig.journal_head())
    assert refusals(rig).keys() == {(DEVICE, "flood")}


@pytest.mark.parametrize(("qos", "is_retained"), [(0, False), (1, False), (1, True)])
def test_a_message_whose_properties_no_library_reads_is_refused_and_the_station_goes_on(
    rig: Rig, qos: int, is_retained: bool
) -> None:
    with rig.station(), hostile(rig) as line:
        line._client.publish(events_topic(SITE, OTHER), b"{}", qos, is_retained, Unreadable())
        wait_until(lambda: refusals(rig) == {(OTHER, "malformed"): 1})
        rig.write(3)
        rig.drain()
    assert rig.held() == rig.journal_head()


def test_what_a_device_has_the_broker_keep_does_not_come_back_to_every_station(rig: Rig) -> None:
    with rig.station(), hostile(rig) as line:
        line._client.publish(events_topic(SITE, OTHER), b"{}", 1, True, Unreadable())
        wait_until(lambda: refusals(rig).total() == 1)
    with rig.station():
        rig.write(3)
        rig.drain()
    assert (refusals(rig).total(), rig.held()) == (1, rig.journal_head())


class Unreadable(PublishProperties):
    """What mosquitto passes on and paho does not read: a payload format, and a name of U+FEFF."""

    def __init__(self) -> None:
        data = b"\x01\x01" + b"\x26" + b"\x00\x03\xef\xbb\xbf" + b"\x00\x01x"
        object.__setattr__(self, "_packed", bytes((len(data),)) + data)


def hostile(rig: Rig) -> Line:
    """A device with a certificate of its own."""
    return rig.line(OTHER, ack_topic(SITE, OTHER))


def made_by(device: str, entry: str) -> Record:
    """The first record of a journal."""
    return MemoryJournal(FakeClock(), device).append(Event(RecordKind.ALERT, (("entry", entry),)))


def event(record: Record) -> CloudEvent:
    return cloud_event(record, f"/lapel/{SITE}/{OTHER}")


def sent(line: Line, events: list[CloudEvent], topic: str = events_topic(SITE, OTHER)) -> list[int]:
    """Send, and wait for the broker's answers to everything."""
    for each in events:
        line.publish(topic, each)
    answers: list[int] = []
    while len(answers) < len(events):
        answers += [signal.reason for signal in line.wait(LONGEST_WAIT_S) if isinstance(signal, Published)]
    return answers


def refusals(rig: Rig) -> Counter[tuple[str, str]]:
    """How often what was refused of whom."""
    with closing(sqlite3.connect(rig.db)) as db:
        rows = db.execute("select device, reason, count from refusals").fetchall()
    return Counter({(device, reason): count for device, reason, count in rows})
