"""Which checkpoints a link offers, and how it tells how many records wait."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lapel.core.chain import range_over
from lapel.core.checkpoint import parse_checkpoint
from lapel.core.records import Event, Head, RecordKind
from lapel.core.signed_note import parse_note
from lapel.fakes.clock import FakeClock
from lapel.link.acks import Ack
from lapel.link.events import CloudEvent
from lapel.link.offers import offer_in
from lapel.link.witnessing import Witnessing
from lapel.store.journal import SealedJournal
from lapel.store.keys import FileKey
from lapel.store.signing import key_of_device
from sync_rig import DEVICE, Notebook

PATIENCE_S = 3600.0


class Device:
    """A journal, and what offers it; ``notes`` are those that the station signed."""

    def __init__(self, state: Path) -> None:
        self.state, self.keys = state, FileKey.create(state / "device.key")
        self.journal = SealedJournal(state / "journal.db", self.keys, FakeClock(), DEVICE)
        self.book, self.notes = Notebook(), list[str]()

    def write(self, count: int) -> None:
        """Append records, and sign the head."""
        self.journal.append_all(Event(RecordKind.DELIVERY, (("number", n),)) for n in range(count))
        self.journal.checkpoint()

    def witnessing(self, patience_s: float = PATIENCE_S, clock: FakeClock | None = None) -> Witnessing:
        """A line that just began."""
        clock = clock or FakeClock()
        last = self.notes[-1] if self.notes else ""
        found = Witnessing(
            self.journal,
            lambda: key_of_device(self.state, DEVICE, self.keys),
            f"/lapel/depot/{DEVICE}",
            last,
            self.notes.append,
            self.book,
            patience_s,
            lambda: clock.monotonic_ns() / 1e9,
        )
        found.begin()
        return found

    def answer(self, size: int, note: str = "") -> Ack:
        """What a station says that holds so many records."""
        return Ack(Head(size, range_over(()).root()), witness=note)


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    found = Device(tmp_path)
    with found.journal:
        yield found


def sizes(event: CloudEvent | None) -> tuple[int, int]:
    """How many records an offer's head covers, and how many it says that there are."""
    assert event is not None
    offer = offer_in(event.data)
    return parse_checkpoint(parse_note(offer.note).text).head.size, offer.kept


def let_go(device: Device) -> Witnessing:
    """A line whose first offer, over 600 records, had no answer in time."""
    device.write(300)
    device.write(300)
    clock = FakeClock()
    line = device.witnessing(clock=clock)
    line.offer(0)
    clock.advance(PATIENCE_S)
    return line


def test_a_new_line_begins_with_how_many_records_there_are(device: Device) -> None:
    device.write(700)
    device.write(20)
    assert sizes(device.witnessing().offer(0)) == (720, 720)


def test_where_no_record_waits_a_new_line_says_nothing(device: Device) -> None:
    device.write(20)
    first = device.witnessing()
    note = offer_in(event.data).note if (event := first.offer(20)) else ""
    first.heard(device.answer(20, note))
    assert device.witnessing().offer(20) is None


def test_a_head_over_records_that_the_station_has_not_yet_is_offered_again_when_it_has(device: Device) -> None:
    device.write(300)
    device.write(300)
    line = device.witnessing()
    assert sizes(line.offer(0)) == (600, 600)
    line.heard(device.answer(0))
    assert line.offer(50) is None
    assert sizes(line.offer(300)) == (300, 600)
    line.heard(device.answer(300, str(device.journal.checkpoints(0, 1)[0])))
    assert sizes(line.offer(600)) == (600, 600)
    assert device.book.names() == []


def test_a_station_that_signs_nothing_is_said_once_and_offered_the_same_no_more(device: Device) -> None:
    device.write(20)
    line = device.witnessing()
    line.offer(20)
    line.heard(device.answer(20))
    assert (line.offer(20), device.book.names()) == (None, ["not_witnessed"])


def test_an_offer_that_was_lost_holds_no_later_one_up_and_is_not_repeated_for_ever(device: Device) -> None:
    device.write(300)
    device.write(300)
    line = device.witnessing(patience_s=0.0)
    offers = [line.offer(acked) for acked in (0, 300, 300, 600, 600)]
    assert [sizes(each)[0] if each else None for each in offers] == [600, 300, None, 600, None]


def test_a_late_answer_is_not_taken_for_that_to_the_next_offer(device: Device) -> None:
    line = let_go(device)
    assert sizes(line.offer(300)) == (300, 600)
    line.heard(device.answer(300))
    assert (line.is_waiting(), device.book.names()) == (True, [])
    line.heard(device.answer(300, str(device.journal.checkpoints(0, 1)[0])))
    assert (line.is_waiting(), device.book.names()) == (False, [])
    assert sizes(line.offer(600)) == (600, 600)


def test_a_late_signature_is_kept_and_the_next_offer_is_still_under_way(device: Device) -> None:
    device.write(300)
    clock = FakeClock()
    line = device.witnessing(clock=clock)
    line.offer(300)
    clock.advance(PATIENCE_S)
    device.write(300)
    assert sizes(line.offer(600)) == (600, 600)
    first, second = (str(note) for note in device.journal.checkpoints(0, 2))
    line.heard(device.answer(600, first))
    assert (line.is_waiting(), device.notes) == (True, [first])
    line.heard(device.answer(600, second))
    assert (line.is_waiting(), device.notes, device.book.names()) == (False, [first, second], [])


def test_a_station_that_signed_what_was_offered_earlier_is_not_said_to_sign_nothing(device: Device) -> None:
    line = let_go(device)
    assert sizes(line.offer(300)) == (300, 600)
    note = str(device.journal.last_checkpoint())
    line.heard(device.answer(600, note))
    line.heard(device.answer(600, note))
    assert (line.offer(600), device.book.names()) == (None, [])


def test_a_station_that_signs_nothing_is_still_heard_after_an_offer_that_was_lost(device: Device) -> None:
    line = let_go(device)
    line.offer(300)
    for _ in range(2):
        line.heard(device.answer(300))
    assert (line.offer(300), device.book.names()) == (None, ["not_witnessed"])
