"""The machine's time."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from pathlib import Path

from lapel.errors import HardwareError

# This version was made later: a clock that shows an earlier day was never set.
MADE = date(2025, 1, 1)
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class SystemClock:
    """Port Clock over Linux. Raises: HardwareError where the kernel does not name its boot."""

    def __init__(self) -> None:
        try:
            self._boot_id = _BOOT_ID.read_text().strip()
        except OSError as error:
            raise HardwareError(f"{_BOOT_ID}: cannot be read: {error.strerror}; mount /proc") from error

    def wall_ns(self) -> int:
        """Nanoseconds since 1970, UTC; may jump."""
        return time.time_ns()

    def monotonic_ns(self) -> int:
        """Nanoseconds since the machine started, those asleep included (CLOCK_BOOTTIME); never goes back."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    def boot_id(self) -> str:
        """The kernel's random id of this boot."""
        return self._boot_id

    def today(self) -> date:
        """The UTC date."""
        return datetime.now(UTC).date()
