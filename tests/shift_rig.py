"""A device that its phone unlocks: its state sealed by a passphrase, and its lookout as a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gpiozero.pins.mock import MockPin

from lapel.cli.main import main
from lapel.config.profile import load_profile
from lapel.core.record_body import parse_body
from lapel.core.records import Fact, RecordKind
from lapel.health.clock import SystemClock
from lapel.store.gallery import write_gallery
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.keys import PassphraseKey
from lapel.wiring.bench import made_up
from officer_rig import free_port

PASSPHRASE = "correct horse battery staple"
WRONG = "incorrect horse battery staple"
LONGEST_S = 120.0


@dataclass
class Device:
    """Its folder, which holds site.toml, clip.mp4, once somebody made it, and all else."""

    folder: Path
    port: int

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def site(self) -> Path:
        return self.folder / "site.toml"

    @property
    def socket(self) -> Path:
        return self.folder / "officer.sock"

    @property
    def clip(self) -> Path:
        return self.folder / "clip.mp4"

    def give(self, passphrase: str, *options: str) -> int:
        """``lapel unlock``'s exit code."""
        file = self.folder / "given"
        file.write_text(passphrase)
        file.chmod(0o600)
        return main(["unlock", "--site", str(self.site), "--passphrase-file", str(file), *options])

    def kept(self) -> list[tuple[RecordKind, dict[str, Fact]]]:
        with SealedJournal(self.state / JOURNAL, PassphraseKey(PASSPHRASE), SystemClock(), read_only=True) as journal:
            return [(each.kind, dict(parse_body(each.body).facts)) for each in journal.after(-1, 1000)]


def closed_device(folder: Path) -> Device:
    """A device that has been set up, and whose card holds nothing that opens it."""
    device = Device(folder, free_port())
    device.state.mkdir(mode=0o700, exist_ok=True)
    keys = PassphraseKey(PASSPHRASE)
    SealedJournal(device.state / JOURNAL, keys, SystemClock(), "cam-7").close()
    write_gallery(device.state / "list.lapel", made_up(load_profile("ci-video"), 1), keys)
    device.site.write_text(
        f'[device]\nsite = "harbour"\nname = "cam-7"\n[state]\nfolder = "{device.state}"\nunlock = "phone"\n'
        f'[watchlist]\nfile = "{device.state / "list.lapel"}"\n[clips]\nbefore_s = 0\nafter_s = 0\n'
        f'[companion]\naddress = "127.0.0.1"\nport = {device.port}\nsocket = "{device.socket}"\n'
        f'folder = "{folder / "page"}"\n',
        encoding="utf-8",
    )
    return device


@dataclass
class Lookout:
    """``lapel run`` as systemd runs it."""

    process: "subprocess.Popen[str]"
    systemd: socket.socket

    def hears(self, wanted: str) -> str:
        """What systemd is told, once it is told this."""
        while wanted not in (said := self.systemd.recv(4096).decode()):
            pass
        return said


@contextmanager
def systemd(path: Path) -> Iterator[socket.socket]:
    """The receiving end of sd_notify."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(path))
        receiver.settimeout(LONGEST_S)
        yield receiver


@contextmanager
def started(device: Device) -> Iterator[Lookout]:
    """A lookout over the device's clip, which ends with the block at the latest."""
    place = device.folder / "notify"
    with systemd(place) as heard:
        process = subprocess.Popen(
            [sys.executable, "-m", "lapel.cli.main", "run", str(device.clip), "--site", str(device.site), "--json"],
            env={k: v for k, v in os.environ.items() if k != "LAPEL_PASSPHRASE"}
            | {"NOTIFY_SOCKET": str(place), "WATCHDOG_USEC": "10000000"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield Lookout(process, heard)
        finally:
            process.kill()
            process.communicate()


def until_lit(light: MockPin) -> None:
    """Wait until a light is on."""
    while not light.state:
        time.sleep(0.01)
