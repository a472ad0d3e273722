"""Whether this process stands inside the walls that the lookout's unit puts up, and which of them are missing there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lapel.errors import ConfigError

UNIT = "lapel-lookout.service"
_FILTERED = "2"  # SECCOMP_MODE_FILTER, linux/seccomp.h


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the kernel says of this process: fields of /proc/self/status, and the network's interfaces."""

    status: dict[str, str]
    interfaces: frozenset[str]


# The setting of the unit, and whether it holds here. See systemd.exec(5), and proc_pid_status(5) for the fields.
_WALLS: tuple[tuple[str, Callable[[_Seen], bool]], ...] = (
    ("NoNewPrivileges", lambda seen: seen.status.get("NoNewPrivs") == "1"),
    ("CapabilityBoundingSet", lambda seen: int(seen.status.get("CapBnd", "1"), 16) == 0),
    ("SystemCallFilter", lambda seen: seen.status.get("Seccomp") == _FILTERED),
    ("PrivateNetwork", lambda seen: seen.interfaces <= {"lo"}),
)


def is_inside(proc: Path = Path("/proc")) -> bool:
    """Whether systemd started this process as the lookout's unit, or as a part of it."""
    groups = (proc / "self" / "cgroup").read_text(encoding="utf-8").splitlines()
    return any(UNIT in line.split("/") for line in groups)


def examine_sandbox(proc: Path = Path("/proc")) -> str:
    """Where this runs. Outside is fine, for whoever asks by hand is there. Raises: ConfigError where a wall of the unit
    is missing inside of it: a drop-in took it away."""
    seen = _seen(proc / "self")
    missing = [name for name, holds in _WALLS if not holds(seen)]
    if not is_inside(proc):
        return f"outside {UNIT}: what is said here is of this shell, not of a watch that the unit starts"
    if missing:
        raise ConfigError(f"inside {UNIT}, without {', '.join(missing)}; see what changes it: systemctl cat {UNIT}")
    return f"inside {UNIT}, whose walls stand: {', '.join(name for name, _ in _WALLS)}"


def _seen(own: Path) -> _Seen:
    lines = (own / "status").read_text(encoding="utf-8").splitlines()
    status = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    network = (own / "net" / "dev").read_text(encoding="utf-8").splitlines()
    return _Seen(status, frozenset(line.partition(":")[0].strip() for line in network if ":" in line))
