"""A worker at work: what it takes in hand, what it says of itself, and how it stops."""

import signal
import sqlite3
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest

from lapel.core.records import Event, RecordKind
from lapel.errors import UsageError
from lapel.fakes.clock import FakeClock
from lapel.fakes.journal import MemoryJournal
from lapel.health.clock import SystemClock
from lapel.link.events import cloud_event
from lapel.link.mqtt import Terms, open_line
from lapel.link.signals import Arrived
from lapel.link.topics import STATION, ack_topic, events_topic, every_events_topic
from lapel.wiring.link import stay_linked
from lapel_tools.station.holdings import Holdings
from lapel_tools.station.meters import STUCK_S, Meters
from lapel_tools.station.register import Register
from lapel_tools.station.service import Station
from lapel_tools.station.serving import address_of, served
from postgres_rig import Cluster
from sync_rig import DEVICE, LONGEST_WAIT_S, SITE, Notebook, Rig, finish, wait_until


def read(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_metrics_are_counts_in_prometheus_text() -> None:
    meters = Meters(kept=3, duplicates=1)
    meters.refused["leaf"] += 2
    with served(("127.0.0.1", 0), meters) as port:
        status, text = read(port, "/metrics")
    assert status == 200
    assert "# TYPE lapel_station_records_kept_total counter\nlapel_station_records_kept_total 3\n" in text
    assert 'lapel_station_messages_refused_total{reason="leaf"} 2\n' in text
    assert text.endswith("\n")


def test_health_is_503_with_a_reason_until_it_is_linked_and_when_the_database_is_stuck() -> None:
    meters = Meters()
    with served(("127.0.0.1", 0), meters) as port:
        assert read(port, "/health") == (503, "not linked to the broker\n")
        meters.linked = True
        assert read(port, "/health") == (200, "ok\n")
        meters.begin(5)
        assert meters.busy_since_s is not None
        meters.busy_since_s -= STUCK_S + 1
        assert read(port, "/health")[0] == 503
        assert read(port, "/records")[0] == 404


@pytest.mark.parametrize(("text", "address"), [("9464", ("127.0.0.1", 9464)), ("[::1]:1", ("::1", 1))])
def test_a_bare_port_is_the_loopbacks(text: str, address: tuple[str, int]) -> None:
    assert address_of(text) == address


@pytest.mark.parametrize("text", ["", "x", ":9464", "host:", "host:99999"])
def test_an_address_that_is_none_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="not PORT or HOST:PORT"):
        address_of(text)


def test_a_port_that_another_program_has_is_said() -> None:
    with (
        served(("127.0.0.1", 0), Meters()) as port,
        pytest.raises(UsageError, match="nobody may listen there"),
        served(("127.0.0.1", port), Meters()),
    ):
        pass


class Counting(Station):
    """A station that remembers how many messages it took in hand at a time."""

    most = 0

    def take(self, messages):  # type: ignore[no-untyped-def]
        self.most = max(self.most, len(messages))
        return super().take(messages)


@pytest.mark.mosquitto
@pytest.mark.postgresql
def test_while_the_database_is_slow_the_broker_keeps_what_comes(rig: Rig, cluster: Cluster) -> None:
    import psycopg

    url, window, count = cluster.new_database(), 40, 500
    journal = MemoryJournal(FakeClock(), DEVICE)
    over = Flag()
    with closing(Register(url, SystemClock(), any_thread=True)) as register, psycopg.connect(url) as slow:
        register.begin((DEVICE,))
        register.rollback()
        slow.execute("select 1 from devices for update")  # what a slow database is to a worker: it waits
        terms = Terms("slow-station", every_events_topic(SITE), window, settles=True)
        station = Counting(register, SITE, Notebook())
        with (
            open_line(rig.broker.endpoint(STATION), terms) as line,
            open_line(rig.broker.endpoint(DEVICE), Terms("device", ack_topic(SITE, DEVICE), 1000)) as device,
        ):
            thread = Thread(target=station.over, args=(line, over.is_set))
            thread.start()
            for _ in range(count):
                record = journal.append(Event(RecordKind.ALERT, (("entry", "thing"),)))
                device.publish(events_topic(SITE, DEVICE), cloud_event(record, f"/lapel/{SITE}/{DEVICE}"))
            published = 0
            while published < count:  # the broker has all of it
                published += sum(type(signal).__name__ == "Published" for signal in device.wait(1.0))
            wait_until(lambda: station.meters.busy_since_s is not None)
            assert station.meters.kept == 0
            slow.rollback()
            wait_until(lambda: station.meters.kept == count)
            over.set()
            thread.join(LONGEST_WAIT_S)
        assert station.most <= window
        assert station.meters.duplicates == 0
        assert register.head(DEVICE) == journal.head()


@pytest.mark.long
@pytest.mark.mosquitto
def test_a_station_that_is_stopped_at_work_says_what_it_kept_and_loses_nothing(rig: Rig) -> None:
    rig.write(1500)
    stop = Flag()
    station = rig.station_command("--metrics", "0")
    link = Thread(target=stay_linked, args=(rig.plan(), rig.key, rig.notes, stop))
    link.start()
    try:
        with closing(Holdings(rig.db)) as held:
            wait_until(lambda: held.head(DEVICE).size > 50)
            station.send_signal(signal.SIGTERM)
            code, out, _ = finish(station)
            assert code == 0
            assert out.startswith(f"{held.head(DEVICE).size} records kept")
        with rig.station():
            wait_until(lambda: rig.acked() == rig.journal_head())
    finally:
        stop.set()
        link.join(LONGEST_WAIT_S)
    assert rig.held() == rig.journal_head()


def test_while_another_writes_in_the_file_a_batch_waits_and_is_seen_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lapel_tools.station.sqlite_file._BUSY_S", 0.01)
    journal = MemoryJournal(FakeClock(), DEVICE)
    event = cloud_event(journal.append(Event(RecordKind.STOP, (("reason", "end"),))), f"/lapel/{SITE}/{DEVICE}")
    message = Arrived(events_topic(SITE, DEVICE), event.attributes, event.content_type, event.data)
    tries: list[str] = []
    with closing(Register(tmp_path / "station.db", FakeClock(), any_thread=True)) as register:
        station, taken = Station(register, SITE, Notebook()), []
        register._db._db.set_trace_callback(tries.append)  # type: ignore[attr-defined]
        with closing(sqlite3.connect(tmp_path / "station.db", isolation_level=None)) as other:
            other.execute("begin immediate")
            worker = Thread(target=lambda: taken.extend(station.take([message])))
            worker.start()
            wait_until(lambda: len(tries) > 5 or not worker.is_alive())
            waiting = (worker.is_alive(), station.meters.in_hand, station.meters.busy_since_s is not None)
            other.execute("commit")
        worker.join(LONGEST_WAIT_S)
    assert waiting == (True, 1, True)
    assert [answer.ack.head.size for answer in taken] == [1]
