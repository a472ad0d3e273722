"""The audit tree in a journal's tables: the leaves, and of the nodes above them every fourth level.

A proof among a million records then reads some tens of rows, and the nodes take a fifteenth of the leaves' room.
"""

from __future__ import annotations

from itertools import count

from lapel.core.chain import CompactRange, node_hash
from lapel.core.proof import Nodes
from lapel.store.database import Connection

_EVERY_LEVELS = 4


def keep_nodes(connection: Connection, tree: CompactRange, leaf: bytes) -> None:
    """Keep the nodes that one more leaf on a tree completes, inside the transaction that keeps the leaf."""
    for level, node in enumerate(tree.completed(leaf)):
        if level and level % _EVERY_LEVELS == 0:
            connection.execute("INSERT INTO node VALUES (?, ?, ?)", (level, tree.size >> level, node))


def keep_nodes_of_all(connection: Connection) -> None:
    """Keep the nodes of a journal that has none yet, 1,000 leaves in memory at a time; and the peaks that it begins
    with, where it goes on after another."""
    begins = begins_at(connection)
    tree = CompactRange()
    if begins:
        size, peaks = connection.execute("SELECT size, peaks FROM chain").fetchall()[0]
        tree = CompactRange.from_bytes(size, peaks)
        first = 0
        for peak in tree.peaks:
            level = (size - first).bit_length() - 1
            connection.execute("INSERT INTO node VALUES (?, ?, ?)", (level, first >> level, peak))
            first += 1 << level
    for first in count(begins, 1000):
        leaves = connection.execute(
            "SELECT leaf FROM record WHERE sequence >= ? ORDER BY sequence LIMIT 1000", (first,)
        ).fetchall()
        for (leaf,) in leaves:
            keep_nodes(connection, tree, leaf)
            tree = tree.append(leaf)
        if not leaves:
            return


def nodes_of(connection: Connection) -> Nodes:
    """The subtrees of a journal. Asked for one that is not complete: ValueError."""

    begins = begins_at(connection)

    def node(level: int, place: int) -> bytes:
        is_before = (place + 1) << level <= begins  # then it is a peak that the journal began with, or not kept
        if level % _EVERY_LEVELS and not is_before:
            return node_hash(node(level - 1, 2 * place), node(level - 1, 2 * place + 1))
        if level == 0 and not is_before:
            found = connection.execute("SELECT leaf FROM record WHERE sequence = ?", (place,)).fetchone()
        else:
            found = connection.execute("SELECT hash FROM node WHERE level = ? AND place = ?", (level, place)).fetchone()
        if found is None:
            raise ValueError(f"no subtree {place} of 2^{level} records is kept")
        return bytes(found[0])

    return node


def begins_at(connection: Connection) -> int:
    """The sequence of a journal's first record, or of the one that will be."""
    (first,) = connection.execute("SELECT min(sequence) FROM record").fetchall()[0]
    return int(connection.execute("SELECT size FROM chain").fetchall()[0][0] if first is None else first)
