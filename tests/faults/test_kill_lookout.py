"""Power cuts of the lookout at random moments: no alert without its record, and a journal that verifies."""

import json
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp

from footage import patient_profile
from lapel.core.record_body import parse_body
from lapel.core.records import RecordKind
from lapel.health.clock import SystemClock
from lapel.store.journal import SealedJournal
from lapel.store.keys import FileKey
from sync_rig import finish, wait_until

A_FEW = 3
MANY = 20
GTIN = "4006381333931"
# Codes are looked for every half second of stream time: at two frames a second every frame alerts.
FPS, FRAMES = 2, 3000
LATEST_CUT_S = 0.6


class Watch:
    """A recording in which a listed serial is in view all the time, and a state folder."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.state.mkdir()
        self.key = self.state / "device.key"
        self._folder = folder
        self._watchlist = folder / "list.lapel"
        self._video = write_recording(folder / "shelf.avi")
        self._rounds = 0
        expires = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
        terms = ("--label", "Pen", "--kind", "other", "--purpose", "test", "--case", "T-1", "--authority", "test")
        enrolled = start(
            "lapel_tools.cli.main",
            *("enrol", "--watchlist", self._watchlist, "--key-file", self.key, "--id", "pen", "--code", GTIN),
            *(*terms, "--expires", expires),
        )
        code, _, err = finish(enrolled)
        assert code == 0, err

    def cut_at_random(self, command: str) -> list[dict[str, object]]:
        """Run ``lapel run`` or ``replay``, kill it a random while after its first alert; the alerts it gave."""
        self._rounds += 1
        alerts = self._folder / f"alerts-{self._rounds}.jsonl"
        options = ("--watchlist", self._watchlist, "--state", self.state, "--alerts", alerts, "--quiet-s", 0, "--json")
        options = (*options, "--profile", patient_profile(self._folder))
        watching = start("lapel.cli.main", command, self._video, *options)
        try:
            wait_until(lambda: watching.poll() is not None or (alerts.exists() and alerts.stat().st_size > 0))
            time.sleep(random.uniform(0, LATEST_CUT_S))
        finally:
            watching.send_signal(signal.SIGKILL)
            code, _, err = finish(watching)
        assert code == -signal.SIGKILL, f"ended by itself: {err}"
        # A line without its end was cut while it was written: the officer has not seen it.
        return [json.loads(line) for line in alerts.read_text().splitlines(keepends=True) if line.endswith("\n")]

    def kept(self) -> dict[int, tuple[str, str]]:
        """Sequence → id and entry of every alert in the journal."""
        with SealedJournal(self.state / "journal.db", FileKey(self.key), SystemClock(), read_only=True) as journal:
            records = journal.after(-1, 1_000_000)
        return {
            record.sequence: (record.id, str(dict(parse_body(record.body).facts)["entry"]))
            for record in records
            if record.kind is RecordKind.ALERT
        }

    def audit(self) -> tuple[int, str]:
        """``lapel audit verify``: exit code and what it says."""
        code, out, err = finish(start("lapel.cli.main", "audit", "verify", "--state", self.state))
        return code, out + err


def test_a_few_cuts_of_a_replay_leave_no_alert_without_its_record(tmp_path: Path) -> None:
    cut(Watch(tmp_path), "replay", A_FEW)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_many_cuts_of_a_replay_leave_no_alert_without_its_record(tmp_path: Path) -> None:
    cut(Watch(tmp_path), "replay", MANY)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_many_cuts_of_a_run_leave_no_alert_without_its_record(tmp_path: Path) -> None:
    cut(Watch(tmp_path), "run", MANY)


def cut(watch: Watch, command: str, rounds: int) -> None:
    """Kill the lookout again and again over one journal."""
    alerted: list[dict[str, object]] = []
    for _ in range(rounds):
        alerted += watch.cut_at_random(command)
        code, said = watch.audit()
        assert code == 0, said
    kept = watch.kept()
    assert len(alerted) >= rounds
    for alert in alerted:
        record = alert["record"]
        assert isinstance(record, dict), f"alerted without a record: {alert}"
        assert kept[record["sequence"]] == (record["id"], alert["entry"])
    # The last record of a cut may have had no time to be shown; no more than that one.
    assert len(kept) - len(alerted) <= rounds


def write_recording(path: Path) -> Path:
    """A Motion JPEG recording of a barcode before a grey wall, two frames a second."""
    bars = np.asarray(zxingcpp.create_barcode(GTIN, zxingcpp.BarcodeFormat.EAN13).to_image(scale=3))
    frame = np.full((360, 640, 3), 200, np.uint8)
    top, left = (360 - bars.shape[0]) // 2, (640 - bars.shape[1]) // 2
    frame[top : top + bars.shape[0], left : left + bars.shape[1]] = bars[..., None]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (640, 360))
    assert writer.isOpened()
    for _ in range(FRAMES):
        writer.write(frame)
    writer.release()
    return path


def start(module: str, *arguments: object) -> subprocess.Popen[str]:
    """A command as a process of its own."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
