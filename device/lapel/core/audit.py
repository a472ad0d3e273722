"""The examination of a journal: is every record there, unchanged, in its place?

What it can show: that rows, leaves and head belong together, and that they agree with a head that was acknowledged
elsewhere. Someone who holds the key can write a whole new history with a head of its own; only a head kept elsewhere
tells it from the true one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lapel.core.chain import CompactRange, leaf_hash
from lapel.core.purging import Purged, purged_by, purged_until
from lapel.core.record_body import Body, parse_body, picture_sha256
from lapel.core.records import Head

_EMPTY = CompactRange()


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A row of a journal as it lies there: nothing about it is known to be true."""

    sequence: int
    body: bytes
    leaf: bytes
    picture: bytes
    kind: str = ""
    """As the journal finds it by; empty where it does not say."""


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


def examine(
    rows: Iterable[StoredRecord], stored: Head, acked: Head | None = None, begins: CompactRange = _EMPTY
) -> Verdict:
    """Compare rows, in the order of their sequence, with each other, with the stored head and an acknowledged one.

    ``begins``: the tree before the first row, of a journal that goes on after another.
    """
    findings: list[Finding] = []
    purges: list[tuple[int, Purged]] = []
    given_up: list[Finding] = []
    tree = begins
    at_acked = tree.head()
    due = begins.size
    for row in rows:
        if row.sequence != due:
            findings.append(Finding(due, _missing(due, row.sequence)))
        due = row.sequence + 1
        body = _body(row, findings)
        given_up += _given_up(row, body)
        if body is not None and (purge := purged_by(body)):
            purges.append((row.sequence, purge))
        tree = tree.append(leaf_hash(row.body) if row.body else row.leaf)
        if acked is not None and tree.size == acked.size:
            at_acked = tree.head()
    head = tree.head()
    if stored.size != head.size:
        findings.append(Finding(None, f"the stored head counts {stored.size} records, {head.size} are there"))
    elif stored.root != head.root:
        findings.append(Finding(None, "the records do not give the stored head: some were changed, removed or moved"))
    until = purged_until((purge for _, purge in purges), begins.size)
    findings += (finding for finding in given_up if finding.sequence is None or finding.sequence >= until)
    if acked is not None:
        findings += _of_acked(head, at_acked, acked)
        findings += (Finding(at, _TOO_EARLY) for at, purge in purges if purge.last >= acked.size)
    return Verdict(head, tuple(findings))


def _body(row: StoredRecord, findings: list[Finding]) -> Body | None:
    """What a row says, with what is wrong with it; None where it says nothing."""
    if not row.body:
        return None
    if leaf_hash(row.body) != row.leaf:
        findings.append(Finding(row.sequence, "its body was changed: it does not give its leaf"))
    try:
        body = parse_body(row.body)
    except ValueError as error:
        findings.append(Finding(row.sequence, str(error)))
        return None
    if row.kind and row.kind != body.kind.value:
        findings.append(Finding(row.sequence, f"is filed as {row.kind}: its body says that it is {body.kind.value}"))
    if body.sequence != row.sequence:
        findings.append(Finding(row.sequence, f"was moved: its body says it is record {body.sequence}"))
    if row.picture and body.picture_sha256 != picture_sha256(row.picture):
        findings.append(Finding(row.sequence, "its picture was changed: it does not have the SHA-256 in its body"))
    return body


def _given_up(row: StoredRecord, body: Body | None) -> Iterable[Finding]:
    """What a row lacks, which is fine where a record says that it was given up."""
    if not row.body:
        yield Finding(row.sequence, "its body was removed, and no record says so")
    elif body is not None and body.picture_sha256 and not row.picture:
        yield Finding(row.sequence, "its picture was removed, and no record says so")


def _of_acked(head: Head, at_acked: Head, acked: Head) -> Iterable[Finding]:
    if head.size < acked.size:
        yield Finding(
            head.size,
            f"the tail was cut: the station acknowledged {acked.size} records, {head.size} are there",
        )
    elif at_acked.root != acked.root:
        yield Finding(None, f"the first {acked.size} records are not those that the station acknowledged")


_TOO_EARLY = "gave up records that the station had not acknowledged"


def _missing(first: int, following: int) -> str:
    last = following - 1
    return "is missing" if first == last else f"is missing, and all to {last}"
