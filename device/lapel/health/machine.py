"""What machine this is: measured figures mean nothing without it."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("ai-edge-litert", "tflite-runtime", "numpy", "opencv-python-headless")


@dataclass(frozen=True, slots=True)
class Machine:
    """Facts about a machine. ``cores`` that this process may use; ``packages`` installed, as name==version."""

    board: str
    architecture: str
    cores: int
    memory_mib: int
    kernel: str
    python: str
    packages: tuple[str, ...]

    def __str__(self) -> str:
        cores = f"{self.cores} core{'' if self.cores == 1 else 's'}"
        return (
            f"{self.board} ({self.architecture}, {cores}, {self.memory_mib} MiB), Linux {self.kernel}, "
            f"Python {self.python}, {', '.join(self.packages)}"
        )


def this_machine() -> Machine:
    """Facts about the machine that this runs on."""
    system = os.uname()
    memory_mib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    return Machine(
        board=_board(),
        architecture=system.machine,
        cores=len(os.sched_getaffinity(0)),
        memory_mib=memory_mib,
        kernel=system.release,
        python=platform.python_version(),
        packages=tuple(filter(None, map(_installed, _PACKAGES))),
    )


def _board() -> str:
    """The device tree's name of a board, else the processor's."""
    # A PC has no device tree, and a container may hide either file: a name is told as far as there is one.
    with suppress(OSError):
        return Path("/proc/device-tree/model").read_text(encoding="ascii", errors="replace").rstrip("\0\n")
    lines: list[str] = []
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown machine")


def _installed(package: str) -> str:
    try:
        return f"{package}=={version(package)}"
    except PackageNotFoundError:
        return ""
