"""The whole appliance over a film of marked faces, while power, broker and disk fail, and what it left and sent."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event, Thread

from lapel.config.profile import load_profile
from lapel.core.records import Head
from lapel.hunt.scene import write_film
from lapel.hunt.search import Leak, Search
from lapel.store.gallery import write_gallery
from lapel.wiring.hunting import Opener, bait_gallery, isolation
from sync_rig import DEVICE, SITE, Rig, finish, wait_until

DISK_MIB = 96
LONGEST_WATCH_S = 3000.0
# Without an alert, a record more at the station, or an end: a hunt may run beside much else, at a low priority.
LONGEST_PAUSE_S = 900.0

Start = Callable[[], "subprocess.Popen[str]"]


class Ground:
    """A folder in which everything is written that the appliance writes, on a disk of its own where that is wanted."""

    def __init__(self, folder: Path, frames: int, seed: int = 0, has_disk: bool = False) -> None:
        self.image = folder / "disk.img" if has_disk else None
        self.written = folder / "written"
        self.written.mkdir()
        if self.image:
            mount(self.image, self.written)
        self.rig = Rig(self.written)
        self.sent = folder / "sent"
        self._film = write_film(folder / "film.avi", frames, seed)
        self._list = folder / "list.lapel"
        write_gallery(self._list, bait_gallery(load_profile("ci-video")), self.rig.key)
        (self.written / "tmp").mkdir()
        self._site = folder / "site.toml"
        self._site.write_text(
            f'[device]\nsite = "{SITE}"\nname = "{DEVICE}"\n[state]\nfolder = "{self.rig.state}"\n'
            f'[watchlist]\nfile = "{self._list}"\nkey_file = "{self.rig.state / "device.key"}"\n',
            encoding="utf-8",
        )
        self._isolated = isolation()
        self._count = 0
        self.frames = self.alerts = 0

    def watch(self, quiet_s: float = 1.0) -> subprocess.Popen[bytes]:
        """``lapel replay`` over the film, without a network, allowed to dump its memory, all files on the ground."""
        self._count += 1
        name = f"round-{self._count}"
        options = ("--site", self._site, "--alerts", f"{name}.jsonl", "--report", name)
        command = (*self._isolated, sys.executable, "-m", "lapel.cli.main", "replay", self._film, *options)
        with (self.written / f"{name}.out").open("wb") as out, (self.written / f"{name}.err").open("wb") as err:
            return subprocess.Popen(
                [*map(str, command), "--quiet-s", str(quiet_s), "--json"],
                cwd=self.written,
                env=os.environ | {"TMPDIR": str(self.written / "tmp")},
                stdout=out,
                stderr=err,
                preexec_fn=_let_it_dump_core,
            )

    def watch_to_the_end(self, disk_is_full_s: float = 0.0) -> None:
        """One whole film; what the watch says of it is added up. The disk may be full for a while after an alert."""
        watching = self.watch()
        if disk_is_full_s:
            self._await_alert(watching)
            with self.full_disk():
                time.sleep(disk_is_full_s)
        code = watching.wait(LONGEST_WATCH_S)
        said = (self.written / f"round-{self._count}.out").read_bytes()
        assert code in (0, 4), (code, (self.written / f"round-{self._count}.err").read_text()[-500:])
        outcome = json.loads(said)
        self.frames += outcome["account"]["passed"]
        self.alerts += outcome["alerts"]

    def watch_and_cut(self, number: signal.Signals = signal.SIGKILL, latest_s: float = 3.0) -> None:
        """A watch that is killed a random while after its first alert."""
        watching = self.watch(quiet_s=0.0)
        try:
            self._await_alert(watching)
            time.sleep(random.uniform(0, latest_s))
        finally:
            watching.send_signal(number)
            assert watching.wait(LONGEST_PAUSE_S) == -number

    @contextmanager
    def linked(self, outages_every_s: float) -> Iterator[None]:
        """Station, and a link whose every byte is tapped, while the broker is killed again and again."""
        over, ended = Event(), Event()
        cutting = Thread(target=self._cut_the_broker, args=(over, outages_every_s))
        options = ("--state", self.rig.state, "--device", DEVICE, *self.rig.broker_options(DEVICE))
        link = partial(self.rig.command, "tls_tap", self.sent, "link", *options)
        started = {start: start() for start in (self.rig.station_command, link)}
        keeping = Thread(target=_keep_at_work, args=(ended, started))
        cutting.start()
        keeping.start()
        try:
            yield
            over.set()
            cutting.join()
            self._await_arrival()
        finally:
            over.set()
            ended.set()
            cutting.join()
            keeping.join()
            for each in started.values():
                each.send_signal(signal.SIGTERM)
                finish(each, LONGEST_PAUSE_S)

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Not a byte is left on the disk for a while; the disk must be one of the ground's own."""
        assert self.image
        filler = self.written / "filler"
        with filler.open("wb", buffering=0) as file:
            for size in (1 << 20, 4096):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:
                    continue
        try:
            yield
        finally:
            filler.unlink()

    def searched(self) -> tuple[Search, list[Leak]]:
        """What was found in all that was written and sent, on the disk's bare blocks too: deleted files are there."""
        self.rig.kill_broker()
        search, opener = Search(), Opener(self.rig.key)
        leaks = list(search.folder(self.written, opener))
        assert opener.unopened == []
        leaks += search.content("sent", self.sent.read_bytes())
        if self.image:
            unmount(self.written)
            leaks += search.content("disk", self.image.read_bytes())
        return search, leaks

    def _await_alert(self, watching: subprocess.Popen[bytes]) -> None:
        alerts = self.written / f"round-{self._count}.jsonl"

        def is_there_or_over() -> bool:
            return watching.poll() is not None or (alerts.exists() and alerts.stat().st_size > 0)

        wait_until(is_there_or_over, LONGEST_PAUSE_S)

    def _await_arrival(self) -> None:
        """Until the station holds the whole journal: as long as it takes, while it goes on."""
        wait_until(self.rig.db.exists, LONGEST_PAUSE_S)
        head = self.rig.journal_head()
        while (held := self.rig.held()) != head:
            wait_until(partial(self._holds_more_than, held), LONGEST_PAUSE_S)

    def _holds_more_than(self, held: Head) -> bool:
        return self.rig.held() != held

    def _cut_the_broker(self, over: Event, every_s: float) -> None:
        while not over.wait(random.uniform(0.5, 1.5) * every_s):
            self.rig.kill_broker()
            time.sleep(random.uniform(0.1, 1.0))
            self.rig.start_broker()


def _keep_at_work(ended: Event, started: dict[Start, subprocess.Popen[str]]) -> None:
    """Start programs again that ended, as their units do: on a disk without room they end."""
    while not ended.wait(0.5):
        for start, program in started.items():
            if program.poll() is not None:
                program.communicate()
                started[start] = start()


def can_mount() -> bool:
    """Whether this machine lets us make and mount a disk."""
    tools = all(shutil.which(tool) for tool in ("mkfs.ext4", "mount", "umount"))
    return tools and os.getuid() == 0 and Path("/dev/loop-control").exists()


def mount(image: Path, folder: Path) -> None:
    """Make a small disk in a file, and mount it."""
    with image.open("wb") as file:
        file.truncate(DISK_MIB << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", str(image)], check=True)
    subprocess.run(["mount", "-o", "loop", str(image), str(folder)], check=True)


def unmount(folder: Path) -> None:
    """Unmount it, so that all of it is in the file."""
    if os.path.ismount(folder):
        subprocess.run(["umount", str(folder)], check=True)


def _let_it_dump_core() -> None:
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
