"""The emulated board's verdicts can be bad ones, and its files are what it runs."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lapel_tools.arm64.compare import LEAST_COSINE, alike, compared
from lapel_tools.arm64.prepare import FILMS, REPLAYED

ROOT = Path(__file__).parents[2]
FILES = ROOT / "tools" / "packaging" / "arm64"


def lay_out(folder: Path, alerts_there: int = 1, answer_there: float = 1.0, people_there: int = 2) -> dict[str, bool]:
    """Write what two machines found; whether each thing compared agrees, by name."""
    one = np.array([1.0, 2.0, 3.0], np.float32)
    np.savez(folder / "answers.here.npz", descriptor=one)
    np.savez(folder / "answers.board.npz", descriptor=one * np.array([1, 1, answer_there], np.float32))
    for side, alerts, people in (("here", 1, 2), ("board", alerts_there, people_there)):
        for film in FILMS:
            outcome = {"account": {"passed": 50}, "alerts": alerts, "people_max": people}
            (folder / f"{film}.{side}.json").write_text(json.dumps(outcome), encoding="utf-8")
    return {verdict.name: verdict.agrees for verdict in compared(folder, "board")}


def test_machines_that_find_the_same_agree(tmp_path: Path) -> None:
    assert set(lay_out(tmp_path).values()) == {True}


@pytest.mark.parametrize(("people", "agrees"), [(1, True), (3, True), (4, False), (0, False)])
def test_of_people_one_may_be_as_sure_as_it_takes(tmp_path: Path, people: int, agrees: bool) -> None:
    assert lay_out(tmp_path, people_there=people)["bicycle: people at most"] is agrees


def test_another_answer_of_a_network_is_a_finding(tmp_path: Path) -> None:
    assert {name for name, agrees in lay_out(tmp_path, answer_there=0.8).items() if not agrees} == {"answer descriptor"}


def test_an_alert_less_is_a_finding(tmp_path: Path) -> None:
    verdicts = lay_out(tmp_path, alerts_there=0)
    assert {name for name, agrees in verdicts.items() if not agrees} == {
        f"{film}: alerts" for film in REPLAYED["board"]
    }


@pytest.mark.parametrize(
    ("other", "agrees"), [([0.0, 0.0], False), ([1.0, 1.0, 1.0], False), ([2.0, 2.0], True), ([1.0, 0.9], False)]
)
def test_outputs_agree_in_direction_and_shape(other: list[float], agrees: bool) -> None:
    assert (alike(np.array([1.0, 1.0], np.float32), np.array(other, np.float32)) >= LEAST_COSINE["board"]) is agrees


def test_where_nothing_is_forbidden_the_sandbox_is_said_to_have_holes() -> None:
    done = subprocess.run(
        [sys.executable, FILES / "sandbox.py"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "internet socket ALLOWED" in done.stdout


def test_the_board_has_the_lookouts_unit_but_for_the_time_that_it_takes() -> None:
    lines = (FILES / "emulated.conf").read_text(encoding="utf-8").splitlines()
    changed = {line.partition("=")[0] for line in lines if re.match(r"\w+=", line)}
    assert changed == {"TimeoutStartSec", "WatchdogSec", "StandardError"}
    done = subprocess.run(["sh", "-n", FILES / "board-check"], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("tool", ["test-arm64", "test-systemd"])
def test_a_package_that_is_not_there_is_named_before_anything_is_made(tool: str) -> None:
    done = subprocess.run(
        [ROOT / "tools" / tool, "--deb", "no-such.deb"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (2, f"{tool}: --deb no-such.deb: no such file\n")


@pytest.mark.parametrize("script", ["tools/trial", "tools/packaging/systemd/machine"])
def test_what_starts_such_a_machine_is_a_script_to_the_shell(script: str) -> None:
    text = (ROOT / script).read_text(encoding="utf-8")
    for part in (text, *re.findall(r"bash -eu -c '(.*?)'", text, re.DOTALL)):  # what is quoted is a script, too
        done = subprocess.run(["bash", "-n"], input=part, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")
