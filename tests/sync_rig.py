"""A device's state folder, a real broker with mutual TLS and a station, for tests of how records travel."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest

from lapel.core.records import Event, Fact, Head, Record, RecordKind
from lapel.health.clock import SystemClock
from lapel.link.endpoint import Endpoint
from lapel.link.mqtt import Line, Terms, open_line
from lapel.link.sync import Sender
from lapel.link.topics import STATION, every_events_topic
from lapel.store.journal import SealedJournal
from lapel.store.keys import FileKey
from lapel.store.link_state import LinkState
from lapel.wiring.link import Drained, LinkPlan, drain_once, stay_linked
from lapel_tools.broker.mosquitto import INSTALL, BrokerFolder, prepare, program, start
from lapel_tools.station.cosigning import cosigner_at
from lapel_tools.station.floods import Floods
from lapel_tools.station.register import Register
from lapel_tools.station.service import Station

SITE, DEVICE, OTHER = "depot", "cam-1", "cam-2"
LONGEST_WAIT_S = 120.0  # twice the longest pause of link and station, one after the other
PATIENCE_S = 3.0
_TESTS = str(Path(__file__).parent)  # where programs of the tests are that run beside them


@dataclass
class Notebook:
    """Port Notes that remembers."""

    events: list[tuple[str, dict[str, Fact]]] = field(default_factory=list)

    def event(self, name: str, **fields: Fact) -> None:
        """Remember an event."""
        self.events.append((name, fields))

    def names(self) -> list[str]:
        """What happened, in order."""
        return [name for name, _ in self.events]


class Rig:
    """Everything between a device's journal and the station's file, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.state.mkdir()
        self.db = folder / "station.db"
        self.key = FileKey.create(self.state / "device.key")
        self.notes = Notebook()
        self.broker: BrokerFolder = prepare(folder / "broker", SITE, (DEVICE, OTHER))
        self._log = folder / "mosquitto.log"
        self._lines = itertools.count()
        self._mosquitto: subprocess.Popen[bytes] | None = None

    def start_broker(self) -> None:
        """Start mosquitto, and wait until it accepts connections."""
        self._mosquitto = start(self.broker, self._log)

    @property
    def reload_command(self) -> str:
        """What makes the broker read its list of revoked certificates again, as systemctl reload does."""
        assert self._mosquitto is not None
        return f"kill -HUP {self._mosquitto.pid}"

    def kill_broker(self) -> None:
        """Kill mosquitto as a power cut would: what it holds in memory is gone."""
        if self._mosquitto is not None:
            self._mosquitto.kill()
            self._mosquitto.wait(LONGEST_WAIT_S)
            self._mosquitto = None

    def stop_broker(self) -> None:
        """Stop mosquitto in order: it writes what it holds."""
        if self._mosquitto is not None:
            self._mosquitto.terminate()
            self._mosquitto.wait(LONGEST_WAIT_S)
            self._mosquitto = None

    def write(
        self, count: int, picture: bytes = b"", device: str = DEVICE, kind: RecordKind = RecordKind.DELIVERY
    ) -> list[Record]:
        """Append records to the device's journal: in their turn, unless ``kind`` is alerts, which may travel ahead."""
        with SealedJournal(self.state / "journal.db", self.key, SystemClock(), device=device) as journal:
            first = journal.head().size
            return [
                journal.append(Event(kind, (("entry", f"thing-{first + number}"),), picture)) for number in range(count)
            ]

    def journal_head(self) -> Head:
        """The head of the device's journal."""
        with SealedJournal(self.state / "journal.db", self.key, SystemClock(), read_only=True) as journal:
            return journal.head()

    def acked(self) -> Head | None:
        """What the device knows of the station."""
        with LinkState(self.state / "link.db", self.key, read_only=True) as marks:
            return marks.acked_head()

    def plan(self, device: str = DEVICE, endpoint: Endpoint | None = None, window: int = 50) -> LinkPlan:
        """What the device's link does."""
        return LinkPlan(
            self.state, endpoint or self.broker.endpoint(device), Sender(SITE, device), window, patience_s=PATIENCE_S
        )

    def drain(self, plan: LinkPlan | None = None) -> Drained:
        """``lapel link --once``, in this process."""
        return drain_once(plan or self.plan(), self.key, self.notes)

    @contextmanager
    def staying(self, plan: LinkPlan | None = None) -> Iterator[None]:
        """``lapel link`` without --once, in a thread, while the block runs."""
        over = Flag()
        thread = Thread(target=stay_linked, args=(plan or self.plan(), self.key, self.notes, over))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(LONGEST_WAIT_S)
            assert not thread.is_alive()

    @contextmanager
    def station(self, floods: Floods | None = None) -> Iterator[Station]:
        """A station that listens while the block runs."""
        over = Flag()
        with (
            closing(Register(self.db, SystemClock(), any_thread=True)) as register,
            self.line(STATION, every_events_topic(SITE), settles=True) as line,
        ):
            cosigner = cosigner_at(self.db.with_name("station.witness"), SITE)
            station = Station(register, SITE, self.notes, cosigner=cosigner, floods=floods)
            thread = Thread(target=station.over, args=(line, over.is_set))
            thread.start()
            try:
                yield station
            finally:
                over.set()
                thread.join(LONGEST_WAIT_S)

    def line(self, name: str, reads: str, settles: bool = False) -> Line:
        """A connection with the certificate of ``name``."""
        terms = Terms(f"rig-{name}-{next(self._lines)}", reads, 1000, settles=settles)
        return open_line(self.broker.endpoint(name), terms)

    def held(self, device: str = DEVICE) -> Head:
        """What the station's file holds of a device."""
        with closing(Register(self.db, SystemClock())) as register:
            return register.head(device)

    def command(self, program_module: str, *arguments: object) -> subprocess.Popen[str]:
        """A command as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", program_module, *map(str, arguments)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), _TESTS)))},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def link_command(self, *arguments: object) -> subprocess.Popen[str]:
        """``lapel link`` of the device."""
        options = self.broker_options(DEVICE)
        return self.command("lapel.cli.main", "link", "--state", self.state, "--device", DEVICE, *options, *arguments)

    def station_command(self, *arguments: object) -> subprocess.Popen[str]:
        """``lapel-admin station``."""
        return self.command(
            "lapel_tools.cli.main", "station", "--db", self.db, *self.broker_options(STATION), *arguments
        )

    def broker_options(self, name: str) -> tuple[object, ...]:
        """The broker's options of every command."""
        return self.broker.options(name)


def wait_until(condition: Callable[[], bool], longest_s: float = LONGEST_WAIT_S) -> None:
    """Wait for something that must come; the bound only keeps a broken test from hanging."""
    until = time.monotonic() + longest_s
    while not condition():
        assert time.monotonic() < until, f"nothing happened in {longest_s:.0f} s"
        time.sleep(0.02)


def finish(process: subprocess.Popen[str], longest_s: float = LONGEST_WAIT_S) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a process that ends by itself."""
    out, err = process.communicate(timeout=longest_s)
    return process.returncode, out, err


@pytest.fixture
def quiet_rig(tmp_path: Path) -> Iterator[Rig]:
    """A rig whose broker is not running yet."""
    if program() is None:
        pytest.skip(f"mosquitto: {INSTALL}")
    rig = Rig(tmp_path)
    yield rig
    rig.kill_broker()


@pytest.fixture
def rig(quiet_rig: Rig) -> Rig:
    """A rig whose broker runs."""
    quiet_rig.start_broker()
    return quiet_rig
