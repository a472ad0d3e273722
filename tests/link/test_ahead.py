"""Which alerts are sent out of their turn."""

from lapel.core.records import Event, RecordKind
from lapel.fakes.clock import FakeClock
from lapel.fakes.journal import MemoryJournal
from lapel.link.ahead import MOST, Ahead


def filled(*kinds: RecordKind) -> MemoryJournal:
    journal = MemoryJournal(FakeClock())
    for kind in kinds:
        journal.append(Event(kind, ()))
    return journal


def sequences(ahead: Ahead, waiting: int) -> list[int]:
    return [record.sequence for record in ahead.alerts(waiting)]


def test_only_alerts_that_would_wait_go_ahead_and_the_newest_first() -> None:
    ahead = Ahead(filled(*[RecordKind.ALERT, RecordKind.STOP] * 4))
    assert sequences(ahead, 2) == [6, 4, 2]


def test_an_alert_goes_ahead_once_over_a_line_and_again_over_the_next() -> None:
    ahead = Ahead(filled(RecordKind.ALERT, RecordKind.ALERT))
    assert sequences(ahead, 0) == [1, 0]
    assert sequences(ahead, 0) == []
    ahead.begin()
    assert sequences(ahead, 1) == [1]


def test_an_alert_that_is_made_while_others_wait_goes_ahead_alone() -> None:
    journal = filled(*[RecordKind.ALERT] * 3)
    ahead = Ahead(journal)
    ahead.alerts(0)
    journal.append(Event(RecordKind.PEOPLE, ()))
    journal.append(Event(RecordKind.ALERT, ()))
    assert sequences(ahead, 1) == [4]


def test_of_very_many_alerts_the_newest_go_ahead() -> None:
    found = sequences(Ahead(filled(*[RecordKind.ALERT] * (MOST + 7))), 0)
    assert found == list(range(MOST + 6, 6, -1))
