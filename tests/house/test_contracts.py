"""The import contracts catch what they are there to catch: violations are planted in a copy of the packages."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of both packages and the contracts."""
    folder = tmp_path_factory.mktemp("clean")
    leave = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "device", folder / "device", ignore=leave)
    shutil.copytree(ROOT / "tools" / "lapel_tools", folder / "tools" / "lapel_tools", ignore=leave)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.fixture
def copy(clean: Path, tmp_path: Path) -> Path:
    """A copy to plant a violation in."""
    return Path(shutil.copytree(clean, tmp_path / "copy"))


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """import-linter over a folder, whatever is installed."""
    environment = os.environ | {"PYTHONPATH": f"{folder / 'device'}:{folder / 'tools'}", "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-c", LINT_IMPORTS, "--no-cache"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def broken(output: str) -> set[str]:
    """Names of the contracts that were reported broken."""
    return {line.removesuffix(" BROKEN").strip() for line in output.splitlines() if line.endswith(" BROKEN")}


def test_the_packages_keep_every_contract(clean: Path) -> None:
    done = lint(clean)
    assert done.returncode == 0, done.stdout
    assert broken(done.stdout) == set()


@pytest.mark.parametrize(
    ("package", "line", "contract"),
    [
        ("capture", "import socket", "Raw pixels never meet the network"),
        ("capture", "import asyncio", "Raw pixels never meet the network"),
        ("capture", "import logging.handlers", "Raw pixels never meet the network"),
        ("capture", "from urllib import request", "Raw pixels never meet the network"),
        ("capture", "import multiprocessing.connection", "Raw pixels never meet the network"),
        ("infer", "import ssl", "Raw pixels never meet the network"),
        ("clips", "import socket", "Raw pixels never meet the network"),
        ("hunt", "import http.client", "Raw pixels never meet the network"),
        ("clips", "from lapel.capture.raw import RawFrame", "Unblurred pixels stay in capture"),
        ("hunt", "from lapel.capture.raw import RawFrame", "Unblurred pixels stay in capture"),
        ("store", "import socket", "Local sockets are for wiring and health"),
        ("cli", "import asyncio", "Local sockets are for wiring and health"),
        ("wiring", "import gpiozero", "One module knows the pins"),
        ("store", "import microdot", "Only the companion serves pages"),
        ("alert/companion", "import lapel.store.journal", "The companion holds no key"),
        ("core", "import cv2", "The inside is pure"),
        ("core", "import sqlite3", "The inside is pure"),
        ("infer", "from lapel.capture.raw import RawFrame", "Unblurred pixels stay in capture"),
        ("wiring", "from lapel.capture.raw import RawFrame", "Unblurred pixels stay in capture"),
        ("store", "import ai_edge_litert", "One module knows the runtime"),
        ("store", "import paho.mqtt.client", "Only the link talks MQTT"),
        ("store", "import lapel.link", "Arrows point inwards"),
        ("core", "import lapel.ports", "Arrows point inwards"),
        ("wiring", "import lapel.cli", "Arrows point inwards"),
        ("cli", "import lapel_tools", "Signing and station code never ships to a device"),
    ],
)
def test_a_planted_import_breaks_its_contract(copy: Path, package: str, line: str, contract: str) -> None:
    (copy / "device" / "lapel" / package / "planted.py").write_text(f"{line}\n", encoding="utf-8")
    done = lint(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    assert contract in broken(done.stdout)


def test_an_import_inside_a_function_is_caught_too(copy: Path) -> None:
    planted = "def late() -> None:\n    import socket\n"
    (copy / "device" / "lapel" / "capture" / "planted.py").write_text(planted, encoding="utf-8")
    assert broken(lint(copy).stdout) == {"Raw pixels never meet the network"}


def test_a_detour_through_another_package_is_caught_too(copy: Path) -> None:
    (copy / "device" / "lapel" / "core" / "planted.py").write_text("import http.client\n", encoding="utf-8")
    (copy / "device" / "lapel" / "capture" / "planted.py").write_text("import lapel.core.planted\n", encoding="utf-8")
    assert "lapel.capture.planted" in lint(copy).stdout


def test_a_package_that_the_layers_do_not_know_is_caught(copy: Path) -> None:
    (copy / "device" / "lapel" / "utils.py").write_text("", encoding="utf-8")
    assert "Arrows point inwards" in broken(lint(copy).stdout)


def test_no_contract_has_an_exception() -> None:
    assert "ignore_imports" not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
