"""The repository's own commands say what they do, and stop with a clear line."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = [
    "tools/check",
    "tools/test",
    "tools/demo",
    "tools/build-models",
    "tools/build-deb",
    "tools/test-arm64",
    "tools/test-systemd",
    "tools/locks/compile",
]


def run(*command: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    # LAPEL_VENV of whoever runs the tests would name an environment that these checkouts are to lack.
    ours = {name: value for name, value in os.environ.items() if name != "LAPEL_VENV"}
    return subprocess.run(
        command, cwd=cwd, env=ours | environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The commands in a checkout that has no environment yet."""
    shutil.copytree(ROOT / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("lapel_tools", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", TOOLS)
def test_a_command_explains_itself(name: str) -> None:
    done = run(name, "--help")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) > 10


def test_an_unknown_option_of_the_tests_is_a_usage_error_before_anything_is_installed(checkout: Path) -> None:
    done = run("tools/test", "--lnog", cwd=checkout)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "test: --lnog: unknown option; see tools/test --help\n"


def test_checking_without_an_environment_says_how_to_make_one(checkout: Path) -> None:
    done = run("tools/check", cwd=checkout)
    assert done.returncode == 2
    assert "make the environment with: " in done.stderr


def test_a_missing_python_is_named_with_what_to_do(checkout: Path) -> None:
    done = run(
        "sh",
        "-c",
        ". tools/environment; make_environment .venv tools/locks/dev.txt",
        cwd=checkout,
        LAPEL_PYTHON="python9",
    )
    assert done.returncode != 0
    assert "python9" in done.stderr
    assert "LAPEL_PYTHON" in done.stderr


def test_a_check_that_fails_stops_the_others_and_is_named_last(checkout: Path) -> None:
    programs = checkout / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, code in (("python", 0), ("ruff", 0), ("mypy", 3), ("lint-imports", 0), ("pytest", 0)):
        (programs / name).write_text(f"#!/bin/sh\necho ran {name}\nexit {code}\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    done = run("tools/check", cwd=checkout)
    assert done.returncode == 3
    assert done.stdout.split() == ["ran", "ruff", "ran", "ruff", "ran", "mypy"]
    assert done.stderr.endswith("check: FAILED at: mypy (exit 3)\n")


def test_continuous_integration_runs_the_tests_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("exec")] == ["exec tools/test"]
