"""A watchlist on which everything stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from lapel.core.things import Frame, Hit, Match, Sighting
from lapel.fakes.hit import ENTRY
from lapel.ports import CodeReader


@dataclass
class Everything:
    """Port Watchlist: every sighting is its one entry, with the same ``evidence``. ``looks`` are what it was shown."""

    looks: list[Sighting] = field(default_factory=list)
    evidence: float = 2.0
    is_decoy: bool = False

    def candidates(self, sighting: Sighting, count: int) -> tuple[Match, ...]:
        """The one entry."""
        self.looks.append(sighting)
        return (Match(ENTRY, 0.9, None, self.evidence, sighting.box, 0),)

    def threshold(self, entry_id: str) -> float:
        """As a list that was not calibrated."""
        return 1.0

    def hit(self, match: Match, sighting: Sighting) -> Hit:
        """The hit, without a picture of what is listed."""
        return Hit(match, sighting, b"", is_decoy=self.is_decoy)

    def read(self, frame: Frame, reader: CodeReader) -> tuple[Hit, ...]:
        """No code is listed."""
        return ()
