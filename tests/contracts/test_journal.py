"""What every journal does, the shipped double included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from lapel.core.chain import root_over
from lapel.core.record_body import LARGEST_PICTURE_BYTES, parse_body
from lapel.core.records import Event, Head, RecordKind
from lapel.errors import StoreError
from lapel.fakes.clock import FakeClock
from lapel.fakes.journal import MemoryJournal
from lapel.fakes.keys import FixedKey
from lapel.ports import Clock, Journal
from lapel.store.journal import SealedJournal

DEVICE = "cam-1"
MAKERS: dict[str, Callable[[Path, Clock], AbstractContextManager[Journal]]] = {
    "sealed": lambda folder, clock: SealedJournal(folder / "journal.db", FixedKey(), clock, DEVICE),
    "double": lambda folder, clock: nullcontext(MemoryJournal(clock, DEVICE)),
}


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still."""
    return FakeClock()


@pytest.fixture(params=MAKERS)
def journal(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[Journal]:
    """One journal after the other."""
    with MAKERS[request.param](tmp_path, clock) as made:
        yield made


def event(entry: str = "bicycle", picture: bytes = b"") -> Event:
    return Event(RecordKind.ALERT, (("entry", entry),), picture)


def test_an_empty_journal_has_the_head_of_an_empty_tree(journal: Journal) -> None:
    assert journal.head() == Head(0, root_over(()))


def test_sequences_count_from_zero_without_a_gap(journal: Journal) -> None:
    assert [journal.append(event()).sequence for _ in range(4)] == [0, 1, 2, 3]


def test_the_head_covers_every_record_in_order(journal: Journal) -> None:
    leaves = [journal.append(event(str(number))).leaf for number in range(5)]
    assert journal.head() == Head(5, root_over(leaves))


def test_what_was_appended_is_what_is_read(journal: Journal) -> None:
    appended = tuple(journal.append(event(str(number), b"jpeg" * number)) for number in range(3))
    assert tuple(journal.after(-1, 10)) == appended


def test_the_unsent_tail_begins_after_what_was_sent(journal: Journal) -> None:
    appended = tuple(journal.append(event(str(number))) for number in range(5))
    assert tuple(journal.after(2, 10)) == appended[3:]


def test_no_more_of_the_tail_is_read_than_asked_for(journal: Journal) -> None:
    appended = tuple(journal.append(event(str(number))) for number in range(5))
    assert tuple(journal.after(0, 2)) == appended[1:3]


def test_there_is_no_tail_after_the_last_record(journal: Journal) -> None:
    last = journal.append(event())
    assert tuple(journal.after(last.sequence, 10)) == ()


def test_a_record_says_when_and_where_it_was_made(journal: Journal, clock: FakeClock) -> None:
    clock.advance(1.5)
    clock.reboot()
    body = parse_body(journal.append(event()).body)
    assert (body.at, body.boot, body.monotonic_ns, body.device) == (
        "2026-01-31T12:00:01.500000000Z",
        "boot-2",
        0,
        DEVICE,
    )


def test_two_equal_events_are_two_records(journal: Journal) -> None:
    assert journal.append(event()).id != journal.append(event()).id


@pytest.mark.parametrize(
    "unfit",
    [
        Event(RecordKind.ALERT, (("similarity", float("nan")),)),
        Event(RecordKind.ALERT, (("entry", "a"), ("entry", "b"))),
        Event(RecordKind.ALERT, (), bytes(LARGEST_PICTURE_BYTES + 1)),
    ],
    ids=["not-a-number", "stated-twice", "picture-too-large"],
)
def test_an_event_that_cannot_be_kept_fails_as_a_broken_store_does_and_leaves_no_trace(
    journal: Journal, unfit: Event
) -> None:
    journal.append(event())
    before = journal.head()
    with pytest.raises(StoreError, match="alert event cannot be kept"):
        journal.append(unfit)
    assert (journal.head(), journal.append(event()).sequence) == (before, 1)


def test_the_newest_of_a_kind_come_first_and_none_that_is_too_old(journal: SealedJournal | MemoryJournal) -> None:
    kinds = (RecordKind.ALERT, RecordKind.STOP, RecordKind.ALERT, RecordKind.ALERT, RecordKind.START)
    appended = [journal.append(Event(kind, (("kind", "alert"),))) for kind in kinds]
    assert tuple(journal.newest(RecordKind.ALERT, 1, 10)) == (appended[3], appended[2])
    assert tuple(journal.newest(RecordKind.ALERT, 0, 1)) == (appended[3],)
    assert tuple(journal.newest(RecordKind.ALERT, 4, 10)) == ()
