"""The tables of a journal, and the steps from each released version to the next.

Plain SQL: a library for migrations costs a start 325 ms and 39 MB, on every device and whether or not there is a step
to take (sqlite-utils 4.2.1 beside the driver alone).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lapel.errors import StoreError
from lapel.store.database import Connection, transaction
from lapel.store.journal_tree import keep_nodes_of_all

FIRST = """
CREATE TABLE record (
    sequence INTEGER PRIMARY KEY,
    body BLOB NOT NULL,
    leaf BLOB NOT NULL,
    picture BLOB NOT NULL
) STRICT;
CREATE TABLE chain (
    only INTEGER PRIMARY KEY CHECK (only = 0),
    size INTEGER NOT NULL,
    peaks BLOB NOT NULL
) STRICT;
INSERT INTO chain VALUES (0, 0, x'');
PRAGMA user_version = 1
"""
"""Version 1. A new journal begins with it, too, and takes every step: there is one way only to each version."""


def migrate(connection: Connection, path: Path) -> None:
    """Bring a journal to this version, each step whole or not at all. Raises: StoreFull, StoreError."""
    version = version_of(connection, path)
    for number, step in enumerate(_STEPS[version - 1 :], start=version + 1):
        with transaction(connection, path):
            step(connection)
            connection.execute(f"PRAGMA user_version = {number}")


def version_of(connection: Connection, path: Path) -> int:
    """The version of a journal's tables. Raises: StoreError for one that a newer Lapel made."""
    row = connection.execute("PRAGMA user_version").fetchone()
    version = row[0] if row else 0
    if not 1 <= version <= NEWEST:
        raise StoreError(f"{path}: is of version {version}, this Lapel knows 1 to {NEWEST}; install the newer Lapel")
    return int(version)


def _with_proofs(connection: Connection) -> None:
    """Version 2: nodes of the audit tree, from which proofs are made, and signed checkpoints."""
    connection.execute(
        "CREATE TABLE node (level INTEGER NOT NULL, place INTEGER NOT NULL, hash BLOB NOT NULL,"
        " PRIMARY KEY (level, place)) STRICT, WITHOUT ROWID"
    )
    connection.execute("CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT")
    keep_nodes_of_all(connection)


def _with_purges(connection: Connection) -> None:
    """Version 3: below which sequence acknowledged records were given up."""
    connection.execute("ALTER TABLE chain ADD COLUMN purged INTEGER NOT NULL DEFAULT 0")


_STEPS: tuple[Callable[[Connection], None], ...] = (_with_proofs, _with_purges)
NEWEST = len(_STEPS) + 1
WITH_PROOFS = 2
"""Since this version there are nodes and checkpoints."""
