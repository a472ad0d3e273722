"""What the board says of itself: battery, heat, room on the disk. None where it does not say."""

from __future__ import annotations

import shutil
from pathlib import Path

_SYS = Path("/sys/class")
_THROTTLED = Path("/sys/devices/platform/soc/soc:firmware/get_throttled")
"""What ``vcgencmd get_throttled`` prints (drivers/firmware/raspberrypi.c of Raspberry Pi's Linux)."""


def battery_percent(sys: Path = _SYS) -> int | None:
    """The fullest battery's charge, 0..100 (sysfs-class-power: capacity)."""
    found = [_number(each) for each in sys.glob("power_supply/*/capacity")]
    return max((int(value) for value in found if value is not None and 0 <= value <= 100), default=None)


def heat_c(sys: Path = _SYS) -> float | None:
    """The hottest zone, in degrees Celsius (sysfs-class-thermal: temp is in thousandths)."""
    found = [_number(each) for each in sys.glob("thermal/thermal_zone*/temp")]
    return max((value / 1000 for value in found if value is not None), default=None)


def throttled(path: Path = _THROTTLED) -> int | None:
    """The bits by which a Raspberry Pi's firmware says that it slows the board down, and why."""
    try:
        return int(path.read_text(encoding="ascii"), 16)
    except (OSError, ValueError):
        return None


def free_mib(folder: Path) -> int | None:
    """Room on the disk of a folder, in MiB."""
    try:
        return shutil.disk_usage(folder).free // 2**20
    except OSError:
        return None


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None  # a zone whose sensor is off says EAGAIN
