"""What the board says of itself: battery, heat, room on the disk. None where it does not say."""

from __future__ import annotations

import shutil
from pathlib import Path

_SYS = Path("/sys/class")
_PLATFORM = Path("/sys/devices/platform")
_THROTTLED = "soc*/soc*:firmware/get_throttled"
"""What ``vcgencmd get_throttled`` prints (drivers/firmware/raspberrypi.c of Raspberry Pi's Linux), without a program
beside the one that holds pictures. Up to a Pi 4 under ``soc``, on a Pi 5 under ``soc@107c000000`` (bcm2712.dtsi)."""
_SUPPLY = "rpi_volt"
_UNDER_VOLTAGE = 1 << 0  # of get_throttled


def battery_percent(sys: Path = _SYS) -> int | None:
    """The fullest battery's charge, 0..100 (sysfs-class-power: capacity)."""
    found = [_number(each) for each in sys.glob("power_supply/*/capacity")]
    return max((int(value) for value in found if value is not None and 0 <= value <= 100), default=None)


def heat_c(sys: Path = _SYS) -> float | None:
    """The hottest zone, in degrees Celsius (sysfs-class-thermal: temp is in thousandths)."""
    found = [_number(each) for each in sys.glob("thermal/thermal_zone*/temp")]
    return max((value / 1000 for value in found if value is not None), default=None)


def throttled(platform: Path = _PLATFORM, sys: Path = _SYS) -> int | None:
    """The bits by which a Raspberry Pi's firmware says that it slows the board down, and why.

    Where the kernel has no such file, the one that its alarm of under-voltage stands for (drivers/hwmon/
    raspberrypi-hwmon.c: that of the last two seconds); heat is then seen by ``heat_c`` alone.
    """
    for path in sorted(platform.glob(_THROTTLED)):
        if (bits := _number(path, 16)) is not None:
            return bits
    for hwmon in sorted(sys.glob("hwmon/hwmon*")):
        if _text(hwmon / "name") == _SUPPLY and (alarm := _number(hwmon / "in0_lcrit_alarm")) is not None:
            return _UNDER_VOLTAGE if alarm else 0
    return None


def free_mib(folder: Path) -> int | None:
    """Room on the disk of a folder, in MiB."""
    try:
        return shutil.disk_usage(folder).free // 2**20
    except OSError:
        return None


def _number(path: Path, base: int = 10) -> int | None:
    try:
        return int(_text(path), base)
    except ValueError:
        return None  # of no file, and of a zone whose sensor is off: it says EAGAIN


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
