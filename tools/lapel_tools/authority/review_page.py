"""A review as a page: what is added, removed and changed, with its pictures."""

from __future__ import annotations

from lapel.alert.words import Row
from lapel_tools.authority.budget import Held
from lapel_tools.authority.changes import EntryChanges, ListChange
from lapel_tools.authority.review import Review
from lapel_tools.authority.review_words import counted, lines_of
from lapel_tools.report import document as page
from lapel_tools.watchlist.card import MOST_SHOWN, entry_card


def review_page(review: Review) -> str:
    """The whole page."""
    lead = page.paragraph("What the proposal changes, opened from what is signed. Whoever signs answers for all of it.")
    body = "".join(_section(change) for change in review.lists)
    if review.people:
        body = page.listing(review.people) + body
    if review.lifted:
        lifted = lines_of(Review((), (), review.lifted))
        body = f"<article>\n{page.tag('Comes back', 'bad')}{page.listing(lifted)}</article>\n" + body
    return page.document("Proposal", lead, body)


def _section(change: ListChange) -> str:
    terms = page.table(
        "The list", ("term", "so far", "proposed"), tuple((d.name, d.before, d.after) for d in change.terms)
    )
    people = tuple(f"comes: {name}, key {key[:16]}" for name, key in change.new_devices) + tuple(
        f"goes: {name}, key {key[:16]}" for name, key in change.gone_devices
    )
    body = f"<h2>{page.text(counted(change))}</h2>\n{_budget(change)}"
    body += f'<div class="text">{terms}{page.listing(people)}</div>\n'
    body += changed_cards(change.entries)
    return f'<section class="part">\n{body}</section>\n'


def _budget(change: ListChange) -> str:
    """How often the list is wrong, marked where it is not known to keep its budget."""
    if change.budget is None:
        return ""
    held = change.budget.held
    mark = "" if held is Held.KEPT else page.tag(f"Budget of false alerts: {held.value}", "bad")
    return mark + page.paragraph(str(change.budget))


def changed_cards(changes: EntryChanges) -> str:
    """Every entry that changes, with its pictures: added, changed, removed."""
    body, shown = "", 0
    for words, style, entries in (
        ("Added", "good", changes.added),
        ("Changed", "", changes.changed),
        ("Removed", "bad", changes.removed),
    ):
        for each in entries[: MOST_SHOWN - shown]:
            rows = tuple(Row(d.name, f"{d.before or 'nothing'} → {d.after or 'nothing'}") for d in each.differences)
            body += entry_card(words, style, each.entry, each.pictures, rows)
        shown = min(MOST_SHOWN, shown + len(entries))
    if left := changes.count - shown:
        body += page.paragraph(f"{left} more are not shown here: the terminal lists them all.")
    return body
