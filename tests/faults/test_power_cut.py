"""The power goes at any moment: what was acknowledged is there, the tree verifies, and the journal goes on."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lapel.core.audit import examine
from lapel.core.records import Event, RecordKind
from lapel.errors import LapelError
from lapel.fakes.clock import FakeClock
from lapel.fakes.keys import FixedKey
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.link_state import LINK, LinkState
from lapel.store.signing import is_signed, signer_of
from lapel.wiring.clock_jumps import ClockedJournal
from power_cut import Did, Step, after_cut, recorded, without_syncs

A_FEW, MANY = 25, 500
QUOTA_MIB = 2
LONGEST_START_S = 2.0
"""Of CPU time, which a busy machine does not stretch: to a journal's whole start after a power cut."""
IN_1970 = datetime(1970, 1, 1, tzinfo=UTC)
# Two starts over a full journal that the station acknowledges time and again: every way of writing is in it.
LIVE = f"""
import os, random, sys
from pathlib import Path
from lapel.core.records import Event, RecordKind
from lapel.errors import StoreFull
from lapel.fakes.clock import FakeClock
from lapel.fakes.keys import FixedKey
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.link_state import LINK, LinkState
state, draw = Path(sys.argv[1]), random.Random(1)
with LinkState(state / LINK, FixedKey()) as link:
    for start in range(2):
        with SealedJournal(state / JOURNAL, FixedKey(), FakeClock(), "cam-1", quota_mib={QUOTA_MIB}) as journal:
            for number in range(80):
                picture = draw.randbytes(draw.choice((0, 0, 9_000, 60_000)))
                try:
                    record = journal.append(Event(RecordKind.ALERT, (("entry", str(number)),), picture))
                    os.write(1, f"record {{record.sequence}} {{record.leaf.hex()}}\\n".encode())
                except StoreFull:
                    tree = journal.tree_at(journal.head().size)
                    link.acknowledge(tree)
                    os.write(1, f"acked {{tree.size}}\\n".encode())
                if number == 40:
                    journal.checkpoint()
"""


@dataclass
class Promised:
    """What a process had said by some moment."""

    leaves: dict[int, bytes] = field(default_factory=dict)
    acked: int = 0


def promised(steps: Sequence[Step]) -> Promised:
    said = Promised()
    for step in steps:
        if step.did is Did.SAY:
            what, *values = step.data.decode().split()
            if what == "record":
                said.leaves[int(values[0])] = bytes.fromhex(values[1])
            else:
                said.acked = int(values[0])
    return said


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> tuple[Step, ...]:
    """All that a device did."""
    state = tmp_path_factory.mktemp("life") / "state"
    state.mkdir()
    steps = recorded([sys.executable, "-c", LIVE, str(state)], state)
    said = promised(steps)
    assert (len(said.leaves) > 100, said.acked > 20) == (True, True)
    return steps


def after_power_cut() -> FakeClock:
    """The clock of a board without a battery."""
    clock = FakeClock()
    clock.reboot()
    clock.set_wall(IN_1970)
    return clock


def lost_by(steps: Sequence[Step], draw: random.Random, state: Path) -> str:
    """What a cut after these steps costs of what was promised, a quick start among it; empty for nothing."""
    state.mkdir()
    for name, content in after_cut(steps, draw).items():
        (state / name).write_bytes(content)
    said = promised(steps)
    begun_s = time.process_time()
    try:
        with SealedJournal(state / JOURNAL, FixedKey(), after_power_cut(), "cam-1", quota_mib=QUOTA_MIB) as journal:
            if (start_s := time.process_time() - begun_s) > LONGEST_START_S:
                return f"{start_s:.1f} s of CPU time to start"
            with journal.stored() as (head, rows):
                kept = list(rows)
            verdict = examine(kept, head)
            if not verdict.is_clean:
                return str(verdict.findings)
            leaves = {row.sequence: row.leaf for row in kept}
            if lost := [number for number, leaf in said.leaves.items() if leaves.get(number) != leaf]:
                return f"records {lost}"
            note = journal.last_checkpoint()
            if note is not None and not is_signed(note, signer_of(state, "cam-1", FixedKey()).key):
                return "the signing key"
            # It goes on, where the quota lets it.
            with LinkState(state / LINK, FixedKey()) as link:
                if link.cursor() < said.acked:
                    return f"the cursor at {said.acked}"
                link.acknowledge(journal.tree_at(head.size))
            ClockedJournal(journal).append(Event(RecordKind.PEOPLE, (("people_max", 0),)))
            if kept and not journal.newest(RecordKind.CLOCK, head.size, 1):
                return "that its clock was set back"
    except LapelError as error:
        return f"everything: {error}"
    return ""


def cuts(life: tuple[Step, ...], times: int, seed: int, folder: Path) -> list[str]:
    """What so many cuts cost, one moment drawn from each of as many equal parts."""
    draw = random.Random(seed)
    found = []
    for number in range(times):
        at = round((number + draw.random()) * len(life) / times)
        if lost := lost_by(life[:at], draw, folder / str(number)):
            found.append(f"cut {number} after step {at}: {lost}")
    return found


def test_a_few_power_cuts_cost_nothing_that_was_promised(life: tuple[Step, ...], tmp_path: Path) -> None:
    assert cuts(life, A_FEW, 1, tmp_path) == []


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_five_hundred_power_cuts_cost_nothing_that_was_promised(life: tuple[Step, ...], tmp_path: Path) -> None:
    assert cuts(life, MANY, 2, tmp_path) == []


def test_a_journal_that_did_not_wait_for_the_disk_would_be_found_out(life: tuple[Step, ...], tmp_path: Path) -> None:
    assert cuts(without_syncs(life), 10, 3, tmp_path)
