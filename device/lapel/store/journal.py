"""The journal: every record with its place in the audit tree, encrypted, kept before anyone is told."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from lapel.core.chain import CompactRange
from lapel.core.checkpoint import EVERY_RECORDS, Checkpoint
from lapel.core.record_body import Stamp, record_of
from lapel.core.records import Event, Record
from lapel.errors import Refused, StoreError, StoreFull, UsageError
from lapel.ports import Clock, KeyProvider
from lapel.store.database import PAGE_BYTES, create_database, open_database, store_errors, transaction
from lapel.store.journal_purge import purge
from lapel.store.journal_rows import JournalRows
from lapel.store.journal_schema import NEWEST, STEPS, beginning_at
from lapel.store.journal_tree import keep_nodes
from lapel.store.link_state import AtStation, at_station
from lapel.store.lock import WriterLock
from lapel.store.migrations import migrate, version_of
from lapel.store.signing import NoteSigner, signer_of

JOURNAL = "journal.db"
"""Its name in a state folder."""
PURPOSE = "journal"
MIB = 1024 * 1024
_EMPTY = CompactRange()
_CHECKPOINTS_KEPT = 1000
"""The newest. An older one says nothing that one of these does not; a quarter of a MiB in all."""
_SHARE_GIVEN_UP = 16
"""Of the quota, at a time: seldom enough, and little enough to write while an alert waits."""


def journal_of(state: Path) -> Path:
    """The journal of a state folder that has one. Raises: UsageError."""
    path = state / JOURNAL
    if not path.is_file():
        raise UsageError(f"{path}: no such file; name the device's state folder by --state")
    return path


class SealedJournal(JournalRows):
    """Port Journal in SQLCipher. One process writes, its threads in turn; any number read beside it, or without it.

    A writer makes the file when there is none, and holds a lock for its life. ``quota_mib`` is set below the
    partition's size, as a database on a full disk cannot even delete. At the quota what the station acknowledged is
    given up (core.purging), nothing else. ``device`` names who writes, and signs the head of the tree: when the file is
    opened and closed, after core.checkpoint.EVERY_RECORDS, and whenever it is asked to. A reader needs none.
    ``begins`` is the tree that a new journal goes on after.
    Raises: StoreLocked, StoreFull, StoreError, WrongKey, Tampered; UsageError for a reader without a file.
    """

    def __init__(
        self,
        path: Path,
        keys: KeyProvider,
        clock: Clock,
        device: str = "",
        read_only: bool = False,
        quota_mib: float | None = None,
        begins: CompactRange = _EMPTY,
    ) -> None:
        self._clock = clock
        self._device = device
        self._keys = keys
        self._signer: NoteSigner | None = None
        self._quota_bytes = int(quota_mib * MIB) if quota_mib is not None else 0
        self._no_room: AtStation | None = None
        self._lock = None if read_only else WriterLock(path)
        try:
            if not read_only and not path.exists():
                create_database(path, keys, PURPOSE, beginning_at(begins))
            super().__init__(path, open_database(path, keys, PURPOSE, read_only))
            try:
                self._begin()
            except BaseException:
                self._connection.close()
                raise
        except BaseException:
            if self._lock:
                self._lock.release()
            raise

    def _begin(self) -> None:
        with store_errors(self.path):
            version_of(self._connection, self.path, NEWEST)
            if self._lock is None:
                return
            migrate(self._connection, self.path, STEPS)
            if self._quota_bytes:
                self._connection.execute(f"PRAGMA max_page_count = {self._quota_bytes // PAGE_BYTES}")
        self._tree()
        with suppress(StoreError, Refused):
            self.checkpoint()

    def append(self, event: Event) -> Record:
        """Keep an event, its leaf and the new head in one transaction; when this returns it survives a power cut.

        Raises: StoreFull, StoreError (also for an event that has no canonical form or too large a picture: whoever
        alerts must go on, and say that it was not kept). Nothing is kept then.
        """
        if self._lock is None:
            raise StoreError(f"{self.path}: is open for reading only; append where it is open for writing")
        with self._turn:
            try:
                record = self._kept(event)
            except StoreFull:
                if not self._make_room():
                    raise
                record = self._kept(event)
        if (record.sequence + 1) % EVERY_RECORDS == 0:
            with suppress(StoreError, Refused):  # the record is kept; the next checkpoint covers it, too
                self.checkpoint()
        return record

    def append_all(self, events: Iterable[Event]) -> None:
        """Keep many events in one transaction: all of them, or none. Raises: as ``append``; it makes no room."""
        if self._lock is None:
            raise StoreError(f"{self.path}: is open for reading only; append where it is open for writing")
        with self._turn, transaction(self._connection, self.path):
            for event in events:
                self._insert(event)

    def checkpoint(self) -> None:
        """Sign and keep the head, unless it is signed already. Raises: StoreFull, StoreError, Refused."""
        if self._lock is None or not self._device:
            return
        with self._turn:
            head = self.head()
            # Where it goes on after another, its own first head is the one over the record that says so.
            if head.size == self.begins().size or self.checkpoints(head.size - 1, 1):
                return
            self._signer = self._signer or signer_of(self.path.parent, self._device, self._keys)
            note = self._signer.signed(str(Checkpoint(self._device, head)))
            with store_errors(self.path):
                self._connection.execute("INSERT INTO checkpoint VALUES (?, ?)", (head.size, str(note)))
                self._connection.execute(
                    "DELETE FROM checkpoint WHERE size <="
                    " (SELECT size FROM checkpoint ORDER BY size DESC LIMIT 1 OFFSET ?)",
                    (_CHECKPOINTS_KEPT,),
                )

    def close(self) -> None:
        """Let go of the file; a writer signs what it leaves, without a log beside it."""
        with suppress(StoreError, Refused):
            self.checkpoint()
        self._connection.close()
        if self._lock:
            self._lock.release()

    def __enter__(self) -> SealedJournal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _kept(self, event: Event) -> Record:
        with transaction(self._connection, self.path):
            return self._insert(event)

    def _insert(self, event: Event) -> Record:
        tree = self._tree()
        record = self._record(event, tree.size)
        keep_nodes(self._connection, tree, record.leaf)
        tree = tree.append(record.leaf)
        self._connection.execute(
            "INSERT INTO record (sequence, body, leaf, picture, kind) VALUES (?, ?, ?, ?, ?)",
            (record.sequence, record.body, record.leaf, record.picture, record.kind.value),
        )
        self._connection.execute("UPDATE chain SET size = ?, peaks = ?", (tree.size, tree.to_bytes()))
        return record

    def _make_room(self) -> bool:
        """Give up the oldest of what the station acknowledged, a share of the quota, and record it; False where there
        is nothing to give up, or a full disk does not even take that."""
        held = at_station(self.path.parent, self._keys) if self._quota_bytes else None
        # What gave too little up is not looked through at every record, of which there may be very many.
        if held is None or held == self._no_room:
            return False
        # What a station is said to hold is believed only of this very journal.
        if held.head.size > self.head().size or self.tree_at(held.head.size).head() != held.head:
            return False
        try:
            with transaction(self._connection, self.path):
                self._insert(purge(self._connection, held, self._quota_bytes // _SHARE_GIVEN_UP).event)
        except StoreFull:
            self._no_room = held
            return False
        return True

    def _record(self, event: Event, sequence: int) -> Record:
        clock = self._clock
        stamp = Stamp(self._device, sequence, clock.wall_ns(), clock.boot_id(), clock.monotonic_ns())
        try:
            return record_of(event, stamp)
        except ValueError as error:
            raise StoreError(f"{self.path}: {event.kind.value} event cannot be kept: {error}") from error
