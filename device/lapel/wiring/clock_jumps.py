"""Records that the wall clock was set, right after the first record that has the new time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from threading import Lock

from lapel.core.clock_jumps import clock_event, jumped_s, moment_of
from lapel.core.lease import Moment
from lapel.core.records import Event, Head, Record
from lapel.errors import StoreError, Tampered
from lapel.ports import Journal


class ClockedJournal:
    """A journal that compares the times of each record and the one before, those of earlier starts included."""

    def __init__(self, journal: Journal) -> None:
        """Raises: Tampered, StoreError."""
        self._journal = journal
        self._turn = Lock()
        last = journal.after(journal.head().size - 2, 1)
        self._before: Moment | None = moment_of(last[-1]) if last else None

    def append(self, event: Event) -> Record:
        """Keep an event, and then that the clock was set before it, if it was. Raises: StoreError, Tampered."""
        record = self._journal.append(event)
        now = moment_of(record)
        with self._turn:
            before, self._before = self._before, now
        if before is not None and (jump_s := jumped_s(before, now)):
            with suppress(StoreError, Tampered):  # the event is kept; what is below counts this one as lost
                self._journal.append(clock_event(jump_s, before, now))
        return record

    def head(self) -> Head:
        """The head of the chain over everything kept."""
        return self._journal.head()

    def after(self, sequence: int, limit: int) -> Sequence[Record]:
        """Records with a sequence above ``sequence``, oldest first."""
        return self._journal.after(sequence, limit)
