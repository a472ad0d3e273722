"""The journal: every record with its place in the audit tree, encrypted, kept before anyone is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from types import TracebackType

from lapel.core.audit import StoredRecord
from lapel.core.chain import CompactRange
from lapel.core.checkpoint import EVERY_RECORDS, Checkpoint
from lapel.core.proof import Proof, prove_consistency, prove_inclusion
from lapel.core.record_body import Stamp, record_from, record_of
from lapel.core.records import Event, Head, Record, RecordKind
from lapel.core.signed_note import SignedNote, parse_note
from lapel.errors import Refused, StoreError, Tampered, UsageError
from lapel.ports import Clock, KeyProvider
from lapel.store.database import PAGE_BYTES, create_database, open_database, snapshot, store_errors, transaction
from lapel.store.journal_schema import FIRST, WITH_PROOFS, migrate, version_of
from lapel.store.journal_tree import keep_nodes, nodes_of
from lapel.store.lock import WriterLock
from lapel.store.signing import NoteSigner, signer_of

JOURNAL = "journal.db"
"""Its name in a state folder."""
PURPOSE = "journal"
_MIB = 1024 * 1024


def journal_of(state: Path) -> Path:
    """The journal of a state folder that has one. Raises: UsageError."""
    path = state / JOURNAL
    if not path.is_file():
        raise UsageError(f"{path}: no such file; name the device's state folder by --state")
    return path


class SealedJournal:
    """Port Journal in SQLCipher. One process writes, its threads in turn; any number read beside it, or without it.

    A writer makes the file when there is none, and holds a lock for its life. ``quota_mib`` is set below the
    partition's size, as a database on a full disk cannot even delete. ``device`` names who writes, and signs the
    head of the tree: when the file is opened and closed, after core.checkpoint.EVERY_RECORDS, and whenever it is asked
    to. A reader needs none.
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
    ) -> None:
        self.path = path
        self._clock = clock
        self._device = device
        self._keys = keys
        self._signer: NoteSigner | None = None
        self._turn = RLock()
        self._lock = None if read_only else WriterLock(path)
        try:
            if not read_only and not path.exists():
                create_database(path, keys, PURPOSE, FIRST)
            self._connection = open_database(path, keys, PURPOSE, read_only)
            try:
                with store_errors(path):
                    version_of(self._connection, path)
                    if not read_only:
                        migrate(self._connection, path)
                    if quota_mib is not None:
                        self._connection.execute(f"PRAGMA max_page_count = {int(quota_mib * _MIB / PAGE_BYTES)}")
                if not read_only:
                    self._tree()
                    with suppress(StoreError, Refused):
                        self.checkpoint()
            except BaseException:
                self._connection.close()
                raise
        except BaseException:
            if self._lock:
                self._lock.release()
            raise

    def append(self, event: Event) -> Record:
        """Keep an event, its leaf and the new head in one transaction; when this returns it survives a power cut.

        Raises: StoreFull, StoreError (also for an event that has no canonical form or too large a picture: whoever
        alerts must go on, and say that it was not kept). Nothing is kept then.
        """
        if self._lock is None:
            raise StoreError(f"{self.path}: is open for reading only; append where it is open for writing")
        with self._turn, transaction(self._connection, self.path):
            tree = self._tree()
            record = self._record(event, tree.size)
            keep_nodes(self._connection, tree, record.leaf)
            tree = tree.append(record.leaf)
            self._connection.execute(
                "INSERT INTO record VALUES (?, ?, ?, ?)", (record.sequence, record.body, record.leaf, record.picture)
            )
            self._connection.execute("UPDATE chain SET size = ?, peaks = ?", (tree.size, tree.to_bytes()))
        if tree.size % EVERY_RECORDS == 0:
            with suppress(StoreError, Refused):  # the record is kept; the next checkpoint covers it, too
                self.checkpoint()
        return record

    def head(self) -> Head:
        """The head of the chain over everything kept, by whichever process. Raises: Tampered, StoreError."""
        return self._tree().head()

    def checkpoint(self) -> None:
        """Sign and keep the head, unless it is signed already. Raises: StoreFull, StoreError, Refused."""
        if self._lock is None or not self._device:
            return
        with self._turn:
            head = self.head()
            if head.size == 0 or self.checkpoints(head.size - 1, 1):
                return
            self._signer = self._signer or signer_of(self.path.parent, self._device, self._keys)
            note = self._signer.signed(str(Checkpoint(self._device, head)))
            with store_errors(self.path):
                self._connection.execute("INSERT INTO checkpoint VALUES (?, ?)", (head.size, str(note)))

    def checkpoints(self, size: int, limit: int) -> tuple[SignedNote, ...]:
        """At most ``limit`` checkpoints over more than ``size`` records, the smallest first; none of a journal that was
        written before there were any. Raises: Tampered, StoreError."""
        return self._notes("size > ? ORDER BY size LIMIT ?", size, limit)

    def last_checkpoint(self) -> SignedNote | None:
        """The newest checkpoint. Raises: Tampered, StoreError."""
        return next(iter(self._notes("true ORDER BY size DESC LIMIT 1")), None)

    def prove_inclusion(self, sequence: int, size: int) -> Proof:
        """That a record is under the head of the first ``size`` records. Raises: ValueError where it is not."""
        with self._turn, store_errors(self.path):
            return prove_inclusion(sequence, size, nodes_of(self._connection))

    def prove_consistency(self, earlier: int, later: int) -> Proof:
        """That the head of ``later`` records only added to that of ``earlier``. Raises: ValueError for sizes that no
        journal grows between."""
        with self._turn, store_errors(self.path):
            return prove_consistency(earlier, later, nodes_of(self._connection))

    def after(self, sequence: int, limit: int) -> tuple[Record, ...]:
        """At most ``limit`` records with a sequence above ``sequence`` (-1: from the first), oldest first.

        Raises: Tampered for a record whose body is none, StoreError.
        """
        return self._read("sequence > ? ORDER BY sequence LIMIT ?", sequence, limit)

    def of_kind(self, kind: RecordKind) -> tuple[Record, ...]:
        """Every record of a kind, oldest first. Raises: Tampered, StoreError."""
        found = self._read("instr(body, ?) ORDER BY sequence", f'"kind":"{kind.value}"'.encode())
        return tuple(record for record in found if record.kind is kind)  # a fact may be called "kind", too

    def picture(self, sequence: int) -> bytes:
        """The picture of a record; empty where it has none, or there is no record. Raises: Tampered, StoreError."""
        found = self._read("sequence = ?", sequence)
        return found[0].picture if found else b""

    def _read(self, condition: str, *values: object) -> tuple[Record, ...]:
        with self._turn, store_errors(self.path):
            rows = self._connection.execute(f"SELECT body, picture FROM record WHERE {condition}", values).fetchall()
        try:
            return tuple(record_from(body, picture) for body, picture in rows)
        except ValueError as error:
            raise Tampered(f"{self.path}: a record was changed ({error}); run: lapel audit verify") from error

    @contextmanager
    def stored(self) -> Iterator[tuple[Head, Iterator[StoredRecord]]]:
        """The stored head and every row as it lies there, unchecked, of one moment: what core.audit examines.

        A head that is none has no root, so that it agrees with no records.
        """
        with snapshot(self._connection, self.path):
            size, peaks = self._chain()
            try:
                head = CompactRange.from_bytes(size, peaks).head()
            except ValueError:
                head = Head(max(size, 0), b"")
            yield head, self._rows()

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

    def _rows(self) -> Iterator[StoredRecord]:
        with store_errors(self.path):
            for row in self._connection.execute("SELECT sequence, body, leaf, picture FROM record ORDER BY sequence"):
                yield StoredRecord(*row)

    def _notes(self, condition: str, *values: object) -> tuple[SignedNote, ...]:
        with self._turn, store_errors(self.path):
            if version_of(self._connection, self.path) < WITH_PROOFS:
                return ()
            rows = self._connection.execute(f"SELECT note FROM checkpoint WHERE {condition}", values).fetchall()
        try:
            return tuple(parse_note(note) for (note,) in rows)
        except ValueError as error:
            raise Tampered(f"{self.path}: a checkpoint was changed ({error}); run: lapel audit verify") from error

    def _chain(self) -> tuple[int, bytes]:
        with self._turn, store_errors(self.path):
            row = self._connection.execute("SELECT size, peaks FROM chain").fetchone()
        return (row[0], row[1]) if row else (-1, b"")

    def _tree(self) -> CompactRange:
        size, peaks = self._chain()
        try:
            return CompactRange.from_bytes(size, peaks)
        except ValueError as error:
            raise Tampered(f"{self.path}: chain head was changed ({error}); run: lapel audit verify") from error

    def _record(self, event: Event, sequence: int) -> Record:
        clock = self._clock
        stamp = Stamp(self._device, sequence, clock.wall_ns(), clock.boot_id(), clock.monotonic_ns())
        try:
            return record_of(event, stamp)
        except ValueError as error:
            raise StoreError(f"{self.path}: {event.kind.value} event cannot be kept: {error}") from error
