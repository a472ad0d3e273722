"""Ten thousand records on their way while everything dies that they pass: each arrives, once, in its place."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from faults_check import everything_arrived_once_and_in_order
from lying_broker import LyingBroker, now_and_then
from sync_rig import DEVICE, Rig, finish

pytestmark = pytest.mark.mosquitto

BROKER, CLIENT, STATION = "broker", "client", "station"
MANY = 10_000
LONGEST_S = 1500.0
SEED = 20260


def test_a_few_records_survive_a_kill_of_each(rig: Rig) -> None:
    drain_through(rig, 400, [STATION, BROKER, CLIENT])


def test_a_broker_that_forgets_what_it_answers_loses_nothing(rig: Rig) -> None:
    drain_past_a_liar(rig, 150, 0.1)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_ten_thousand_records_survive_three_kills_of_the_broker_and_five_of_the_client(rig: Rig) -> None:
    drain_through(rig, MANY, [BROKER] * 3 + [CLIENT] * 5)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_ten_thousand_records_survive_three_kills_of_the_station(rig: Rig) -> None:
    drain_through(rig, MANY, [STATION] * 3)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_ten_thousand_records_survive_a_broker_that_forgets_what_it_answers(rig: Rig) -> None:
    drain_past_a_liar(rig, MANY, 0.01)


def drain_through(rig: Rig, records: int, victims: Sequence[str]) -> None:
    """Kill these, in an order that is drawn, each when its share of the records is at the station."""
    order = list(victims)
    random.Random(SEED).shuffle(order)
    rig.write(records)
    began = time.monotonic()
    with running(rig.station_command, rig.link_command) as (station, link):
        for number, victim in enumerate(order, 1):
            mark = records * number // (len(order) + 1)
            until(lambda mark=mark: rig.db.exists() and rig.held().size >= mark)
            if victim == BROKER:
                rig.kill_broker()
                rig.start_broker()
            else:
                (station if victim == STATION else link).begin_again()
        until(lambda: rig.held() == rig.journal_head())
    print(f"{records} records, killed {order}: {time.monotonic() - began:.0f} s")
    everything_arrived_once_and_in_order(rig)


def drain_past_a_liar(rig: Rig, records: int, share: float) -> None:
    """Drain by way of a broker that forgets a share of what it says it has, records and acks alike."""
    rig.write(records)
    liar = LyingBroker(rig.broker, DEVICE, now_and_then(share, SEED))
    began = time.monotonic()
    options = rig.broker.options(DEVICE, liar.endpoint())
    command = ("lapel.cli.main", "link", "--state", rig.state, "--device", DEVICE, *options)
    try:
        with running(rig.station_command, lambda: rig.command(*command)):
            until(lambda: rig.db.exists() and rig.held() == rig.journal_head() == rig.acked())
    finally:
        liar.close()
    print(f"{records} records, {liar.forgotten} forgotten, {liar.carried} passed on: {time.monotonic() - began:.0f} s")
    assert liar.forgotten > records * share / 2
    everything_arrived_once_and_in_order(rig)


class Program:
    """A command that is killed and begun again."""

    def __init__(self, command: Callable[[], subprocess.Popen[str]]) -> None:
        self._command = command
        self._process = command()

    def kill(self) -> None:
        """kill -9: no handler runs, no buffer is written."""
        self._process.send_signal(signal.SIGKILL)
        finish(self._process)

    def begin_again(self) -> None:
        """Kill it, and start another."""
        self.kill()
        self._process = self._command()


@contextmanager
def running(*commands: Callable[[], subprocess.Popen[str]]) -> Iterator[list[Program]]:
    """Commands that are killed at the end of the block at the latest."""
    programs = [Program(command) for command in commands]
    try:
        yield programs
    finally:
        for program in programs:
            program.kill()


def until(condition: Callable[[], bool]) -> None:
    """Wait for it; the bound only keeps a broken test from hanging."""
    ends = time.monotonic() + LONGEST_S
    while not condition():
        assert time.monotonic() < ends, f"nothing happened in {LONGEST_S:.0f} s"
        time.sleep(0.2)
