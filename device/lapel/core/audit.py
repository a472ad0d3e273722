"""The examination of a journal: is every record there, unchanged, in its place?

What it can show: that rows, leaves and head belong together, and that they agree with a head that was acknowledged
elsewhere. Someone who holds the key can write a whole new history with a head of its own; only a head kept elsewhere
tells it from the true one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lapel.core.chain import CompactRange, leaf_hash
from lapel.core.record_body import parse_body, picture_sha256
from lapel.core.records import Head


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A row of a journal as it lies there: nothing about it is known to be true."""

    sequence: int
    body: bytes
    leaf: bytes
    picture: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that should not be. ``sequence`` is the record it was found at, None for the journal as a whole."""

    sequence: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of an examination. ``head`` is computed from the records, never read."""

    head: Head
    findings: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def examine(rows: Iterable[StoredRecord], stored: Head, acked: Head | None = None) -> Verdict:
    """Compare rows, in the order of their sequence, with each other, with the stored head and an acknowledged one."""
    findings: list[Finding] = []
    tree = CompactRange()
    at_acked = tree.head()
    due = 0
    for row in rows:
        if row.sequence != due:
            findings.append(Finding(due, _missing(due, row.sequence)))
        due = row.sequence + 1
        findings += (Finding(row.sequence, what) for what in _of_row(row))
        tree = tree.append(leaf_hash(row.body))
        if acked is not None and tree.size == acked.size:
            at_acked = tree.head()
    head = tree.head()
    if stored.size != head.size:
        findings.append(Finding(None, f"the stored head counts {stored.size} records, {head.size} are there"))
    elif stored.root != head.root:
        findings.append(Finding(None, "the records do not give the stored head: some were changed, removed or moved"))
    if acked is not None:
        findings += _of_acked(head, at_acked, acked)
    return Verdict(head, tuple(findings))


def _of_row(row: StoredRecord) -> Iterable[str]:
    if leaf_hash(row.body) != row.leaf:
        yield "its body was changed: it does not give its leaf"
    try:
        body = parse_body(row.body)
    except ValueError as error:
        yield str(error)
        return
    if body.sequence != row.sequence:
        yield f"was moved: its body says it is record {body.sequence}"
    if body.picture_sha256 != picture_sha256(row.picture):
        yield "its picture was changed or removed: it does not have the SHA-256 in its body"


def _of_acked(head: Head, at_acked: Head, acked: Head) -> Iterable[Finding]:
    if head.size < acked.size:
        yield Finding(
            head.size,
            f"the tail was cut: the station acknowledged {acked.size} records, {head.size} are there",
        )
    elif at_acked.root != acked.root:
        yield Finding(None, f"the first {acked.size} records are not those that the station acknowledged")


def _missing(first: int, following: int) -> str:
    last = following - 1
    return "is missing" if first == last else f"is missing, and all to {last}"
