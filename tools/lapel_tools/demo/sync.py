"""The demo's last mile: a broker on this machine, a station behind it, and the device's link that drains to it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from lapel.link.endpoint import Endpoint
from lapel.link.topics import STATION
from lapel_tools.broker.mosquitto import BrokerFolder, prepare, start
from lapel_tools.broker.mosquitto import program as mosquitto
from lapel_tools.demo.checks import Check
from lapel_tools.demo.commands import program, read, run

SITE, DEVICE = "demo", "device"
_DEMAND = "every record reached the station over MQTT with TLS"
_START_S = 30
_STOP_S = 20


def check_sync(state: Path, key: Path, folder: Path, records: int) -> Check:
    """Send the journal's records to a station, and count what it kept."""
    if mosquitto() is None:
        return Check(_DEMAND, None, "not tried: mosquitto is not installed (apt-get install mosquitto)")
    broker = prepare(folder / "broker", SITE, (DEVICE,))
    database = folder / "station.db"
    with _running(start(broker, folder / "broker.log")), _station(broker, database, folder / "station.log"):
        link = [program("lapel"), "link", "--once", "--state", str(state), "--key-file", str(key)]
        run([*link, "--device", DEVICE, *_options(broker, DEVICE)])
    kept = json.loads(read([program("lapel-admin"), "station", "--db", str(database), "--list", "1", "--json"]))
    arrived = sum(int(device["count"]) for device in kept["devices"])
    return Check(_DEMAND, arrived == records, f"{arrived} of {records} records at the station")


@contextmanager
def _station(broker: BrokerFolder, database: Path, log: Path) -> Iterator[None]:
    command = [program("lapel-admin"), "station", "--db", str(database), *_options(broker, STATION)]
    with log.open("wb") as lines, _running(subprocess.Popen(command, stdout=lines, stderr=lines)) as station:
        # Before it has subscribed the broker knows of no station, and a link that is asked once gives up.
        _await(lambda: b'"linked"' in log.read_bytes() or station.poll() is not None)
        yield


def _await(is_so: Callable[[], bool]) -> None:
    """Wait for something that takes a moment; go on without it when it takes far too long."""
    ends_s = monotonic() + _START_S
    while not is_so() and monotonic() < ends_s:
        sleep(0.05)


@contextmanager
def _running(child: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
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


def _options(broker: BrokerFolder, name: str) -> list[str]:
    endpoint: Endpoint = broker.endpoint(name)
    files = (("--ca", endpoint.ca_file), ("--cert", endpoint.certificate_file), ("--key", endpoint.key_file))
    options = ["--broker", str(endpoint), "--site-name", broker.site]
    for option, file in files:
        options += [option, str(file)]
    return options
