"""What the link knows: how far the station has acknowledged the journal, and of which records it has not the whole. The
link alone writes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from lapel.core.chain import CompactRange
from lapel.core.records import Head
from lapel.errors import Refused, StoreError, Tampered, UsageError
from lapel.ports import KeyProvider
from lapel.store.database import Connection, create_database, open_database, store_errors, transaction
from lapel.store.lock import WriterLock
from lapel.store.migrations import Step, migrate, version_of

LINK = "link.db"
"""Its name in a state folder."""
PURPOSE = "link"
_SCHEMA = """
CREATE TABLE acknowledged (
    only INTEGER PRIMARY KEY CHECK (only = 0),
    cursor INTEGER NOT NULL,
    head_size INTEGER NOT NULL,
    head_root BLOB NOT NULL
) STRICT;
INSERT INTO acknowledged VALUES (0, 0, 0, x'');
PRAGMA user_version = 1
"""


def _with_tree(connection: Connection) -> None:
    """Version 2: the whole tree that was acknowledged, from which another journal can go on."""
    connection.execute("ALTER TABLE acknowledged ADD COLUMN peaks BLOB NOT NULL DEFAULT x''")


def _with_withheld(connection: Connection) -> None:
    """Version 3: what the broker takes no message of, so that the journal alone has it."""
    connection.execute("CREATE TABLE withheld (sequence INTEGER PRIMARY KEY) STRICT")


_STEPS: tuple[Step, ...] = (_with_tree, _with_withheld)
NEWEST = len(_STEPS) + 1
_WITH_TREE, _WITH_WITHHELD = 2, 3


@dataclass(frozen=True, slots=True)
class AtStation:
    """The station has every record under ``head``, but of those ``withheld`` not the whole."""

    head: Head
    withheld: frozenset[int]


def at_station(state: Path, keys: KeyProvider) -> AtStation | None:
    """What the station has, as far as can be told; None where nothing can."""
    try:
        with LinkState(state / LINK, keys, read_only=True) as link:
            head = link.acked_head()  # first: what is withheld is kept before it is acknowledged
            return AtStation(head, link.withheld()) if head else None
    except (UsageError, StoreError, Refused):
        return None


class LinkState:
    """How many records of the journal the station has, and the last head it saw, in SQLCipher. One process writes.

    Raises: StoreLocked, StoreFull, StoreError, WrongKey, Tampered; UsageError for a reader without a file.
    """

    def __init__(self, path: Path, keys: KeyProvider, read_only: bool = False) -> None:
        self.path = path
        self._lock = None if read_only else WriterLock(path)
        try:
            if not read_only and not path.exists():
                create_database(path, keys, PURPOSE, _SCHEMA)
            self._connection = open_database(path, keys, PURPOSE, read_only)
            try:
                with store_errors(path):
                    version_of(self._connection, path, NEWEST)
                    if not read_only:
                        migrate(self._connection, path, _STEPS)
            except BaseException:
                self._connection.close()
                raise
        except BaseException:
            if self._lock:
                self._lock.release()
            raise

    def cursor(self) -> int:
        """How many records, from the first, are acknowledged; the unsent tail is ``journal.after(cursor() - 1, n)``."""
        return self._row()[0]

    def acked_head(self) -> Head | None:
        """The largest head that the station acknowledged; None before the first."""
        _, size, root = self._row()
        return Head(size, root) if size else None

    def acked_tree(self) -> CompactRange | None:
        """The tree of that head; None before the first, and after one that an older Lapel kept."""
        with store_errors(self.path):
            if version_of(self._connection, self.path, NEWEST) < _WITH_TREE:
                return None
            row = self._connection.execute("SELECT head_size, peaks FROM acknowledged").fetchone()
        try:
            return CompactRange.from_bytes(*row) if row and row[0] else None
        except ValueError:
            return None

    def withheld(self) -> frozenset[int]:
        """The records that were not sent whole; none by a state that an older Lapel kept."""
        with store_errors(self.path):
            if version_of(self._connection, self.path, NEWEST) < _WITH_WITHHELD:
                return frozenset()
            return frozenset(sequence for (sequence,) in self._connection.execute("SELECT sequence FROM withheld"))

    def withhold(self, sequence: int) -> None:
        """Keep that the station is not sent the whole of a record, durably. Raises: StoreFull, StoreError."""
        with transaction(self._connection, self.path):
            self._connection.execute("INSERT OR IGNORE INTO withheld VALUES (?)", (sequence,))

    def acknowledge(self, tree: CompactRange) -> None:
        """Keep that the station has every record of a tree, and saw its head, durably.

        An acknowledgement that says less than an earlier one (late, doubled) changes nothing. Raises: Tampered when
        the station saw another root at a size that it acknowledged before; StoreFull, StoreError.
        """
        if self._lock is None:
            raise StoreError(f"{self.path}: is open for reading only; acknowledge where it is open for writing")
        with transaction(self._connection, self.path):
            cursor, size, root = self._row()
            head = tree.head()
            if head.size == size and size and head.root != root:
                raise Tampered(
                    f"{self.path}: the station acknowledges {size} records with root {head.root.hex()[:16]}, earlier "
                    f"with {root.hex()[:16]}; keep journal and station's database for examination"
                )
            if head.size > size:
                self._connection.execute(
                    "UPDATE acknowledged SET cursor = ?, head_size = ?, head_root = ?, peaks = ?",
                    (max(cursor, head.size), head.size, head.root, tree.to_bytes()),
                )

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
        if self._lock:
            self._lock.release()

    def __enter__(self) -> LinkState:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _row(self) -> tuple[int, int, bytes]:
        with store_errors(self.path):
            row = self._connection.execute("SELECT cursor, head_size, head_root FROM acknowledged").fetchone()
        if row is None:
            raise Tampered(f"{self.path}: its row was removed by someone who holds the key; verify the journal")
        cursor, size, root = row
        return cursor, size, root
