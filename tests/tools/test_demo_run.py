"""The whole demo, as its commands are typed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lapel_tools.demo.fetch import clip_path

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not clip_path().is_file(), reason=f"{clip_path()}: the demo's clip; tools/demo downloads it"),
]


def _demo(out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lapel_tools.demo", "--out", str(out), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=580, check=False)


def test_the_demo_alerts_the_bicycle_and_passes_its_own_checks(tmp_path: Path) -> None:
    done = _demo(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    alerts = [json.loads(line) for line in (tmp_path / "alerts.jsonl").read_text().splitlines()]
    assert "demo-bicycle" in {alert["entry"] for alert in alerts}
    assert all(alert["record"] for alert in alerts)
    left = subprocess.run(["pgrep", "-f", str(tmp_path)], capture_output=True, text=True, check=False)
    assert left.stdout == "", "a broker or station was left running"


def test_without_the_bicycles_entry_its_shot_stays_silent(tmp_path: Path) -> None:
    done = _demo(tmp_path, "--without", "demo-bicycle")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "demo-bicycle" not in (tmp_path / "every-hit" / "alerts.jsonl").read_text()


def test_an_entry_that_the_demo_does_not_list_cannot_be_left_out(tmp_path: Path) -> None:
    done = _demo(tmp_path, "--without", "demo-bicicle")
    assert done.returncode == 2
    assert "did you mean demo-bicycle?" in done.stderr
