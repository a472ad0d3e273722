"""What a list that came under an authority demands before anybody looks for it. Pure.

Whoever can write the card can take away what a device trusts, or put an older copy back, and with it goes what was
withdrawn. So the list says inside its own seal, and the journal with each update, how far that trust had come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a device's trust had come. ``sealing`` is its public key, drawn anew whenever it is made to trust an
    authority; ``time`` and the versions of lists and withdrawals only rise."""

    sealing: str
    time: datetime
    targets: int
    withdrawals: int

    def __str__(self) -> str:
        """In one line, as ``mark_from`` reads it."""
        return f"{self.sealing} {self.time.isoformat()} {self.targets} {self.withdrawals}"


def mark_from(text: str) -> Mark:
    """The mark in a line. Raises: ValueError."""
    sealing, time, targets, withdrawals = text.split(" ")
    return Mark(sealing, datetime.fromisoformat(time).astimezone(UTC), int(targets), int(withdrawals))


@dataclass(frozen=True, slots=True)
class Charter:
    """What a list says of how it came: how far the trust was that took it, and the lease that its signers set, 0 for
    none."""

    mark: Mark
    lease_hours: int


def wanting(demanded: Mark, trusted: Mark | None) -> str:
    """What is wrong with what is trusted, by a mark of how far it was once; empty where nothing is."""
    if trusted is None:
        return "what this device trusts is gone, and with it what was withdrawn"
    if trusted.sealing != demanded.sealing:
        return "what this device trusts is another device's, or was made anew after this list"
    if trusted.time < demanded.time or trusted.targets < demanded.targets or trusted.withdrawals < demanded.withdrawals:
        return "what this device trusts is an older copy, so that a withdrawal may be missing"
    return ""
