"""Whether this process stands inside the walls that the lookout's unit puts up, which of them are missing there, and
whether the kernel holds units to their limits of memory."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lapel.errors import ConfigError

UNIT = "lapel-lookout.service"
OVER_NETWORK = "lapel-lookout-rtsp.service"
"""The lookout over a network camera."""
_FILTERED = "2"  # SECCOMP_MODE_FILTER, linux/seccomp.h


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the kernel says of this process: fields of /proc/self/status, and the network's interfaces."""

    status: dict[str, str]
    interfaces: frozenset[str]


_Walls = tuple[tuple[str, Callable[[_Seen], bool]], ...]
# The setting of the unit, and whether it holds here. See systemd.exec(5), and proc_pid_status(5) for the fields.
_COMMON: _Walls = (
    ("NoNewPrivileges", lambda seen: seen.status.get("NoNewPrivs") == "1"),
    ("CapabilityBoundingSet", lambda seen: int(seen.status.get("CapBnd", "1"), 16) == 0),
    ("SystemCallFilter", lambda seen: seen.status.get("Seccomp") == _FILTERED),
)
_WALLS: dict[str, _Walls] = {
    UNIT: (*_COMMON, ("PrivateNetwork", lambda seen: seen.interfaces <= {"lo"})),
    OVER_NETWORK: (*_COMMON, ("IPAddressDeny", lambda seen: _is_filtered())),
}


def _is_filtered() -> bool:
    """Whether the kernel lets nothing out to where no camera is: a filter of the unit's answers EPERM
    (systemd.resource-control(5), IPAddressDeny=), which systemd goes without where the kernel has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        try:
            channel.sendto(b"", ("127.0.0.1", 9))
        except PermissionError:
            return True
        except OSError:
            return False
    return False


def unit_around(proc: Path = Path("/proc")) -> str | None:
    """The lookout's unit as which systemd started this process, or as a part of which; None outside."""
    groups = (proc / "self" / "cgroup").read_text(encoding="utf-8").splitlines()
    parts = {part for line in groups for part in line.split("/")}
    return next((unit for unit in _WALLS if unit in parts), None)


def examine_sandbox(proc: Path = Path("/proc")) -> str:
    """Where this runs. Outside is fine, for whoever asks by hand is there. Raises: ConfigError where a wall of the unit
    is missing inside of it: a drop-in took it away."""
    unit = unit_around(proc)
    if unit is None:
        return f"outside {UNIT}: what is said here is of this shell, not of a watch that the unit starts"
    seen, walls = _seen(proc / "self"), _WALLS[unit]
    missing = [name for name, holds in walls if not holds(seen)]
    if missing:
        raise ConfigError(f"inside {unit}, without {', '.join(missing)}; see what changes it: systemctl cat {unit}")
    return f"inside {unit}, whose walls stand: {', '.join(name for name, _ in walls)}"


def examine_limits(groups: Path = Path("/sys/fs/cgroup")) -> str:
    """Whether MemoryMax= of the units holds anything back. Raises: ConfigError where the kernel counts no memory.

    A Raspberry Pi's device tree says cgroup_disable=memory; cmdline.txt comes after it, and the last word counts
    (github.com/raspberrypi/linux/issues/6980).
    """
    try:
        controllers = (groups / "cgroup.controllers").read_text(encoding="ascii").split()
    except FileNotFoundError:  # a container, or no systemd
        return f"{groups}: no control groups of units here: whether MemoryMax= of a unit holds is not known"
    if "memory" not in controllers:
        raise ConfigError(
            f"{groups}: the kernel counts no unit's memory, and MemoryMax= of the units holds nothing back; add "
            "cgroup_enable=memory to the end of the one line in /boot/firmware/cmdline.txt (on a PC take "
            "cgroup_disable=memory off the kernel's command line), and restart"
        )
    return "the kernel counts each unit's memory, so MemoryMax= of the units holds"


def _seen(own: Path) -> _Seen:
    lines = (own / "status").read_text(encoding="utf-8").splitlines()
    status = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    network = (own / "net" / "dev").read_text(encoding="utf-8").splitlines()
    return _Seen(status, frozenset(line.partition(":")[0].strip() for line in network if ":" in line))
