"""Records that a report may be made of: those of trees that were examined first, and are clean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lapel.core.audit import examine
from lapel.core.chain import CompactRange, leaf_hash
from lapel.core.record_body import Body, parse_body
from lapel.core.records import Head, Record
from lapel.errors import Tampered, UsageError
from lapel.health.clock import SystemClock
from lapel.ports import KeyProvider
from lapel.store.journal import SealedJournal, journal_of
from lapel_tools.station.holdings import Holdings, existing


@dataclass(frozen=True, slots=True)
class Tree:
    """All records of one device, and the head that they give: whoever holds them can compute it again.

    ``withheld`` records are in the tree, and what they say is not held: those before a journal that goes on after one
    set aside, those that a journal gave up at its quota, those that a station never got or gave up.
    """

    device: str
    head: Head
    records: tuple[Body, ...]
    withheld: int = 0


def journal_tree(state: Path, keys: KeyProvider) -> Tree:
    """The records of a device's own journal. Raises: Tampered on a finding, UsageError, WrongKey, StoreError."""
    path = journal_of(state)
    with SealedJournal(path, keys, SystemClock(), read_only=True) as journal:
        with journal.stored() as (head, rows):
            verdict = examine(rows, head, begins=journal.begins())
        _refuse(str(path), [finding.what for finding in verdict.findings])
        records = tuple(parse_body(record.body) for record in _every(journal, verdict.head.size))
    head = verdict.head
    return Tree(records[-1].device if records else "", head, records, head.size - len(records))


def station_trees(path: Path | str, device: str | None = None) -> tuple[Tree, ...]:
    """The records that a station holds of its devices, or of one. Raises: Tampered on a finding, UsageError."""
    register = Holdings(existing(path))
    try:
        standings = [s for s in register.standings() if s.device and device in (None, s.device)]
        if not standings:
            raise UsageError(
                f"{register.name}: holds no records{f' of {device}' if device else ''}; name another device or file"
            )
        forked = [f"{s.device}: {s.forks} records have two versions" for s in standings if s.forks]
        _refuse(register.name, forked)
        return tuple(_held(register.name, s.device, s.head, register.leaves(s.device)) for s in standings)
    finally:
        register.close()


def _held(path: str, device: str, head: Head, leaves: Iterator[tuple[bytes, bytes]]) -> Tree:
    tree, records = CompactRange(), []
    wrong: list[str] = []
    for leaf, body in leaves:
        place = tree.size
        tree = tree.append(leaf_hash(body) if body else leaf)
        if not body:
            continue
        try:
            records.append(parse_body(body))
        except ValueError as error:
            raise Tampered(f"{path}: {device}: record {place}: {error}; no report is made of it") from error
        if (records[-1].sequence, records[-1].device) != (place, device):
            wrong.append(f"{device}: record {place} is another's")
    if tree.head() != head:
        wrong.append(f"{device}: the records do not give the head that the station acknowledged")
    _refuse(path, wrong)
    return Tree(device, head, tuple(records), head.size - len(records))


def _every(journal: SealedJournal, size: int) -> Iterator[Record]:
    after = -1
    while records := [r for r in journal.after(after, 500) if r.sequence < size]:
        yield from records
        after = records[-1].sequence


def _refuse(where: str, findings: list[str]) -> None:
    if findings:
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        raise Tampered(f"{where}: {findings[0]}{more}; no report is made of it: see lapel audit verify")
