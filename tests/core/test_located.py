"""A thing must not become a tracker of its holder."""

from dataclasses import replace
from datetime import date

import pytest

from lapel.core.located import MOST_LOCATED, Located
from lapel.core.record_body import Stamp, record_of
from lapel.core.records import Event, Record, RecordKind
from lapel.fakes.hit import ENTRY, made_up_hit

DAY = date(2026, 5, 4)
DAY_NS = 1_777_852_800_000_000_000  # 2026-05-04T00:00:00Z
HIT = made_up_hit()
OTHER = made_up_hit(replace(ENTRY, id="crate-18"))


def kept(entry: str, day: int = 0, kind: RecordKind = RecordKind.ALERT) -> Record:
    return record_of(Event(kind, (("entry", entry),)), Stamp("cam-7", 0, DAY_NS + day * 86_400 * 10**9, "boot", 0))


def test_three_sightings_of_an_entry_and_day_are_located_and_no_more() -> None:
    located = Located(lambda: DAY)
    held = [located.held(HIT) for _ in range(5)]
    assert [each.is_located for each in held] == [True, True, True, False, False]
    assert [each.count_today for each in held] == [1, 2, 3, 4, 5]
    assert located.held(OTHER).is_located


def test_a_new_day_and_an_officer_s_answer_each_begin_the_count_anew() -> None:
    days = [DAY]
    located = Located(lambda: days[-1])
    assert [located.held(HIT).is_located for _ in range(4)][-1] is False
    located.answered(ENTRY.id)
    assert [located.held(HIT).is_located for _ in range(4)] == [True, True, True, False]
    days.append(date(2026, 5, 5))
    assert located.held(HIT).is_located
    located.answered("never seen")


def test_a_restart_does_not_begin_the_count_anew() -> None:
    records = [kept(ENTRY.id), kept(ENTRY.id), kept(ENTRY.id, day=-1), kept(ENTRY.id, kind=RecordKind.DECOY)]
    located = Located(lambda: DAY, records)
    assert [located.held(HIT).is_located for _ in range(2)] == [True, False]


def test_on_the_day_on_which_a_journal_was_begun_after_another_every_count_is_full_until_an_answer() -> None:
    days = [DAY]
    located = Located(lambda: days[-1], [kept(ENTRY.id)], begun_on=DAY)
    assert [located.held(each).is_located for each in (HIT, OTHER)] == [False, False]
    located.answered(ENTRY.id)
    assert [located.held(HIT).is_located for _ in range(4)] == [True, True, True, False]
    assert not located.held(OTHER).is_located
    days.append(date(2026, 5, 5))
    assert located.held(OTHER).is_located
    assert Located(lambda: date(2026, 5, 5), begun_on=DAY).held(OTHER).is_located


def test_what_is_kept_beyond_the_third_has_no_place_time_or_picture() -> None:
    located = Located(lambda: DAY, [kept(ENTRY.id)] * MOST_LOCATED)
    event = located.bare_event(located.held(HIT), ("list-1", 4))
    assert event.kind is RecordKind.ALERT
    assert event.picture == b""
    assert {name for name, _ in event.facts} == {"entry", "day", "count_today", "located", "list_id", "list_version"}
    assert dict(event.facts)["day"] == "2026-05-04"
    assert dict(event.facts)["count_today"] == MOST_LOCATED + 1


def test_one_record_stands_for_all_beyond_the_third_until_a_new_day_or_an_answer() -> None:
    days = [DAY]
    located = Located(lambda: days[-1], [kept(ENTRY.id)] * MOST_LOCATED)
    fourth, record = located.held(HIT), kept(ENTRY.id)
    assert located.stands_for(fourth) is None
    located.kept(fourth, record)
    assert located.stands_for(located.held(HIT)) is record
    located.answered(ENTRY.id)
    *_, again = (located.held(HIT) for _ in range(4))
    assert located.stands_for(again) is None
    located.kept(again, record)
    days.append(date(2026, 5, 5))
    *_, next_day = (located.held(HIT) for _ in range(4))
    assert located.stands_for(next_day) is None


@pytest.mark.parametrize("entry", [ENTRY.id, "crate-18"])
def test_entries_are_counted_apart(entry: str) -> None:
    located = Located(lambda: DAY, [kept(ENTRY.id)] * MOST_LOCATED)
    assert located.held(made_up_hit(replace(ENTRY, id=entry))).is_located is (entry != ENTRY.id)
