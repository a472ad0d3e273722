"""The journal of a watch whose journal cannot be opened: it holds nothing, and says so of whatever it is given."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from lapel.core.records import Event, Record
from lapel.errors import StoreError
from lapel.store.database import empty_database
from lapel.store.journal_rows import JournalRows
from lapel.store.journal_schema import FIRST, STEPS
from lapel.store.lock import WriterLock
from lapel.store.migrations import migrate


class UnopenedJournal(JournalRows):
    """In the place of a journal on a full, read-only or broken disk, so that alerts go on. It holds the journal's lock.

    Raises: StoreLocked; StoreError where not even the lock can be had: then a folder or its owner is wrong.
    """

    def __init__(self, path: Path, error: StoreError) -> None:
        self._lock = WriterLock(path, writes=False)
        self._error = error
        super().__init__(path, empty_database(FIRST))
        migrate(self._connection, path, STEPS)

    def append(self, event: Event) -> Record:
        """Raises: StoreError, always."""
        raise StoreError(f"{self._error}; then start Lapel again") from self._error

    def checkpoint(self) -> None:
        """Nothing: there is no record to sign."""

    def close(self) -> None:
        """Let another process try."""
        self._connection.close()
        self._lock.release()

    def __enter__(self) -> UnopenedJournal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
