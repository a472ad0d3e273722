"""Alerts that would wait behind many other records: they are sent at once, and once more in their turn.

What travels ahead is the record itself, on the same topic, and not a notice of another kind: its place in the device's
order is under its leaf, so that the station checks and keeps it as any other, shows it, and lets it count when those
before it have come. The order can be proved as before, and whatever is lost of this comes in its turn.
"""

from __future__ import annotations

from collections.abc import Sequence

from lapel.core.records import Record, RecordKind
from lapel.link.outbox import Outbox

MOST = 50
"""The newest so many alerts, of up to 64 KiB each."""
_MOST_LOOKED_AT = 50_000
"""Records from the newest back, so that a look at the journal of a month takes a moment."""


class Ahead:
    """Which alerts of a journal are to be sent out of their turn, each once over a line."""

    def __init__(self, journal: Outbox) -> None:
        self._journal = journal
        self._looked_until = 0

    def begin(self) -> None:
        """Forget what was sent over an earlier line: it may have been lost with it."""
        self._looked_until = 0

    def alerts(self, waiting: int) -> Sequence[Record]:
        """Alerts that were not given yet, with that sequence or a later one, newest first."""
        size = self._journal.head().size
        first = max(self._looked_until, waiting, size - _MOST_LOOKED_AT)
        self._looked_until = size
        return self._journal.newest(RecordKind.ALERT, first, MOST) if first < size else ()
