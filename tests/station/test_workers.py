"""Several workers of one station: the order of each device is kept, and nothing is lost or kept twice."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Barrier, Thread
from threading import Event as Flag

import pytest

from lapel.core.chain import root_over
from lapel.core.records import Event, Record, RecordKind
from lapel.errors import ConfigError, StoreError, UsageError
from lapel.fakes.clock import FakeClock
from lapel.fakes.journal import MemoryJournal
from lapel.link.events import cloud_event
from lapel.link.signals import Arrived
from lapel.wiring.link import stay_linked
from lapel_tools.cli.main import main
from lapel_tools.station.holdings import Holdings
from lapel_tools.station.register import Register
from lapel_tools.station.running import running_station
from lapel_tools.station.service import Station
from postgres_rig import Cluster
from sync_rig import LONGEST_WAIT_S, SITE, Notebook, Rig, wait_until

DEVICES = ("cam-1", "cam-2", "cam-3")


def records(device: str, count: int) -> list[Record]:
    journal = MemoryJournal(FakeClock(), device)
    return [journal.append(Event(RecordKind.ALERT, (("entry", f"thing-{n}"),))) for n in range(count)]


def messages(device: str, sent: list[Record]) -> list[Arrived]:
    events = [cloud_event(record, f"/lapel/{SITE}/{device}") for record in sent]
    return [
        Arrived(f"lapel/{SITE}/{device}/events", event.attributes, event.content_type, event.data) for event in events
    ]


@pytest.fixture
def two(where: Path | str) -> Iterator[tuple[Register, Register]]:
    with ExitStack() as stack:
        first, second = (stack.enter_context(closing(Register(where, FakeClock(), any_thread=True))) for _ in "ab")
        yield first, second


def test_what_two_workers_take_in_turn_is_one_history(two: tuple[Register, Register]) -> None:
    sent = {device: records(device, 90) for device in DEVICES}
    mixed = [each for row in zip(*(messages(name, sent[name]) for name in DEVICES), strict=True) for each in row]
    together = Barrier(2)

    def work(register: Register, number: int) -> None:
        station = Station(register, SITE, Notebook(), shares=True)
        mine = mixed[number::2]
        together.wait(30)
        for at in range(0, len(mine), 7):
            station.take(mine[at : at + 7])

    threads = [Thread(target=work, args=(register, number)) for number, register in enumerate(two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for device in DEVICES:
        assert two[0].head(device).size == 90
        assert [leaf for leaf, _ in two[1].leaves(device)] == [record.leaf for record in sent[device]]
        assert two[1].head(device).root == root_over(record.leaf for record in sent[device])


def test_what_a_worker_did_not_commit_is_nobodys(two: tuple[Register, Register]) -> None:
    sent = messages("cam-1", records("cam-1", 4))
    dying, other = (Station(register, SITE, Notebook(), shares=True) for register in two)
    two[0].commit = lambda: two[0].close()  # type: ignore[method-assign]  # dies between writing and committing
    dying.take(sent[:2])
    (answer,) = other.take(sent)
    assert (answer.ack.head.size, other.duplicates) == (4, 0)


def test_a_gap_that_lasts_is_told_whoever_waits_for_it(where: Path | str) -> None:
    clock = FakeClock()
    with closing(Register(where, clock)) as register:
        (answer,) = Station(register, SITE, Notebook(), shares=True).take(messages("cam-1", records("cam-1", 3))[1:])
        assert not answer.ack.is_gap
        assert register.behind(2.0) == ()
        clock.advance(3.0)
        assert register.behind(2.0) == ("cam-1",)


@pytest.mark.mosquitto
@pytest.mark.postgresql
def test_two_workers_of_which_one_is_killed_lose_nothing(rig: Rig, cluster: Cluster, tmp_path: Path) -> None:
    url, stop = cluster.new_database(), Flag()
    rig.write(300)
    with (
        running_station(rig.broker, url, tmp_path / "a", "--worker", "a") as dying,
        running_station(rig.broker, url, tmp_path / "b", "--worker", "b"),
        closing(Holdings(url)) as held,
    ):
        link = Thread(target=stay_linked, args=(rig.plan(), rig.key, rig.notes, stop))
        link.start()
        wait_until(lambda: held.head("cam-1").size > 50)
        dying.kill()
        wait_until(lambda: rig.acked() == rig.journal_head())
        stop.set()
        link.join(LONGEST_WAIT_S)
        assert held.head("cam-1") == rig.journal_head()
        assert (held.standings()[0].forks, held.standings()[0].early) == (0, 0)
    assert rig.notes.names().count("not_witnessed") <= rig.notes.names().count("linked")


@pytest.mark.postgresql
def test_a_server_that_keeps_nothing_through_a_power_cut_is_refused(cluster: Cluster) -> None:
    url = cluster.new_database()
    cluster.sql("alter system set fsync = off")
    cluster.sql("select pg_reload_conf()")
    try:
        wait_until(lambda: _refusal(url) is not None)
        assert "fsync is off" in str(_refusal(url))
    finally:
        cluster.sql("alter system reset fsync")
        cluster.sql("select pg_reload_conf()")
        wait_until(lambda: _refusal(url) is None)


def _refusal(url: str) -> ConfigError | None:
    try:
        Register(url, FakeClock()).close()
    except ConfigError as error:
        return error
    return None


def test_a_server_that_is_not_there_is_one_line_without_the_password(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("psycopg")
    url = "postgresql://lapel:secret@127.0.0.1:1/station"
    assert main(["fleet", "status", "--db", url]) == 4
    err = capsys.readouterr().err
    assert err.startswith("lapel-admin: postgresql://lapel@127.0.0.1:1/station: ")
    assert "secret" not in err
    assert len(err.splitlines()) == 1


def test_a_url_that_is_none_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(UsageError, match="give postgresql://"):
        Holdings("postgresql://[")


@pytest.mark.postgresql
def test_a_server_that_went_away_costs_the_batch_and_no_more(cluster: Cluster) -> None:
    url = cluster.new_database()
    sent = messages("cam-1", records("cam-1", 4))
    with closing(Register(url, FakeClock())) as register:
        station = Station(register, SITE, Notebook())
        station.take(sent[:2])
        cluster.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lapel-station'")
        with pytest.raises(StoreError, match="nothing of this batch is acknowledged"):
            station.take(sent[2:])
    with closing(Register(url, FakeClock())) as register:
        (answer,) = Station(register, SITE, Notebook()).take(sent[2:])
        assert (answer.ack.head.size, answer.ack.is_gap) == (4, False)


@pytest.mark.postgresql
def test_a_look_at_what_is_held_waits_for_no_vacuum_and_lets_no_writer_wait(cluster: Cluster) -> None:
    import psycopg

    url = cluster.new_database()
    Register(url, FakeClock()).close()
    with psycopg.connect(url) as vacuum:
        vacuum.execute("lock table records in share update exclusive mode")  # what a vacuum holds
        with closing(Holdings(f"{url}%20-clock_timeout%3D100")) as held:
            assert held.standings() == ()


@pytest.mark.postgresql
def test_what_a_database_of_a_former_version_lacks_is_made(cluster: Cluster) -> None:
    url = cluster.new_database()
    Register(url, FakeClock()).close()
    cluster.sql("drop index positions_by_arrival; drop table purges", url)
    with closing(Register(url, FakeClock())) as register:
        assert register.purges() == ()
    cluster.sql("drop index positions_by_arrival", url)
