"""Port Installer, by dpkg and systemd: an engine that has put packages in place, and taken them back, for long."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from lapel.core.software import PACKAGE
from lapel.errors import HardwareError, StoreFull
from lapel.store.debian import control_of

SCRIPT = Path("/usr/lib/lapel/put-back")
UNITS = ("lapel-companion", "lapel-gps", "lapel-link", "lapel-lookout", "lapel-lookout-rtsp")
"""What the package ships and a device runs. A station's units, which it may run as well, are called lapel-* too."""
_PROGRAM = "opt/lapel/bin/lapel"
_WITHOUT_RESTART = {"LAPEL_NO_RESTART": "1", "DEBIAN_FRONTEND": "noninteractive"}
_SPARE = 1.1
_SLOWEST_S = 1800.0
"""A Zero 2 W unpacks 300 MB from a card, and compiles them."""
_ANSWER_S = 120.0


class Dpkg:
    """``root`` is the system's, or a folder with another system in it. The former package is put back from the
    ``shelf``. ``systemctl`` restarts units; empty where no systemd runs that system."""

    def __init__(self, shelf: Path, root: Path = Path("/"), systemctl: str | None = None) -> None:
        self._shelf, self._root = shelf, root
        runs = root == Path("/") and Path("/run/systemd/system").is_dir()
        self._systemctl = systemctl if systemctl is not None else "systemctl" if runs else ""
        self._dpkg = ["dpkg"] if root == Path("/") else ["dpkg", f"--root={root}"]
        self._ran: frozenset[str] = frozenset()

    def architecture(self) -> str:
        """As dpkg says it."""
        return _said(["dpkg", "--print-architecture"])

    def installed(self) -> str:
        """The version whose installation came to its end."""
        query = ["dpkg-query", f"--admindir={self._root / 'var/lib/dpkg'}", "--show"]
        done = _done([*query, "--showformat", "${db:Status-Status} ${Version}", PACKAGE])
        status, _, version = done.stdout.strip().partition(" ")
        return version if done.returncode == 0 and status == "installed" else ""

    def is_older(self, version: str, than: str) -> bool:
        """By deb-version(7); also where dpkg takes one of them for no version."""
        return _done(["dpkg", "--compare-versions", version, "ge", than]).returncode != 0

    def check_room(self, package: Path) -> None:
        """Both versions are there at once, for a moment."""
        needed = int(control_of(package).get("Installed-Size", "0")) * 1024 * _SPARE
        if (free := shutil.disk_usage(self._root / "opt").free) < needed:
            raise StoreFull(f"{self._root / 'opt'}: {free >> 20} MiB free, {int(needed) >> 20} needed; make room")

    def install(self, package: Path) -> None:
        """What runs goes on meanwhile with what it has loaded."""
        self._ran = self._running()
        self._run([*self._dpkg, "--install", str(package)])

    def put_back(self) -> None:
        """By the script that a start of the device runs as well."""
        self._run([str(SCRIPT), str(self._shelf), *self._dpkg])

    def restart(self) -> str:
        """The program has to answer, and each unit to become ready."""
        done = _done([str(self._root / _PROGRAM), "--version"], _ANSWER_S)
        if done.returncode:
            return f"lapel --version ends with {done.returncode}: {_last(done)}"
        for unit in sorted(self._ran | self._running()):
            done = _done([self._systemctl, "restart", unit])
            if done.returncode:
                return f"{unit} did not become ready: {_last(done)}"
        return ""

    def _running(self) -> frozenset[str]:
        if not self._systemctl:
            return frozenset()
        ours = [f"{name}.service" for name in UNITS]
        listed = _said([self._systemctl, "list-units", "--plain", "--no-legend", "--state=active,activating", *ours])
        return frozenset(line.split()[0] for line in listed.splitlines())

    def _run(self, command: list[str]) -> None:
        done = _done(command, environment=_WITHOUT_RESTART)
        if done.returncode:
            raise HardwareError(f"{' '.join(command)}: exit {done.returncode}: {_last(done)}")


def _said(command: list[str]) -> str:
    done = _done(command)
    if done.returncode:
        raise HardwareError(f"{' '.join(command)}: exit {done.returncode}: {_last(done)}")
    return done.stdout.strip()


def _done(
    command: list[str], longest_s: float = _SLOWEST_S, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=longest_s,
            check=False,
            stdin=subprocess.DEVNULL,
            env=os.environ | (environment or {}),
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, -1, "", f"did not end within {longest_s:.0f} s")
    except OSError as error:
        raise HardwareError(f"{command[0]}: cannot be run: {error.strerror}; software is updated on Debian") from error


def _last(done: subprocess.CompletedProcess[str]) -> str:
    lines = (done.stderr or done.stdout).strip().splitlines()
    return lines[-1] if lines else "nothing was said"
