"""Power cuts of link, station and broker at random moments: every record arrives once, in order."""

import random
import signal
import subprocess
import time

import pytest

from faults_check import everything_arrived_once_and_in_order
from sync_rig import Rig, finish, wait_until

pytestmark = pytest.mark.mosquitto

MANY = 20
RECORDS_A_ROUND = 300
LATEST_CUT_S = 0.4
PICTURE = b"\xff\xd8" + bytes(4000)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_many_cuts_of_the_link_lose_and_double_nothing(rig: Rig) -> None:
    cut_the_link(rig, MANY)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_many_cuts_of_the_station_lose_and_double_nothing(rig: Rig) -> None:
    cut_the_station(rig, MANY)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_many_cuts_of_the_broker_lose_and_double_nothing(rig: Rig) -> None:
    cut_the_broker(rig, MANY)


def cut_the_link(rig: Rig, rounds: int) -> None:
    """Kill ``lapel link`` at random moments while it drains, and records are being written."""
    with rig.station():
        for _ in range(rounds):
            rig.write(RECORDS_A_ROUND, PICTURE)
            link = rig.link_command("--window", 20)
            wait_for_line(link)
            rig.write(5)
            time.sleep(random.uniform(0, LATEST_CUT_S))
            cut(link)
        assert rig.drain().waiting == 0
    everything_arrived_once_and_in_order(rig)


def cut_the_station(rig: Rig, rounds: int) -> None:
    """Kill ``lapel-admin station`` at random moments while a link drains."""
    link = rig.link_command("--window", 20) if rig.write(1) else None
    assert link is not None
    try:
        for _ in range(rounds):
            station = rig.station_command()
            wait_for_line(station)
            rig.write(RECORDS_A_ROUND, PICTURE)
            time.sleep(random.uniform(0, LATEST_CUT_S))
            cut(station)
    finally:
        cut(link)
    with rig.station():
        assert rig.drain().waiting == 0
    everything_arrived_once_and_in_order(rig)


def cut_the_broker(rig: Rig, rounds: int) -> None:
    """Kill mosquitto at random moments while a link drains to a station; both come back by themselves."""
    rig.write(1)
    programs = [rig.station_command(), rig.link_command("--window", 20)]
    try:
        for _ in range(rounds):
            rig.write(RECORDS_A_ROUND, PICTURE)
            time.sleep(random.uniform(0, LATEST_CUT_S))
            rig.kill_broker()
            rig.start_broker()
        wait_until(lambda: rig.db.exists() and rig.held() == rig.journal_head())
    finally:
        for program in programs:
            cut(program)
    everything_arrived_once_and_in_order(rig)


def wait_for_line(program: subprocess.Popen[str]) -> None:
    """Until the program says that it is linked."""
    assert program.stderr is not None
    for line in program.stderr:
        if '"linked"' in line:
            return
    pytest.fail("the program ended before it was linked")


def cut(program: subprocess.Popen[str]) -> None:
    """kill -9: no handler runs, no buffer is written."""
    program.send_signal(signal.SIGKILL)
    finish(program)
