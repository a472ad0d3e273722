"""A review as a page: what is added, removed and changed, with its pictures."""

from __future__ import annotations

from lapel.alert.words import Row
from lapel_tools.authority.changes import EntryChange, ListChange
from lapel_tools.authority.review import Review
from lapel_tools.authority.review_words import counted, lines_of
from lapel_tools.report import document as page
from lapel_tools.report.document import Picture

MOST_SHOWN = 2000


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
    body = f'<h2>{page.text(counted(change))}</h2>\n<div class="text">{terms}{page.listing(people)}</div>\n'
    shown = 0
    for words, style, entries in (
        ("Added", "good", change.added),
        ("Changed", "", change.changed),
        ("Removed", "bad", change.removed),
    ):
        for each in entries[: MOST_SHOWN - shown]:
            body += _card(words, style, each)
        shown = min(MOST_SHOWN, shown + len(entries))
    left = len(change.added) + len(change.changed) + len(change.removed) - shown
    if left:
        body += page.paragraph(f"{left} more are not shown here: the terminal lists them all.")
    return f'<section class="part">\n{body}</section>\n'


def _card(words: str, style: str, change: EntryChange) -> str:
    entry = change.entry
    rows = tuple(Row(d.name, f"{d.before or 'nothing'} → {d.after or 'nothing'}") for d in change.differences) or (
        Row("Purpose", entry.purpose),
        Row("Case", entry.case),
        Row("Authority", entry.authority),
        Row("Until", entry.expires.isoformat()),
        Row("Kind", entry.kind.value),
        Row("Owner", entry.owner),
        Row("Contact", entry.contact),
        Row("Check", entry.check),
        Row("Codes", ", ".join(entry.codes)),
    )
    shown = [
        Picture(jpeg, f"A picture of {entry.label}", f"Picture {number + 1}")
        for number, jpeg in enumerate(change.pictures)
    ]
    return (
        f'<article>\n<div class="top">\n{page.tag(words, style)}'
        f"<h3>{page.text(entry.label)} ({page.text(entry.id)})</h3>\n</div>\n"
        f"{page.pictures(*shown)}{page.facts(rows)}</article>\n"
    )
