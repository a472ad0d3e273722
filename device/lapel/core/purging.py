"""What of a journal is given up when its quota is reached, and what is kept of that. Pure.

Only what the station acknowledged goes, the oldest first: pictures, and the bodies of records that the device itself
never reads again. Every leaf stays, so that the tree can still be proved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lapel.core.record_body import Body
from lapel.core.records import Event, RecordKind

STAYS = frozenset(
    {
        RecordKind.ALERT,
        RecordKind.ANSWER,
        RecordKind.CLIP,
        RecordKind.CONFIGURATION,
        RecordKind.EXPORT,
        RecordKind.JOURNAL,
        RecordKind.LIST,
        RecordKind.MUTE,
        RecordKind.PURGE,
        RecordKind.UPDATE,
    }
)
"""Kinds whose bodies are read at the next start. Of these only pictures go."""
_PURGED = "purged"


@dataclass(frozen=True, slots=True)
class Purged:
    """That of the records from ``first`` to ``last`` all was given up that may be, when the station had
    ``acknowledged`` so many."""

    first: int
    last: int
    acknowledged: int

    @property
    def event(self) -> Event:
        """What is kept of it."""
        return Event(
            RecordKind.JOURNAL,
            (("what", _PURGED), ("first", self.first), ("last", self.last), ("acknowledged", self.acknowledged)),
        )


def purged_by(body: Body) -> Purged | None:
    """What a record says was given up; None for one that speaks of something else."""
    facts = dict(body.facts)
    if body.kind is not RecordKind.JOURNAL or facts.get("what") != _PURGED:
        return None
    first, last, acknowledged = (facts.get(name) for name in ("first", "last", "acknowledged"))
    if not (isinstance(first, int) and isinstance(last, int) and isinstance(acknowledged, int)):
        return None
    return Purged(first, last, acknowledged)


def purged_until(purges: Iterable[Purged], begins: int = 0) -> int:
    """Below which sequence something may be missing, by what records say: each purge goes on where one before ended."""
    until = begins
    for purge in purges:
        if purge.first <= until:
            until = max(until, purge.last + 1)
    return until
