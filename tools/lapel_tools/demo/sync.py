"""The demo's last mile: a broker on this machine, a station behind it, and the device's link that drains to it."""

from __future__ import annotations

import json
from pathlib import Path

from lapel_tools.broker.mosquitto import prepare, start
from lapel_tools.broker.mosquitto import program as mosquitto
from lapel_tools.demo.checks import Check
from lapel_tools.demo.commands import program, read, run
from lapel_tools.station.running import running, running_station

SITE, DEVICE = "demo", "device"
_DEMAND = "every record reached the station over MQTT with TLS"


def check_sync(state: Path, key: Path, folder: Path, records: int) -> Check:
    """Send the journal's records to a station, and count what it kept."""
    if mosquitto() is None:
        return Check(_DEMAND, None, "not tried: mosquitto is not installed (apt-get install mosquitto)")
    broker = prepare(folder / "broker", SITE, (DEVICE,))
    database = folder / "station.db"
    with running(start(broker, folder / "broker.log")), running_station(broker, database, folder / "station.log"):
        link = [program("lapel"), "link", "--once", "--state", str(state), "--key-file", str(key)]
        run([*link, "--device", DEVICE, *broker.options(DEVICE)])
    kept = json.loads(read([program("lapel-admin"), "station", "--db", str(database), "--list", "1", "--json"]))
    arrived = sum(int(device["count"]) for device in kept["devices"])
    return Check(_DEMAND, arrived == records, f"{arrived} of {records} records at the station")
