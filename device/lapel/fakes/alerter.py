"""An alerter that remembers what it was told, or breaks when told to."""

from __future__ import annotations

from dataclasses import dataclass, field

from lapel.core.records import Record
from lapel.core.things import Hit
from lapel.errors import HardwareError


@dataclass(frozen=True, slots=True, eq=False)
class Alert:
    """One alert as it arrived."""

    hit: Hit
    record: Record | None


@dataclass(slots=True)
class RecordingAlerter:
    """Keeps alerts and notices in order. ``broken`` breaks the port's promise on purpose: every call raises."""

    broken: bool = False
    alerts: list[Alert] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def alert(self, hit: Hit, record: Record | None) -> None:
        """Remember it. Raises: HardwareError when broken."""
        self._fail_if_broken()
        self.alerts.append(Alert(hit, record))

    def notice(self, text: str) -> None:
        """Remember it. Raises: HardwareError when broken."""
        self._fail_if_broken()
        self.notices.append(text)

    def _fail_if_broken(self) -> None:
        if self.broken:
            raise HardwareError("the buzzer has come off; solder it on")
