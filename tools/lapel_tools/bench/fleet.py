"""How many records a second a station takes of a fleet, and how long a device waits for its ack.

Broker, workers and simulated devices share one machine, so its processors are divided among them: what a station on a
machine of its own takes is more.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from lapel.core.chain import CompactRange
from lapel.errors import UsageError
from lapel_tools.bench.simulated import SimulatedDevice, connected
from lapel_tools.broker.mosquitto import prepare, start
from lapel_tools.station.holdings import Holdings
from lapel_tools.station.running import running, running_station

SITE = "bench"
_STARTED_AFTER = 2
"""Records of each device before anything is timed: programs have loaded what they need, and the database its pages."""


@dataclass(frozen=True, slots=True)
class Load:
    """``records`` of each device in all haste, one after the other's ack; then ``paced_per_s`` of all together for
    ``paced_s``."""

    devices: int
    workers: int
    records: int
    paced_per_s: float
    paced_s: float


@dataclass(frozen=True, slots=True)
class FleetFigures:
    """``records_per_s`` and ``hasty_p99_ms``: while every device sends as fast as it is acknowledged; ``paced_*``: at
    the given pace. Times are from publishing to the station's ack after its commit. ``lost``: records that were
    acknowledged and are not in the database, or not as they were sent. Memory is resident, at the end: what the broker,
    and the worker that took most, took beyond their start for each device, and all of each worker. CPU time is of the
    hasty part, of all workers together; it says more than the rate where other programs have the processors, too."""

    devices: int
    workers: int
    records: int
    records_per_s: float
    hasty_p99_ms: float
    paced_per_s: float
    paced_p50_ms: float
    paced_p99_ms: float
    lost: int
    broker_kib_per_device: float
    worker_kib_per_device: float
    workers_mib: tuple[float, ...]
    workers_cpu_us_per_record: float
    broker_cpu_us_per_record: float


def measure_fleet(folder: Path, load: Load, where: Path | str) -> FleetFigures:
    """Put a load on a broker and a station of this machine, which keeps records in an empty database.

    Raises: UsageError (it is not empty), LapelError.
    """
    with closing(Holdings(where)) as holdings:
        if holdings.standings():
            raise UsageError(f"{holdings.name}: holds records; name a database that is empty")
    names = [f"cam-{number}" for number in range(load.devices)]
    broker = prepare(folder / "broker", SITE, tuple(names))
    devices = [SimulatedDevice(SITE, name, broker.endpoint(name)) for name in names]
    with ExitStack() as stack:
        mosquitto = stack.enter_context(running(start(broker, folder / "broker.log")))
        workers = [
            stack.enter_context(
                running_station(broker, where, folder / f"station-{number}.log", "--worker", f"bench-{number}")
            )
            for number in range(load.workers)
        ]
        at_start = [_resident_kib(process.pid) for process in (mosquitto, *workers)]
        fleet = stack.enter_context(connected(devices))
        fleet.saturate(_STARTED_AFTER)
        _waits_ms(devices)
        cpu_s = [_cpu_s(process.pid) for process in (mosquitto, *workers)]
        seconds = fleet.saturate(load.records)
        cpu_s = [_cpu_s(process.pid) - begin for process, begin in zip((mosquitto, *workers), cpu_s, strict=True)]
        hasty = _waits_ms(devices)
        fleet.pace(load.paced_per_s, load.paced_s)
        paced = _waits_ms(devices)
        at_end = [_resident_kib(process.pid) for process in (mosquitto, *workers)]
    grown = [end - begin for begin, end in zip(at_start, at_end, strict=True)]
    paced_cuts, hasty_cuts = quantiles(paced, n=100), quantiles(hasty, n=100)
    in_haste = load.devices * load.records
    return FleetFigures(
        devices=load.devices,
        workers=load.workers,
        records=sum(device.tree.size for device in devices),
        records_per_s=round(in_haste / seconds, 1),
        hasty_p99_ms=round(hasty_cuts[98], 1),
        paced_per_s=load.paced_per_s,
        paced_p50_ms=round(paced_cuts[49], 1),
        paced_p99_ms=round(paced_cuts[98], 1),
        lost=_lost(where, devices),
        broker_kib_per_device=round(grown[0] / load.devices, 1),
        worker_kib_per_device=round(max(grown[1:]) / load.devices, 1),
        workers_mib=tuple(round(kib / 1024, 1) for kib in at_end[1:]),
        workers_cpu_us_per_record=round(sum(cpu_s[1:]) / in_haste * 1e6, 1),
        broker_cpu_us_per_record=round(cpu_s[0] / in_haste * 1e6, 1),
    )


def _waits_ms(devices: list[SimulatedDevice]) -> list[float]:
    """The waits since the last time that they were asked for."""
    found = [wait_s * 1000 for device in devices for wait_s in device.waits_s]
    for device in devices:
        device.waits_s.clear()
    return found


def _lost(where: Path | str, devices: list[SimulatedDevice]) -> int:
    lost = 0
    with closing(Holdings(where)) as holdings:
        for device in devices:
            tree = CompactRange()
            for leaf, _ in holdings.leaves(device.name):
                tree = tree.append(leaf)
            lost += 0 if tree == device.tree else max(1, device.tree.size - tree.size)
    return lost


def _resident_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def _cpu_s(pid: int) -> float:
    """User and system time of a process; proc(5) counts them in ticks, after a name that may hold blanks."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
