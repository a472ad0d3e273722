"""The disk is full at any write of a journal's life: it refuses as a store does, and loses nothing that it took."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from lapel.core.audit import examine
from lapel.fakes.clock import FakeClock
from lapel.fakes.keys import FixedKey
from lapel.store.journal import JOURNAL, SealedJournal
from power_cut import Did, recorded, with_full_disk

# It speaks by another call than those that fail. Whatever else than a refusal comes of a full disk ends it.
LIFE = """
import os, sys
from pathlib import Path
from lapel.core.records import Event, RecordKind
from lapel.errors import StoreError
from lapel.fakes.clock import FakeClock
from lapel.fakes.keys import FixedKey
from lapel.store.journal import JOURNAL
from lapel.store.set_aside import open_or_begin
for start in range(2):
    with open_or_begin(Path(sys.argv[1]) / JOURNAL, FixedKey(), FakeClock(), "cam-1", 2).journal as journal:
        for number in range(4):
            try:
                record = journal.append(Event(RecordKind.ALERT, (("entry", str(number)),), bytes(9000)))
            except StoreError:
                os.writev(1, [b"alerted without a record\\n"])
            else:
                os.writev(1, [f"record {record.sequence} {record.leaf.hex()}\\n".encode()])
"""
ALERTS = 8


def writes_of_a_life(folder: Path) -> int:
    """How many writes there are to fail."""
    folder.mkdir()
    steps = recorded([sys.executable, "-c", LIFE, str(folder)], folder)
    return sum(step.did in {Did.WRITE, Did.TRUNCATE} for step in steps)


def lost_by(state: Path, write: int, for_good: bool) -> str:
    """What a full disk costs at that write, beyond records that were refused; empty for nothing."""
    state.mkdir()
    done = with_full_disk([sys.executable, "-c", LIFE, str(state)], write, for_good=for_good)
    said = [line.split() for line in done.stdout.splitlines()]
    if done.returncode or len(said) != ALERTS:
        return f"alerts: {len(said)} of {ALERTS}: {done.stderr}"
    kept = {int(words[1]): words[2] for words in said if words[0] == "record"}
    with SealedJournal(state / JOURNAL, FixedKey(), FakeClock(), "cam-1") as journal, journal.stored() as (head, rows):
        there = list(rows)
    if findings := examine(there, head).findings:
        return str(findings)
    leaves = {row.sequence: row.leaf.hex() for row in there}
    return f"records: {kept} {leaves}" if kept.items() - leaves.items() else ""


def all_lost(folder: Path, writes: Iterable[int]) -> dict[tuple[int, bool], str]:
    found = {}
    for write in writes:
        for for_good in (False, True):
            if lost := lost_by(folder / f"{write}-{for_good}", write, for_good):
                found[write, for_good] = lost
    return found


def test_a_full_disk_at_a_few_writes_costs_no_alert_and_no_record_that_was_kept(tmp_path: Path) -> None:
    last = writes_of_a_life(tmp_path / "whole")
    assert all_lost(tmp_path, range(5, last, last // 3)) == {}


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_full_disk_at_every_write_costs_no_alert_and_no_record_that_was_kept(tmp_path: Path) -> None:
    last = writes_of_a_life(tmp_path / "whole")
    assert all_lost(tmp_path, range(1, last + 1)) == {}
