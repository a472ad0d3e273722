"""A real lookout process: its clip, and exports and purges handed to it while it runs, and after it was killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp

from footage import patient_profile
from lapel.clips.sheet import pictures_of
from lapel.config.profile import load_profile
from lapel.core.record_body import parse_body
from lapel.core.records import Fact, RecordKind
from lapel.health.clock import SystemClock
from lapel.store.clips import FOLDER, SealedClips
from lapel.store.gallery import write_gallery
from lapel.store.journal import SealedJournal
from lapel.store.keys import FileKey
from lapel.wiring.bench import made_up
from lapel.wiring.handover import SOCKET
from sync_rig import finish, wait_until

GTIN = "4006381333931"
FPS, FRAMES = 10, 600
SITE = '[device]\nsite = "harbour"\nname = "cam-7"\n[clips]\nbefore_s = 2.0\nafter_s = 1.0\n'
REASON = ("--by", "Officer 7", "--why", "court order 12")


def write_recording(path: Path) -> Path:
    """A minute in which a barcode is in view from the third second to the fifth."""
    bars = zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(GTIN, zxingcpp.BarcodeFormat.EAN13), scale=3)
    bars = np.pad(np.array(bars, np.uint8), 20, constant_values=255)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (640, 360))
    assert writer.isOpened()
    for number in range(FRAMES):
        frame = np.full((360, 640, 3), 60 + number % 50, np.uint8)
        if 3 * FPS <= number < 5 * FPS:
            frame[60 : 60 + bars.shape[0], 100 : 100 + bars.shape[1]] = bars[..., None]
        writer.write(frame)
    writer.release()
    return path


@dataclass
class Place:
    """A state folder, a watchlist with the barcode, a recording."""

    folder: Path

    def __post_init__(self) -> None:
        self.state = self.folder / "state"
        self.state.mkdir()
        self.keys = FileKey.create(self.state / "device.key")
        gallery = made_up(load_profile("ci-video"), 1)
        expires = (datetime.now(UTC) + timedelta(days=30)).date()
        entry = replace(gallery.entries[0], codes=(GTIN,), expires=expires)
        write_gallery(self.folder / "list.lapel", replace(gallery, entries=(entry,)), self.keys)
        (self.folder / "site.toml").write_text(SITE)
        self.recording = write_recording(self.folder / "shelf.avi")

    def command(self, *words: object) -> subprocess.Popen[str]:
        arguments = [sys.executable, "-m", "lapel.cli.main", *map(str, words), "--state", str(self.state)]
        return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def clip(self, *words: object) -> str:
        code, out, err = finish(self.command("clip", *words))
        assert code == 0, err
        return out

    @contextmanager
    def watch(self) -> Iterator[subprocess.Popen[str]]:
        """``lapel run`` over the recording, in real time."""
        options = ("--watchlist", self.folder / "list.lapel", "--site", self.folder / "site.toml", "--json")
        options = (*options, "--profile", patient_profile(self.folder))
        running = self.command("run", self.recording, *options)
        try:
            yield running
        finally:
            running.kill()
            finish(running)

    def facts(self, kind: RecordKind) -> list[dict[str, Fact]]:
        if not (self.state / "journal.db").exists():
            return []
        with SealedJournal(self.state / "journal.db", self.keys, SystemClock(), read_only=True) as journal:
            return [dict(parse_body(record.body).facts) for record in journal.of_kind(kind)]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_clip_is_exported_and_purged_while_the_lookout_runs_and_after_it_was_killed(place: Place) -> None:
    with place.watch() as running:
        wait_until(lambda: place.facts(RecordKind.CLIP) or running.poll() is not None)
        assert running.poll() is None, running.communicate()
        place.clip("export", "latest", place.folder / "first.avi", *REASON)
        assert len(place.facts(RecordKind.EXPORT)) == 1
        assert running.poll() is None
        running.send_signal(signal.SIGKILL)
        running.wait()
    assert (place.state / SOCKET).exists()
    place.clip("export", "latest", place.folder / "second.avi", *REASON)
    place.clip("purge", "latest", *REASON)
    assert len(place.facts(RecordKind.EXPORT)) == 2
    assert len(place.facts(RecordKind.PURGE)) == 1
    assert list((place.state / FOLDER).iterdir()) == []
    (listed,) = map(json.loads, place.clip("list", "--json").splitlines())
    assert (listed["exports"], listed["is_there"]) == (2, False)
    code, out, err = finish(place.command("audit", "verify"))
    assert code == 0, out + err
    with SealedJournal(place.state / "journal.db", place.keys, SystemClock(), read_only=True) as journal:
        assert {parse_body(record.body).device for record in journal.after(-1, 100)} == {"cam-7"}


def test_a_watch_that_is_stopped_keeps_the_clip_of_its_last_alert_and_takes_its_socket_away(place: Place) -> None:
    with place.watch() as running:
        wait_until(lambda: place.facts(RecordKind.ALERT) or running.poll() is not None)
        running.send_signal(signal.SIGTERM)
        code, out, err = finish(running)
        assert code == 0, out + err
    (facts,) = place.facts(RecordKind.CLIP)
    (alert,) = place.facts(RecordKind.ALERT)
    head, film = SealedClips(place.state / FOLDER, place.keys).read(str(facts["clip"]))
    assert head.stills_s[0] <= float(str(alert["t_s"])) <= head.stills_s[-1] + 0.2
    assert len(list(pictures_of(film, head.id))) == len(head.stills_s)
    assert not (place.state / SOCKET).exists()
    assert os.listdir(place.state / FOLDER) == [f"{head.id}.clip"]
