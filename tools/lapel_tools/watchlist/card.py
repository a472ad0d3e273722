"""An entry on a page: its pictures, and the terms on which it is looked for."""

from __future__ import annotations

from lapel.alert.words import Row
from lapel.core.listing import shown_codes
from lapel.core.things import Entry
from lapel_tools.report import document as page
from lapel_tools.report.document import Picture

MOST_SHOWN = 2000
"""Entries on one page: with their pictures they are as much as a browser bears."""


def entry_card(words: str, style: str, entry: Entry, shown: tuple[bytes, ...], instead: tuple[Row, ...] = ()) -> str:
    """A card under a tag of ``words``; rows ``instead`` of its terms where there are any."""
    rows = instead or terms_of(entry)
    pictures = page.pictures(
        *(Picture(jpeg, f"A picture of {entry.label}", f"Picture {n}") for n, jpeg in enumerate(shown, 1))
    )
    return (
        f'<article>\n<div class="top">\n{page.tag(words, style)}'
        f"<h3>{page.text(entry.label)} ({page.text(entry.id)})</h3>\n</div>\n"
        f"{pictures if shown else ''}{page.facts(rows)}</article>\n"
    )


def terms_of(entry: Entry) -> tuple[Row, ...]:
    """What an entry says of itself, a row each; empty ones are left out of a page."""
    return (
        Row("Purpose", entry.purpose),
        Row("Case", entry.case),
        Row("Authority", entry.authority),
        Row("Until", entry.expires.isoformat()),
        Row("Kind", entry.kind.value),
        Row("Owner", entry.owner),
        Row("Contact", entry.contact),
        Row("Check", entry.check),
        Row("Codes", ", ".join(shown_codes(entry))),
    )
