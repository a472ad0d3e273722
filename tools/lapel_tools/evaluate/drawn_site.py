"""A broker, a station and a device of which each is a process of its own, for measuring how lists travel."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import TextIO

from lapel.errors import UsageError
from lapel.link.endpoint import Endpoint
from lapel.link.topics import PUBLISHER, STATION
from lapel.store.keys import FileKey
from lapel.store.pieces import PIECES
from lapel.store.pinning import pin
from lapel.wiring.renewal import LOOK_EVERY_S
from lapel.wiring.withheld import Withheld
from lapel_tools.broker.cuts import Cuts
from lapel_tools.broker.mosquitto import BrokerFolder, prepare, start
from lapel_tools.evaluate.drawn_authority import DrawnAuthority

SITE, DEVICE = "drawn", "cam-1"
_LOOK_S = 0.02
_LONGEST_S = 3 * 3600.0


@dataclass
class DrawnSite:
    """What runs, and what the device's link has said. ``way`` is how the device reaches the broker."""

    folder: Path
    broker: BrokerFolder
    authority: DrawnAuthority
    way: Cuts
    _mosquitto: subprocess.Popen[bytes]
    _link: subprocess.Popen[str] | None = None
    _listener: Thread | None = None
    _peak_mib: int = 0
    _said: Counter[str] = field(default_factory=Counter)
    _pulled: tuple[int, int] = (0, 0)

    @property
    def state(self) -> Path:
        """The device's state folder."""
        return self.folder / "state"

    @property
    def ledger(self) -> Path:
        """What the publisher wrote down."""
        return self.folder / "pushed.jsonl"

    def publisher(self) -> Endpoint:
        """The broker, straight."""
        return self.broker.endpoint(PUBLISHER)

    def start_link(self) -> None:
        """Start the device's link; what the one before said is forgotten."""
        self._said.clear()
        self._pulled = (0, 0)
        options = self.broker.options(DEVICE, self.way.endpoint(self.broker.endpoint(DEVICE)))
        self._link = _program(
            subprocess.PIPE, "lapel.cli.main", "link", "--state", self.state, "--device", DEVICE, *options
        )
        self._listener = Thread(target=self._listen, args=(self._link,), daemon=True)
        self._listener.start()

    def kill_link(self) -> None:
        """kill -9."""
        if self._link is not None:
            self._link.kill()
            self._link.wait()
            if self._listener is not None:
                self._listener.join()

    def count(self, event: str) -> int:
        """How often the link has said that."""
        return self._said[event]

    def wait_for(self, event: str, times: int) -> None:
        """Until the link has said it so often."""
        self.wait_until(lambda: self._said[event] >= times)

    def pulled(self) -> tuple[int, int]:
        """Pieces and bytes that came to this link, as it said last."""
        return self._pulled

    def has_carried(self, length: float) -> bool:
        """Whether so many bytes went to the device."""
        return self.way.carried > length

    def kept(self) -> int:
        """How many pieces the device keeps."""
        return sum(1 for path in (self.state / PIECES).glob("??/*") if not path.name.startswith("."))

    @contextmanager
    def watching(self, list_id: str, version: int, entry_id: str) -> Iterator[list[float]]:
        """While the block runs, look for a withdrawal as a watch does; gives when it was withheld (monotonic)."""
        withheld = Withheld(self.state, FileKey(self.state / "device.key"), print)
        found: list[float] = []
        over = Flag()

        def look() -> None:
            while not found and not over.wait(LOOK_EVERY_S):
                withheld.look()
                if withheld.of(list_id, version).covers(entry_id):
                    found.append(time.monotonic())

        thread = Thread(target=look)
        thread.start()
        try:
            yield found
        finally:
            over.set()
            thread.join()

    def station_has_withdrawal(self) -> bool:
        """Whether the record of a withdrawal has arrived."""
        with closing(sqlite3.connect(self.folder / "station.db")) as db:
            bodies = db.execute("select body from records where kind = 'update'").fetchall()
        return any(json.loads(body)["facts"].get("outcome") == "withdrawn" for (body,) in bodies)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait for it. Raises: UsageError where the link has ended before."""
        until = time.monotonic() + _LONGEST_S
        while not condition():
            if time.monotonic() > until or (self._link is not None and self._link.poll() is not None):
                raise UsageError(f"the link ended, or nothing happened: {dict(self._said)}; see its lines above")
            self._peak_mib = max(self._peak_mib, _memory_mib(self._link, "VmHWM"))
            time.sleep(_LOOK_S)

    def link_peak_mib(self) -> int:
        """The most memory that a link had."""
        return self._peak_mib

    def broker_mib(self) -> int:
        """The broker's memory."""
        return _memory_mib(self._mosquitto, "VmRSS")

    def _listen(self, link: subprocess.Popen[str]) -> None:
        assert link.stderr is not None
        with link.stderr as lines:
            for line in lines:
                self._hear(line)

    def _hear(self, line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            said = {"event": "trouble"}
        if said["event"] in {"pulled", "settled"}:
            self._pulled = (said["pieces"], said["bytes"])
        if said["event"] in {"trouble", "list_refused", "lists_wait"}:
            print(line, end="", file=sys.stderr)
        self._said[said["event"]] += 1


@contextmanager
def drawn_site(folder: Path) -> Iterator[DrawnSite]:
    """All of it in a folder, with a device that trusts the authority. Ends what it started."""
    authority = DrawnAuthority(folder / "authority")
    state = folder / "state"
    state.mkdir()
    key = FileKey.create(state / "device.key")
    authority.list_device(pin(state, authority.root, DEVICE, "patrol", key).described())
    broker = prepare(folder / "broker", SITE, (DEVICE,), most_bytes=65536)
    mosquitto = start(broker, folder / "mosquitto.log")
    options = broker.options(STATION)
    with (folder / "station.log").open("w") as log:
        station = _program(log, "lapel_tools.cli.main", "station", "--db", folder / "station.db", *options)
    site = DrawnSite(folder, broker, authority, Cuts(broker.endpoint(DEVICE)), mosquitto)
    try:
        yield site
    finally:
        site.kill_link()
        site.way.close()
        for child in (station, mosquitto):
            child.kill()
            child.wait()


def _program(stderr: int | TextIO, module: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", module, *map(str, arguments)], stderr=stderr, text=True)


def _memory_mib(child: subprocess.Popen[str] | subprocess.Popen[bytes] | None, name: str) -> int:
    try:
        status = Path(f"/proc/{child.pid}/status").read_text() if child is not None else ""
    except OSError:
        return 0
    found = [int(line.split()[1]) for line in status.splitlines() if line.startswith(name)]
    return found[0] >> 10 if found else 0
