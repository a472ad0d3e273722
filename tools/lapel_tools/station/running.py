"""A station as a process of its own beside a broker on this machine, for trying and for measuring."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lapel.link.topics import STATION
from lapel_tools.broker.mosquitto import BrokerFolder

_START_S = 30.0
_STOP_S = 20.0


@contextmanager
def running(child: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """A child that ends with the block, killed if it does not end when asked."""
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def running_station(
    broker: BrokerFolder, database: Path | str, log: Path, *options: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A station that is linked, unless it does not come to that in half a minute; its lines go to ``log``."""
    command = [sys.executable, "-m", "lapel_tools.cli.main", "station", "--db", str(database), *options]
    with log.open("wb") as lines:
        child = subprocess.Popen([*command, *broker.options(STATION)], stdout=lines, stderr=lines)
    with running(child):
        # Before it has subscribed the broker knows of no station, and a link that is asked once gives up.
        until = time.monotonic() + _START_S
        while b'"linked"' not in log.read_bytes() and child.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        yield child
