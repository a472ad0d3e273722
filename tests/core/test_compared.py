"""Which reference speaks for an entry, how it lies, and which of many are looked at closely."""

from dataclasses import replace
from datetime import date

import numpy as np

from lapel.core.agreement import Agreement
from lapel.core.calibrate import STILL, Likeness
from lapel.core.compared import Compared, better, likeliest, likeness
from lapel.core.geometry import Box
from lapel.core.things import Entry, Features, Geometry, Kind, Reference

BOX = Box(0, 0, 8, 8)
BARE = Likeness(0.5, 0, 0.0)
ALL_OVER = replace(STILL, in_middle=False)


def compared(like: Likeness = BARE, entry_id: str = "thing", place: int = 0) -> Compared:
    entry = Entry(entry_id, entry_id.title(), Kind.BAG, "stolen", "C-1", "Customs", date(2026, 12, 1))
    features = Features(np.zeros((1, 2), np.float32), np.zeros((1, 8), np.int8), 200, 100)
    reference = Reference(entry_id, np.zeros((1, 4), np.int8), np.zeros((0, 4), np.int8), features, b"jpeg")
    return Compared(entry, place, reference, like, None)


def test_corners_around_a_references_middle_count_as_far_as_the_rule_asks_for_it() -> None:
    found = Agreement(40.0, BOX, in_middle=0.25)
    assert compared().with_print(found, STILL).likeness.printed == 10
    assert compared().with_print(found, ALL_OVER).likeness.printed == 40


def test_details_around_it_do_so_too() -> None:
    geometry = Geometry(40, 0.5, BOX, in_middle=0.25)
    assert likeness(0.5, geometry, STILL).share == 0.125
    assert likeness(0.5, geometry, ALL_OVER).share == 0.5


def test_what_a_second_look_shows_less_of_stays_as_it_was() -> None:
    once = compared().with_print(Agreement(40.0, BOX), STILL)
    assert once.with_print(Agreement(30.0, Box(1, 1, 2, 2)), STILL) is once
    assert once.with_print(None, STILL) is once


def test_the_reference_speaks_whose_details_count_for_more_not_who_has_more_of_them() -> None:
    shelf = compared(Likeness(0.5, 100, 0.01, resemblance=0.9), place=1)
    thing = compared(Likeness(0.4, 30, 0.5, resemblance=0.9), place=2)
    for one, other in ((shelf, thing), (thing, shelf)):
        found = better(one, other, STILL)
        assert (found.place, found.likeness.similarity) == (2, 0.5)


def test_it_lies_as_its_details_say_or_as_its_print_says_where_this_is_more() -> None:
    geometry = Geometry(30, 0.5, BOX, (0.5, 0, 1, 0, 0.5, 2, 0, 0, 1))
    by_details = replace(compared(Likeness(0.5, 30, 0.5)), geometry=geometry)
    print_ = Agreement(20.0, BOX, (90.0, 0, 3, 0, 90, 4, 0, 0, 1))
    few, many = by_details.with_print(print_, STILL), by_details.with_print(replace(print_, corners=40.0), STILL)
    np.testing.assert_array_equal(few.motion(STILL), [[100, 0, 1], [0, 100, 2], [0, 0, 1]])
    np.testing.assert_array_equal(many.motion(STILL), [[90, 0, 3], [0, 90, 4], [0, 0, 1]])
    assert compared().motion(STILL) is None
    assert few.placed(STILL) is geometry
    assert many.placed(STILL) is many.print


def test_an_entry_of_many_references_crowds_out_no_other() -> None:
    ordered = [compared(entry_id="many", place=n) for n in range(9)] + [compared(entry_id="one", place=9)]
    assert [one.place for one in likeliest(ordered, 2)] == [0, 9]
    assert [one.place for one in likeliest(ordered, 4)] == [0, 9, 1, 2]
    assert likeliest(ordered[:1], 4) == ordered[:1]
