"""Single bytes of a journal are changed at random, by someone without the key: each change is found."""

from __future__ import annotations

import random
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from lapel.core.audit import examine
from lapel.core.records import Event, Head, RecordKind
from lapel.errors import Refused, StoreError
from lapel.fakes.clock import FakeClock
from lapel.fakes.keys import FixedKey
from lapel.store.journal import SealedJournal

A_FEW, MANY = 60, 1000
RECORDS = 12
WITNESSED = 8


def opened(path: Path, read_only: bool = False) -> SealedJournal:
    return SealedJournal(path, FixedKey(), FakeClock(), "cam-1", read_only)


def written(path: Path) -> SealedJournal:
    """An open journal with pictures of one page and of many."""
    journal = opened(path)
    for number in range(RECORDS):
        journal.append(Event(RecordKind.ALERT, (("entry", str(number)),), bytes([number]) * (number * 700)))
    return journal


def changed(data: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(data))
    return data[:at] + bytes([data[at] ^ draw.randint(1, 255)]) + data[at + 1 :]


def is_found(path: Path, acked: Head) -> bool:
    """Whether ``lapel audit verify`` refuses the journal or finds something."""
    try:
        with opened(path, read_only=True) as journal:
            journal.check_pages()
            with journal.stored() as (head, rows):
                return not examine(rows, head, acked).is_clean
    except (Refused, StoreError):
        return True


def unfound_in_a_closed_journal(folder: Path, times: int, seed: int) -> int:
    path = folder / "journal.db"
    with written(path) as journal:
        acked = journal.head()
    data, draw = path.read_bytes(), random.Random(seed)
    assert not is_found(path, acked)
    unfound = 0
    for _ in range(times):
        path.write_bytes(changed(data, draw))
        unfound += not is_found(path, acked)
    return unfound


def test_a_few_changed_bytes_of_a_closed_journal_are_all_found(tmp_path: Path) -> None:
    assert unfound_in_a_closed_journal(tmp_path, A_FEW, 1) == 0


@pytest.mark.long
def test_a_thousand_changed_bytes_of_a_closed_journal_are_all_found(tmp_path: Path) -> None:
    assert unfound_in_a_closed_journal(tmp_path, MANY, 2) == 0


def live(folder: Path) -> tuple[Path, Head]:
    """A journal as it lies on the card while it is written, and the head that the station has seen of it."""
    (folder / "writing").mkdir()
    copy = folder / "taken"
    with written(folder / "writing" / "journal.db") as journal:
        acked = journal.tree_at(WITNESSED).head()
        shutil.copytree(folder / "writing", copy)
    return copy / "journal.db", acked


def unfound_in_a_live_journal(folder: Path, times: int, seed: int) -> list[int]:
    """How many records were left where nothing was found."""
    path, acked = live(folder)
    draw, left = random.Random(seed), []
    files = {each: each.read_bytes() for each in (path, path.with_name("journal.db-wal"))}
    assert len(files[path.with_name("journal.db-wal")]) > 100_000
    for _ in range(times):
        for each in path.parent.glob("journal.db*"):
            each.unlink()
        target = draw.choice(list(files))
        for each, data in files.items():
            each.write_bytes(changed(data, draw) if each == target else data)
        if is_found(path, acked):
            continue
        with suppress(Refused), opened(path) as journal:  # a start checks every page
            left.append(journal.head().size)
    return left


def test_a_changed_byte_of_a_live_journal_costs_at_most_what_the_station_has_not_seen(tmp_path: Path) -> None:
    left = unfound_in_a_live_journal(tmp_path, A_FEW, 3)
    assert left, "no change went unfound: this shows nothing"
    assert min(left) >= WITNESSED


@pytest.mark.long
def test_many_changed_bytes_of_a_live_journal_cost_at_most_what_the_station_has_not_seen(tmp_path: Path) -> None:
    assert min(unfound_in_a_live_journal(tmp_path, MANY, 4)) >= WITNESSED
