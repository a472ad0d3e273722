"""A clock that stands still until it is moved."""

from __future__ import annotations

from datetime import UTC, date, datetime

_NS = 1_000_000_000


class FakeClock:
    """Port Clock, settable. Starts at ``start`` (UTC), in boot 'boot-1', ten seconds after the machine did."""

    def __init__(self, start: datetime = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)) -> None:
        self._wall_ns = int(start.timestamp()) * _NS + start.microsecond * 1000
        self._monotonic_ns = 10 * _NS
        self._boots = 1

    def wall_ns(self) -> int:
        """Nanoseconds since 1970, UTC."""
        return self._wall_ns

    def monotonic_ns(self) -> int:
        """Nanoseconds since the machine started."""
        return self._monotonic_ns

    def boot_id(self) -> str:
        """Names the boot: 'boot-1' until ``reboot``."""
        return f"boot-{self._boots}"

    def today(self) -> date:
        """The UTC date."""
        return datetime.fromtimestamp(self._wall_ns // _NS, UTC).date()

    def advance(self, seconds: float) -> None:
        """Let time pass, on both clocks."""
        self._wall_ns += round(seconds * _NS)
        self._monotonic_ns += round(seconds * _NS)

    def set_wall(self, moment: datetime) -> None:
        """Let the wall clock jump, as when a board without a battery clock hears the time; ``moment`` in UTC."""
        self._wall_ns = int(moment.timestamp()) * _NS + moment.microsecond * 1000

    def reboot(self) -> None:
        """Begin a new boot: the monotonic clock starts again."""
        self._boots += 1
        self._monotonic_ns = 0
