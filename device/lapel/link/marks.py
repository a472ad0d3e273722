"""What a link keeps of how far it has come: port Marks."""

from __future__ import annotations

from typing import Protocol

from lapel.core.chain import CompactRange
from lapel.core.records import Head


class Marks(Protocol):
    """Keeps, durably, how far the station has acknowledged."""

    def acked_head(self) -> Head | None:
        """The head that the station acknowledged last; None before the first time."""
        ...

    def acknowledge(self, tree: CompactRange) -> None:
        """Keep that everything in a tree is at the station."""
        ...

    def withhold(self, sequence: int) -> None:
        """Keep that the station is not sent the whole of a record."""
        ...
