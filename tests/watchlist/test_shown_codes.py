"""A code that holds a person's data, on a list made elsewhere: no page, table or JSON repeats it."""

import json
from dataclasses import replace
from datetime import date

from lapel.core.things import Entry, Kind
from lapel_tools.watchlist.card import terms_of
from lapel_tools.watchlist.exported import _table
from lapel_tools.watchlist.show import entry_facts

BOOK, CARD = "9783161484100", "BEGIN:VCARD\nN:Doe;Jane"
LISTED = Entry("it", "It", Kind.OTHER, "lost", "C-1", "Court", date(2026, 12, 1), codes=(CARD, BOOK))


def test_a_code_about_a_person_is_not_shown() -> None:
    for shown in (json.dumps(entry_facts(LISTED)), str(terms_of(LISTED)), _table([(LISTED, ())])):
        assert BOOK in shown
        assert "Jane" not in shown
    assert "(code 1, not shown)" in str(terms_of(LISTED))


def test_codes_of_things_are_shown_as_they_are() -> None:
    assert entry_facts(replace(LISTED, codes=(BOOK,)))["codes"] == [BOOK]
