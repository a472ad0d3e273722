"""What a journal's file holds, read: records, head, checkpoints and proofs, beside a writer or without one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from lapel.core.audit import StoredRecord
from lapel.core.chain import CompactRange, range_over
from lapel.core.proof import Proof, prove_consistency, prove_inclusion, tree_at
from lapel.core.record_body import given_up, record_from
from lapel.core.records import Head, Record, RecordKind
from lapel.core.signed_note import SignedNote, parse_note
from lapel.errors import StoreError, Tampered
from lapel.store.database import Connection, check_pages, snapshot, store_errors
from lapel.store.journal_schema import NEWEST, WITH_KINDS, WITH_PROOFS
from lapel.store.journal_tree import begins_at, nodes_of
from lapel.store.migrations import version_of

_WHOLE = "body, picture"


class JournalRows:
    """An open journal. Threads may share it: each statement has the connection to itself."""

    def __init__(self, path: Path, connection: Connection) -> None:
        self.path = path
        self._connection = connection
        self._turn = RLock()
        self._file = _which(path)

    def check_pages(self) -> None:
        """Authenticate every page of a journal that nobody has open: of another its writer did, when it began.

        Raises: Tampered, StoreError.
        """
        log = self.path.with_name(f"{self.path.name}-wal")
        with self._turn, store_errors(self.path):
            if not log.exists() or not log.stat().st_size:  # a reader alone makes an empty one
                check_pages(self._connection, self.path)

    def head(self) -> Head:
        """The head of the chain over everything kept, by whichever process. Raises: Tampered, StoreError."""
        return self._tree().head()

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

    def tree_at(self, size: int) -> CompactRange:
        """The tree as it was at a size. Raises: ValueError where it was never so large."""
        with self._turn, store_errors(self.path):
            if version_of(self._connection, self.path, NEWEST) < WITH_PROOFS:
                leaves = self._connection.execute("SELECT leaf FROM record ORDER BY sequence LIMIT ?", (size,))
                return range_over(leaf for (leaf,) in leaves)
            return tree_at(size, nodes_of(self._connection))

    def after(self, sequence: int, limit: int) -> tuple[Record, ...]:
        """At most ``limit`` records with a sequence above ``sequence`` (-1: from the first), oldest first, those left
        out whose bodies were given up.

        Raises: Tampered for a record whose body is none; StoreError, also where the file was set aside meanwhile.
        """
        self._check_file()
        return self._read("sequence > ? ORDER BY sequence LIMIT ?", sequence, limit)

    def to_send(self, sequence: int, limit: int) -> tuple[Record, ...]:
        """As ``after``, those that were given up in their place: leaf, kind and time alone. Raises: as ``after``."""
        self._check_file()
        if not self._has_kinds():
            return self.after(sequence, limit)
        with self._turn, store_errors(self.path):
            rows = self._connection.execute(
                "SELECT sequence, body, leaf, picture, kind, at FROM record"
                " WHERE sequence > ? AND kind != '' ORDER BY sequence LIMIT ?",
                (sequence, limit),
            ).fetchall()
        try:
            return tuple(_record(*row) for row in rows)
        except ValueError as error:
            raise Tampered(f"{self.path}: a record was changed ({error}); run: lapel audit verify") from error

    def of_kind(self, kind: RecordKind) -> tuple[Record, ...]:
        """Every record of a kind, oldest first. Raises: Tampered, StoreError."""
        return self._of_kinds((kind,), "true ORDER BY sequence")

    def without_pictures(self, kinds: Collection[RecordKind]) -> tuple[Record, ...]:
        """Every record of some kinds, oldest first, and of none its picture: all of them would fill the memory.

        Raises: Tampered, StoreError.
        """
        return self._of_kinds(kinds, "true ORDER BY sequence", columns="body, x''")

    def newest(self, kind: RecordKind, first: int, limit: int) -> tuple[Record, ...]:
        """The newest records of a kind, newest first, none below ``first``. Raises: Tampered, StoreError."""
        return self._of_kinds((kind,), "sequence >= ? ORDER BY sequence DESC LIMIT ?", first, limit)

    def picture(self, sequence: int) -> bytes:
        """The picture of a record; empty where it has none, or there is no record. Raises: Tampered, StoreError."""
        found = self._read("sequence = ?", sequence)
        return found[0].picture if found else b""

    def begins(self) -> CompactRange:
        """The tree before the first record: empty, but where the journal goes on after one that was set aside.

        Raises: Tampered, StoreError.
        """
        with self._turn, store_errors(self.path):
            size = begins_at(self._connection)
        try:
            return self.tree_at(size)
        except ValueError as error:
            raise Tampered(f"{self.path}: the tree before its first record was removed ({error})") from error

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

    def _read(self, condition: str, *values: object, columns: str = _WHOLE) -> tuple[Record, ...]:
        with self._turn, store_errors(self.path):
            query = f"SELECT {columns} FROM record WHERE body != x'' AND {condition}"
            rows = self._connection.execute(query, values).fetchall()
        try:
            return tuple(record_from(body, picture) for body, picture in rows)
        except ValueError as error:
            raise Tampered(f"{self.path}: a record was changed ({error}); run: lapel audit verify") from error

    def _of_kinds(
        self, kinds: Collection[RecordKind], condition: str, *values: object, columns: str = _WHOLE
    ) -> tuple[Record, ...]:
        has_kinds = self._has_kinds()
        which = (
            f"kind IN ({', '.join('?' * len(kinds))})" if has_kinds else " OR ".join("instr(body, ?)" for _ in kinds)
        )
        says = [kind.value if has_kinds else _says(kind) for kind in kinds]
        found = self._read(f"({which}) AND {condition}", *says, *values, columns=columns)
        return tuple(record for record in found if record.kind in kinds)

    def _has_kinds(self) -> bool:
        with self._turn, store_errors(self.path):
            return version_of(self._connection, self.path, NEWEST) >= WITH_KINDS

    def _check_file(self) -> None:
        if self._file != _which(self.path):
            raise StoreError(f"{self.path}: was set aside, and another begun; open that one: start this program again")

    def _rows(self) -> Iterator[StoredRecord]:
        with store_errors(self.path):
            kind = "kind" if self._has_kinds() else "''"
            query = f"SELECT sequence, body, leaf, picture, {kind} FROM record ORDER BY sequence"
            for row in self._connection.execute(query):
                yield StoredRecord(*row)

    def _notes(self, condition: str, *values: object) -> tuple[SignedNote, ...]:
        with self._turn, store_errors(self.path):
            if version_of(self._connection, self.path, NEWEST) < WITH_PROOFS:
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


def _record(sequence: int, body: bytes, leaf: bytes, picture: bytes, kind: str, at: str) -> Record:
    """A row as a record. Raises: ValueError where its parts do not belong together."""
    record = record_from(body, picture) if body else given_up(sequence, kind, at, leaf)
    if (record.sequence, record.leaf) != (sequence, leaf):
        raise ValueError(f"record {sequence} is not the one that its leaf was made from")
    return record


def _says(kind: RecordKind) -> bytes:
    """What stands in every body of a kind, and hardly elsewhere: a fact may be called "kind", too."""
    return f'"kind":"{kind.value}","monotonic_ns":'.encode()


def _which(path: Path) -> int:
    """The file that stands there; 0 for none."""
    return path.stat().st_ino if path.exists() else 0
