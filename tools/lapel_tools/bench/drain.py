"""How fast a journal drains to a station, beside clients that send one record at a time.

Broker, station and device are processes of this machine, with TLS between them, and new for every measurement, so that
nothing of one is left to the next. The records are the same.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from lapel.core.records import Event, Fact, Record, RecordKind
from lapel.health.clock import SystemClock
from lapel.link.endpoint import Endpoint
from lapel.link.sync import Sender
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.keys import FileKey
from lapel.store.link_state import LINK
from lapel.wiring.link import LinkPlan, drain_once
from lapel_tools.bench.naive import Answer, drain_naively
from lapel_tools.broker.mosquitto import prepare, start
from lapel_tools.progress import Progress
from lapel_tools.station.register import Register
from lapel_tools.station.running import running, running_station

SENDER = Sender("bench", "cam-1")
_FACTS: tuple[tuple[str, Fact], ...] = (("entry", "thing-7"), ("evidence", 3.25), ("expected", "1 in 9 h"))


@dataclass(frozen=True, slots=True)
class Drained:
    """Medians over the rounds, in records a second, each until the last was acknowledged: by the station after its
    commit, but ``broker_only_per_s``, of a client that believes the broker. ``lost`` and ``duplicated``: what of ours
    was not, or was more than once, in the station's file at the end, over all rounds."""

    records: int
    ours_per_s: float
    naive_per_s: float
    lost: int
    duplicated: int
    broker_only_per_s: float


@dataclass(frozen=True, slots=True)
class _Device:
    """A state folder with a full journal."""

    state: Path
    key: FileKey
    records: tuple[Record, ...]


class _Silent:
    """Port Notes for a measurement."""

    def event(self, name: str, **fields: Fact) -> None:
        """Say nothing."""


def measure_drain(folder: Path, records: int, rounds: int, progress: Progress) -> Drained:
    """Drain so many records each way in turn, ``rounds`` times. Raises: LapelError."""
    device = _filled(folder, records, progress)
    rates: dict[str, list[float]] = {way: [] for way in _WAYS}
    held: list[Counter[bytes]] = []
    turns = [(turn, way) for turn in range(rounds) for way in _WAYS]
    for turn, way in progress.each(turns, "draining"):
        place = folder / f"{way}-{turn}"
        place.mkdir()
        with _site(place) as endpoint:
            rates[way].append(records / _WAYS[way](device, place, endpoint))
        if way == _OURS:
            held.append(_held(place))
    sent = {record.leaf for record in device.records}
    ours, naive, broker_only = (round(median(rates[way]), 1) for way in _WAYS)
    return Drained(
        records=records,
        ours_per_s=ours,
        naive_per_s=naive,
        lost=sum(len(sent - leaves.keys()) for leaves in held),
        duplicated=sum(leaves.total() - len(leaves) for leaves in held),
        broker_only_per_s=broker_only,
    )


def _filled(folder: Path, count: int, progress: Progress) -> _Device:
    state = folder / "state"
    state.mkdir()
    key = FileKey.create(state / "device.key")
    with SealedJournal(state / JOURNAL, key, SystemClock(), device=SENDER.device) as journal:
        written = [
            journal.append(Event(RecordKind.ALERT, (*_FACTS, ("number", number))))
            for number in progress.each(range(count), "recording")
        ]
    return _Device(state, key, tuple(written))


@contextmanager
def _site(folder: Path) -> Iterator[Endpoint]:
    """A broker and a station in a folder, and how the device reaches them."""
    broker = prepare(folder / "broker", SENDER.site, (SENDER.device,))
    with (
        running(start(broker, folder / "broker.log")),
        running_station(broker, folder / "station.db", folder / "station.log"),
    ):
        yield broker.endpoint(SENDER.device)


def _drain(device: _Device, _: Path, endpoint: Endpoint) -> float:
    (device.state / LINK).unlink(missing_ok=True)
    began = time.monotonic()
    drain_once(LinkPlan(device.state, endpoint, SENDER), device.key, _Silent())
    return time.monotonic() - began


def _drain_naively(answer: Answer, device: _Device, folder: Path, endpoint: Endpoint) -> float:
    return drain_naively(folder / "outbox.db", device.records, endpoint, SENDER, answer)


def _held(folder: Path) -> Counter[bytes]:
    with closing(Register(folder / "station.db", SystemClock())) as register:
        return Counter(leaf for leaf, _ in register.leaves(SENDER.device))


_OURS = "ours"
_WAYS: dict[str, Callable[[_Device, Path, Endpoint], float]] = {
    _OURS: _drain,
    "naive": partial(_drain_naively, Answer.STATION),
    "broker-only": partial(_drain_naively, Answer.BROKER),
}
