"""A watch that is stopped ends as it should: with its records, its account and an exit code that says so."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from footage import patient_profile, write_video
from lapel.cli.main import INTERRUPTED
from lapel.config.profile import load_profile
from lapel.core.record_body import parse_body
from lapel.core.records import RecordKind
from lapel.health.clock import SystemClock
from lapel.store.gallery import write_gallery
from lapel.store.journal import SealedJournal
from lapel.store.keys import FileKey
from lapel.wiring.bench import made_up
from shift_rig import LONGEST_S, systemd

FRAMES = 3000


@dataclass(frozen=True)
class Ended:
    """How a watch ended: exit code, what it printed, what systemd heard last, and its last record's reason."""

    code: int
    printed: str
    heard: str
    reason: object


def stopped(command: str, folder: Path) -> Ended:
    """Start a watch over two minutes of video, and send SIGTERM once it has looked at a frame."""
    keys = FileKey.create(folder / "device.key")
    write_gallery(folder / "list.lapel", made_up(load_profile("ci-video"), 1), keys)
    clip = write_video(folder / "clip.mp4", FRAMES)
    options = ("--watchlist", folder / "list.lapel", "--state", folder, "--json", "--profile", patient_profile(folder))
    arguments = [sys.executable, "-m", "lapel.cli.main", command, *map(str, (clip, *options))]
    with systemd(folder / "notify") as receiver:
        environment = os.environ | {"NOTIFY_SOCKET": str(folder / "notify")}
        watching = subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, text=True)
        assert receiver.recv(4096).startswith(b"READY=1")
        watching.send_signal(signal.SIGTERM)
        printed, _ = watching.communicate(timeout=LONGEST_S)
        heard = b""
        while heard != b"STOPPING=1" and watching.returncode >= 0:
            heard = receiver.recv(4096)
    with SealedJournal(folder / "journal.db", keys, SystemClock(), read_only=True) as journal:
        last = journal.after(-1, 1000)[-1]
    reason = dict(parse_body(last.body).facts).get("reason") if last.kind is RecordKind.STOP else None
    return Ended(watching.returncode, printed, heard.decode(), reason)


def test_a_run_that_systemd_stops_ends_well_with_its_stop_on_record(tmp_path: Path) -> None:
    ended = stopped("run", tmp_path)
    assert (ended.code, ended.heard, ended.reason) == (0, "STOPPING=1", "interrupted")
    assert json.loads(ended.printed)["is_interrupted"] is True


def test_a_replay_that_is_stopped_accounts_for_its_frames_and_does_not_pass_for_whole(tmp_path: Path) -> None:
    ended = stopped("replay", tmp_path)
    assert (ended.code, ended.reason) == (INTERRUPTED, "interrupted")
    assert 0 < json.loads(ended.printed)["account"]["passed"] < FRAMES
