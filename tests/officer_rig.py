"""A watch without a camera and the companion as a process of its own, joined as on a device."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from lapel.alert.officer import HeldAlerts
from lapel.alert.picture import jpeg, picture_of
from lapel.core.alerted import alert_event
from lapel.core.officer_view import Vitals
from lapel.core.record_body import parse_body
from lapel.core.records import Event, Fact, RecordKind
from lapel.core.things import Hit
from lapel.errors import StoreError
from lapel.fakes.hit import made_up_hit
from lapel.fakes.keys import FixedKey
from lapel.health.clock import SystemClock
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.wiring.answering import Answering, said_before
from lapel.wiring.local import asked
from lapel.wiring.officer_desk import OfficerDesk, officer_desk

LISTED = Event(RecordKind.LIST, (("list_id", "harbour"), ("version", 1), ("budget_per_hour", 0.125)))
VITALS = Vitals(82, 51.0, 9100, 2, 60, 3, 40.0)


def drawn(seed: int = 5) -> bytes:
    """A picture of some thing."""
    squares = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), np.uint8)
    return jpeg(np.asarray(cv2.resize(squares, (320, 240), interpolation=cv2.INTER_NEAREST), np.uint8))


@dataclass
class Watch:
    """What of a watch an officer has to do with."""

    journal: Answering
    phone: HeldAlerts
    desk: OfficerDesk
    vitals: Vitals = VITALS
    said: list[str] = field(default_factory=list)

    def alerts(self, hit: Hit | None = None) -> str:
        """An alert, recorded before it is told; the record's id."""
        hit = hit or made_up_hit(reference_picture=drawn())
        record = self.journal.append(alert_event(hit, ("harbour", 1), picture_of(hit)))
        self.phone.alert(hit, record)
        return record.id

    def kept(self, kind: RecordKind) -> list[dict[str, Fact]]:
        """The facts of the records of a kind."""
        return [dict(parse_body(r.body).facts) for r in self.journal.after(-1, 1000) if r.kind is kind]


@contextmanager
def watching(folder: Path, lock: Callable[[], None] | None = None) -> Iterator[Watch]:
    """A watch that hands out alerts, until it ends; ``lock`` of a device that its phone unlocks."""
    clock, notices = SystemClock(), list[str]()
    (folder / "state").mkdir(exist_ok=True)
    with SealedJournal(folder / "state" / JOURNAL, FixedKey(), clock, "cam-7") as sealed:
        held = HeldAlerts(lambda: clock.wall_ns() / 1e9)
        answers, located = said_before(sealed, clock)
        journal = Answering(sealed, answers, located, clock, notices.append)
        desk = OfficerDesk(journal, held, lambda: watch.vitals, sealed.picture, clock, 0.5, lock)
        watch = Watch(journal, held, desk, said=notices)
        journal.append(LISTED)
        with officer_desk(folder / "officer.sock", desk, notices.append):
            yield watch


@dataclass
class Companion:
    """``lapel companion`` as it runs."""

    folder: Path
    port: int
    process: "subprocess.Popen[str]"

    @property
    def origin(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def code(self) -> str:
        """What ``lapel companion --pair`` shows."""
        answer = asked(self.folder / "page" / "companion.sock", b"invite", 4096)
        if answer is None:
            raise StoreError("no companion")
        return str(json.loads(answer)["code"])


def free_port() -> int:
    with socket.socket() as channel:
        channel.bind(("127.0.0.1", 0))
        return int(channel.getsockname()[1])


def site_file(folder: Path, port: int) -> Path:
    path = folder / "site.toml"
    path.write_text(
        f'[device]\nsite = "harbour"\nname = "cam-7"\n[companion]\naddress = "127.0.0.1"\nport = {port}\n'
        f'socket = "{folder / "officer.sock"}"\nfolder = "{folder / "page"}"\n',
        encoding="utf-8",
    )
    return path


@contextmanager
def companion(folder: Path) -> Iterator[Companion]:
    """The companion, until it is stopped as systemd does; it must end with 0."""
    port = free_port()
    command = [sys.executable, "-m", "lapel.cli.main", "companion", "--site", str(site_file(folder, port))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "the officer's page is at" in line, line
        yield Companion(folder, port, process)
    finally:
        process.terminate()
        ended = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < ended:
            time.sleep(0.05)
        if process.stdout is not None:
            process.stdout.close()
    assert process.wait(1) == 0
