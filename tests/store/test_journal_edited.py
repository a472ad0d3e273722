"""Someone who holds the key edits the journal's tables: the examination finds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lapel.core.audit import Finding, examine
from lapel.core.records import Event, Head, RecordKind
from lapel.errors import Tampered
from lapel.fakes.clock import FakeClock
from lapel.fakes.keys import FixedKey
from lapel.store.database import open_database
from lapel.store.journal import PURPOSE, SealedJournal

SIZE = 8


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of eight records, closed."""
    path = tmp_path / "journal.db"
    with SealedJournal(path, FixedKey(), FakeClock(), "cam-1") as journal:
        for number in range(SIZE):
            journal.append(Event(RecordKind.ALERT, (("entry", f"crate {number}"),), b"jpeg"))
    return path


def edit(path: Path, *statements: str) -> None:
    connection = open_database(path, FixedKey(), PURPOSE, read_only=False)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def found(path: Path, acked: Head | None = None) -> tuple[Finding, ...]:
    with SealedJournal(path, FixedKey(), FakeClock(), read_only=True) as journal, journal.stored() as (head, rows):
        return examine(rows, head, acked).findings


def head_of(path: Path) -> Head:
    with SealedJournal(path, FixedKey(), FakeClock(), read_only=True) as journal:
        return journal.head()


def test_an_untouched_journal_is_clean(path: Path) -> None:
    assert found(path, head_of(path)) == ()


def test_an_edited_fact_is_found(path: Path) -> None:
    edit(path, "UPDATE record SET body = CAST(replace(body, 'crate 3', 'crate 9') AS BLOB) WHERE sequence = 3")
    assert 3 in {finding.sequence for finding in found(path)}


def test_a_removed_record_is_found(path: Path) -> None:
    edit(path, "DELETE FROM record WHERE sequence = 4")
    assert found(path)[0] == Finding(4, "is missing")


def test_records_that_changed_places_are_found(path: Path) -> None:
    edit(
        path,
        "UPDATE record SET sequence = 100 WHERE sequence = 2",
        "UPDATE record SET sequence = 2 WHERE sequence = 5",
        "UPDATE record SET sequence = 5 WHERE sequence = 100",
    )
    assert {finding.sequence for finding in found(path)} >= {2, 5}


def test_a_removed_record_whose_followers_moved_up_is_found(path: Path) -> None:
    edit(
        path,
        "DELETE FROM record WHERE sequence = 4",
        *(f"UPDATE record SET sequence = {number - 1} WHERE sequence = {number}" for number in range(5, SIZE)),
    )
    assert {finding.sequence for finding in found(path)} >= {4, 5, 6}


def test_an_exchanged_picture_is_found(path: Path) -> None:
    edit(path, "UPDATE record SET picture = x'00' WHERE sequence = 6")
    assert [finding.sequence for finding in found(path)] == [6]


def test_a_cut_tail_is_found(path: Path) -> None:
    edit(path, "DELETE FROM record WHERE sequence >= 6")
    assert [finding.what for finding in found(path)] == ["the stored head counts 8 records, 6 are there"]


def test_a_tail_cut_together_with_its_head_is_found_against_the_acknowledged_head(path: Path, tmp_path: Path) -> None:
    acked = head_of(path)
    shorter = tmp_path / "shorter.db"
    with SealedJournal(shorter, FixedKey(), FakeClock(), "cam-1") as journal:
        for number in range(6):
            journal.append(Event(RecordKind.ALERT, (("entry", f"crate {number}"),), b"jpeg"))
    assert found(shorter) == ()
    assert found(shorter, acked)[0].what == "the tail was cut: the station acknowledged 8 records, 6 are there"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM chain",
        "UPDATE chain SET peaks = zeroblob(32)",
        "UPDATE chain SET peaks = x'00'",
        "UPDATE chain SET size = 7",
        "UPDATE chain SET size = 9",
        "UPDATE chain SET size = -1",
    ],
)
def test_a_changed_or_removed_chain_head_is_found(path: Path, statement: str) -> None:
    edit(path, statement)
    assert [finding.sequence for finding in found(path)] == [None]


@pytest.mark.parametrize("statement", ["DELETE FROM chain", "UPDATE chain SET peaks = x'00'"])
def test_nothing_is_appended_to_a_chain_without_a_head(path: Path, statement: str) -> None:
    edit(path, statement)
    with pytest.raises(Tampered, match=r"chain head was changed.*audit verify"):
        SealedJournal(path, FixedKey(), FakeClock(), "cam-1")


def test_a_body_that_is_none_is_not_handed_on(path: Path) -> None:
    edit(path, "UPDATE record SET body = x'7b7d' WHERE sequence = 1")
    with (
        SealedJournal(path, FixedKey(), FakeClock(), read_only=True) as journal,
        pytest.raises(Tampered, match="a record was changed"),
    ):
        journal.after(-1, 10)
