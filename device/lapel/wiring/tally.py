"""Counts the records that a broken store did not keep, so that a watch cannot end as if all were fine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lapel.core.records import Event, Head, Record
from lapel.errors import StoreError, Tampered
from lapel.ports import Journal


@dataclass(slots=True)
class TalliedJournal:
    """A journal that counts in ``lost`` what could not be appended; whoever appends still gets the error."""

    journal: Journal
    lost: int = 0

    def append(self, event: Event) -> Record:
        """Keep an event, or count it as lost. Raises: StoreError, Tampered."""
        try:
            return self.journal.append(event)
        except (StoreError, Tampered):
            self.lost += 1
            raise

    def head(self) -> Head:
        """The head of the chain over everything kept."""
        return self.journal.head()

    def after(self, sequence: int, limit: int) -> Sequence[Record]:
        """Records with a sequence above ``sequence``, oldest first."""
        return self.journal.after(sequence, limit)
