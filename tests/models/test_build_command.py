"""tools/build-models; its two gigabytes of environment are needed by one test only, which is long."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lapel_tools.build_models.catalogue import MODELS

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "tools" / "locks"


def test_the_help_teaches_without_making_an_environment() -> None:
    result = subprocess.run([ROOT / "tools" / "build-models", "--help"], capture_output=True, text=True, check=False)
    assert result.returncode == 0
    for taught in ("--only", "--out", "--measure", "examples:", "exit code:"):
        assert taught in result.stdout


def test_everything_that_builds_a_model_is_pinned_by_hash() -> None:
    lock = (LOCKS / "models.txt").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", lock.strip())
    assert [block for block in blocks if not re.match(r"[a-z0-9-]+==\S+ \\\n    --hash=sha256:", block)] == []


def test_the_lock_was_compiled_from_what_stands_beside_it() -> None:
    pin = re.compile(r"^([a-z0-9-]+)==([^\s;\\]+)", re.MULTILINE)
    locked = dict(pin.findall((LOCKS / "models.txt").read_text(encoding="utf-8")))
    wanted = dict(pin.findall((LOCKS / "models.in").read_text(encoding="utf-8")))
    assert {name: locked.get(name) for name in wanted} == wanted


def test_no_address_of_a_registry_is_written_down() -> None:
    files = [ROOT / "tools" / "build-models", LOCKS / "models.txt", LOCKS / "models.in"]
    files += sorted((ROOT / "tools" / "lapel_tools" / "build_models").glob("*.py"))
    assert [path.name for path in files if "://" in path.read_text(encoding="utf-8")] == []


def test_a_model_that_does_not_exist_is_a_usage_error_that_names_those_that_do() -> None:
    command = [sys.executable, "-m", "lapel_tools.build_models", "--only", "nose"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    for name in MODELS:
        assert name in result.stderr


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_every_committed_model_is_rebuilt_to_the_byte() -> None:
    if not (ROOT / ".venv-models" / "lock.sha256").is_file():
        pytest.skip("the environment that builds models: run tools/build-models once (2 GB)")
    result = subprocess.run([ROOT / "tools" / "build-models"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
