"""The examination of a journal finds what someone who holds the key did to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lapel.core.audit import StoredRecord, examine
from lapel.core.chain import leaf_hash, range_over
from lapel.core.record_body import Stamp, record_of
from lapel.core.records import Event, Head, RecordKind

SIZE = 9


def row(sequence: int, entry: str = "bicycle", picture: bytes = b"jpeg") -> StoredRecord:
    stamp = Stamp("cam-1", sequence, 1_769_860_800_000_000_000 + sequence, "boot-1", sequence)
    record = record_of(Event(RecordKind.ALERT, (("entry", entry),), picture), stamp)
    return StoredRecord(sequence, record.body, record.leaf, picture)


ROWS = tuple(row(sequence) for sequence in range(SIZE))


def head(rows: tuple[StoredRecord, ...]) -> Head:
    return range_over(kept.leaf for kept in rows).head()


HEAD = head(ROWS)


def swapped(rows: tuple[StoredRecord, ...], first: int, second: int) -> tuple[StoredRecord, ...]:
    out = list(rows)
    out[first] = replace(rows[second], sequence=first)
    out[second] = replace(rows[first], sequence=second)
    return tuple(out)


def test_an_untouched_journal_is_clean() -> None:
    assert examine(ROWS, HEAD, head(ROWS[:4])).is_clean


def test_an_empty_journal_is_clean() -> None:
    assert examine((), head(())).is_clean


@pytest.mark.parametrize("at", range(SIZE))
def test_an_edited_body_is_found_where_it_is(at: int) -> None:
    edited = (*ROWS[:at], replace(ROWS[at], body=row(at, "umbrella").body), *ROWS[at + 1 :])
    assert at in {finding.sequence for finding in examine(edited, HEAD).findings}


@pytest.mark.parametrize("at", range(SIZE))
def test_a_body_edited_together_with_its_leaf_does_not_give_the_head(at: int) -> None:
    edited = (*ROWS[:at], row(at, "umbrella"), *ROWS[at + 1 :])
    assert [finding.what for finding in examine(edited, HEAD).findings] == [
        "the records do not give the stored head: some were changed, removed or moved"
    ]


@pytest.mark.parametrize("picture", [b"", b"other"])
def test_an_exchanged_picture_is_found_where_it_is(picture: bytes) -> None:
    edited = (*ROWS[:3], replace(ROWS[3], picture=picture), *ROWS[4:])
    verdict = examine(edited, HEAD)
    assert [(finding.sequence, "picture" in finding.what) for finding in verdict.findings] == [(3, True)]


@pytest.mark.parametrize("at", range(SIZE - 1))
def test_a_removed_record_is_found_where_it_was(at: int) -> None:
    findings = examine(ROWS[:at] + ROWS[at + 1 :], HEAD).findings
    assert (findings[0].sequence, findings[0].what) == (at, "is missing")


def test_removed_records_are_named_from_first_to_last() -> None:
    assert examine(ROWS[:2] + ROWS[5:], HEAD).findings[0].what == "is missing, and all to 4"


def test_records_exchanged_for_each_other_are_found_at_both_places() -> None:
    moved = {finding.sequence for finding in examine(swapped(ROWS, 2, 6), HEAD).findings}
    assert moved >= {2, 6}


def test_a_body_that_is_none_is_found_where_it_is() -> None:
    nonsense = replace(ROWS[1], body=b"{}", leaf=leaf_hash(b"{}"))
    assert examine((ROWS[0], nonsense, *ROWS[2:]), HEAD).findings[0].sequence == 1


def test_a_tail_cut_without_its_head_is_found() -> None:
    assert examine(ROWS[:6], HEAD).findings[0].what == "the stored head counts 9 records, 6 are there"


def test_a_tail_cut_together_with_its_head_is_found_against_the_acknowledged_head() -> None:
    findings = examine(ROWS[:6], head(ROWS[:6]), head(ROWS[:8])).findings
    assert [(finding.sequence, finding.what) for finding in findings] == [
        (6, "the tail was cut: the station acknowledged 8 records, 6 are there")
    ]


def test_a_tail_cut_after_the_acknowledged_head_cannot_be_seen() -> None:
    assert examine(ROWS[:8], head(ROWS[:8]), head(ROWS[:8])).is_clean


def test_a_history_written_anew_is_found_against_the_acknowledged_head() -> None:
    forged = (*ROWS[:2], row(2, "umbrella"), *ROWS[3:])
    assert examine(forged, head(forged)).is_clean
    assert [finding.what for finding in examine(forged, head(forged), head(ROWS[:5])).findings] == [
        "the first 5 records are not those that the station acknowledged"
    ]


def test_an_acknowledged_head_of_no_records_agrees_with_every_journal() -> None:
    assert examine(ROWS, HEAD, Head(0, head(()).root)).is_clean
