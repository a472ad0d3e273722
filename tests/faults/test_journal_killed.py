"""A writer of the journal is killed at random moments: kill -9, which is not a power cut."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lapel.core.audit import examine
from lapel.fakes.clock import FakeClock
from lapel.fakes.keys import FixedKey
from lapel.store.journal import SealedJournal

WRITE_FOR_EVER = """
import sys
from pathlib import Path
from lapel.core.records import Event, RecordKind
from lapel.fakes.clock import FakeClock
from lapel.fakes.keys import FixedKey
from lapel.store.journal import SealedJournal
journal = SealedJournal(Path(sys.argv[1]), FixedKey(), FakeClock(), "cam-1")
while True:
    record = journal.append(Event(RecordKind.ALERT, (("entry", "crate"),), bytes(9000)))
    print(record.sequence, record.leaf.hex(), flush=True)
"""


def acknowledged_before_death(path: Path, delay_s: float) -> dict[int, str]:
    """Let a process write until it is killed; what it was told is kept, leaf by sequence."""
    command = [sys.executable, "-c", WRITE_FOR_EVER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        timer = threading.Timer(delay_s, process.kill)
        timer.start()
        lines += process.stdout.readlines()
        timer.join()
    whole = [line.split() for line in lines if line.endswith("\n")]
    return {int(sequence): leaf for sequence, leaf in whole}


def kill_again_and_again(path: Path, times: int, seed: int) -> None:
    draw = random.Random(seed)
    acknowledged: dict[int, str] = {}
    for _ in range(times):
        fresh = acknowledged_before_death(path, draw.uniform(0.0, 0.3))
        assert fresh
        assert not fresh.keys() & acknowledged.keys()
        acknowledged |= fresh
        with (
            SealedJournal(path, FixedKey(), FakeClock(), read_only=True) as journal,
            journal.stored() as (head, rows),
        ):
            kept = list(rows)
        assert examine(kept, head).findings == ()
        leaves = {row.sequence: row.leaf.hex() for row in kept}
        assert {sequence: leaves.get(sequence) for sequence in acknowledged} == acknowledged


def test_every_acknowledged_record_outlives_three_kills_and_the_chain_stays_whole(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path / "journal.db", 3, seed=1)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_every_acknowledged_record_outlives_twenty_kills_and_the_chain_stays_whole(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path / "journal.db", 20, seed=2)
