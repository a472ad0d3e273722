"""The tables of a journal, and the steps from each released version to the next."""

from __future__ import annotations

from lapel.core.chain import CompactRange
from lapel.store.database import Connection
from lapel.store.journal_tree import keep_nodes_of_all
from lapel.store.migrations import Step

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


def beginning_at(tree: CompactRange) -> str:
    """The tables of a new journal that goes on where another ended: its first record is the one after that tree."""
    return f"{FIRST}; UPDATE chain SET size = {tree.size}, peaks = x'{tree.to_bytes().hex()}'"


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


def _with_kinds(connection: Connection) -> None:
    """Version 4: kinds, by which a start finds what it reads without a look at every record; and when a record was
    made whose body was given up."""
    for name in ("kind", "at"):
        connection.execute(f"ALTER TABLE record ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")
    connection.execute(f"UPDATE record SET kind = {said('kind')} WHERE json_valid({_TEXT})")
    connection.execute("CREATE INDEX record_by_kind ON record (kind, sequence)")


_TEXT = "CAST(body AS TEXT)"


def said(name: str) -> str:
    """SQL for what a row's body says under a name."""
    return f"json_extract({_TEXT}, '$.{name}')"


STEPS: tuple[Step, ...] = (_with_proofs, _with_purges, _with_kinds)
NEWEST = len(STEPS) + 1
WITH_PROOFS, WITH_KINDS = 2, 4
"""Since these versions there are nodes and checkpoints, and kinds."""
