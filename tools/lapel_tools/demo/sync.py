"""The demo's last mile: a broker on this machine, a station behind it, and the device's link that drains to it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lapel.link.endpoint import Endpoint
from lapel.link.topics import STATION
from lapel_tools.broker.mosquitto import BrokerFolder, prepare, start
from lapel_tools.broker.mosquitto import program as mosquitto
from lapel_tools.demo.checks import Check
from lapel_tools.demo.commands import program, read, run

SITE, DEVICE = "demo", "device"
_DEMAND = "every record reached the station over MQTT with TLS"
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
    with log.open("ab") as lines, _running(subprocess.Popen(command, stdout=lines, stderr=lines)):
        yield


@contextmanager
def _running(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """A child that ends with the block, killed if it does not end when asked."""
    try:
        yield
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
