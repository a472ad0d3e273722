"""The transparency report as a page that anybody can read."""

from __future__ import annotations

from lapel.alert.words import Row
from lapel_tools.report.document import document, facts, paragraph, table, text
from lapel_tools.report.transparency import AppliedList, Crowds, Transparency, TreeHead

_RECOMPUTE = (
    "Every figure is counted from the audited records of the devices below, of those days (UTC, both included), and "
    "from nothing else. Each tree was examined first. Whoever holds the records of a device can compute its root "
    "(RFC 6962) and this page again, to the byte."
)
_NO_ANSWERS = "no answers recorded"


def transparency_page(report: Transparency) -> str:
    """The page. The same report gives the same bytes."""
    span = f"{report.first_day} to {report.last_day}"
    lead = paragraph(_RECOMPUTE, "quiet")
    parts = (
        ("What was seen", facts(_seen(report))),
        ("What was told", facts(_told(report))),
        ("What was looked for", _lists(report.lists)),
        ("What left the devices, and what was deleted", facts(_kept(report))),
        ("Crowds", facts(_crowds(report.crowds))),
        ("What was counted from", _sources(report)),
    )
    body = "".join(
        f'<article>\n<div class="top"><h2 class="small">{text(title)}</h2></div>\n<div class="text">\n{markup}</div>\n'
        "</article>\n"
        for title, markup in parts
    )
    return document(f"Transparency report, {span}", lead, body)


def _seen(report: Transparency) -> tuple[Row, ...]:
    frames = report.frames
    uncounted = sum(tree.withheld + tree.unreadable for tree in report.trees)
    unended = report.watches_begun - report.watches_ended
    return (
        Row("Frames", f"{frames['seen']:,} seen, {frames['looked_at']:,} looked at"),
        Row(
            "Dropped, never looked at",
            f"{report.frames_dropped:,}: {frames['overtaken']:,} overtaken by newer ones, {frames['unredactable']:,} "
            f"in which faces could not be destroyed, {frames['late']:,} redacted too late, {frames['stopped']:,} at "
            "the end",
        ),
        Row("Watches", f"{report.watches_begun} begun, {report.watches_ended} ended"),
        Row(
            "Not counted",
            f"up to ten minutes of frames and people of each of the {unended} watches that did not end"
            if unended > 0
            else "",
        ),
        Row("Records not counted", f"{uncounted:,}: see what was counted from" if uncounted else ""),
    )


def _told(report: Transparency) -> tuple[Row, ...]:
    return (
        Row("Alerts", f"{report.alerts}, {report.alerts_of_codes} of them by a code"),
        Row("Different entries", f"{report.entries_alerted}"),
        Row("With place, time and picture", f"{report.alerts_located}; of all others of a day one record"),
        Row("Officers answered", _NO_ANSWERS if report.answers is None else _counts(report.answers, _NO_ANSWERS)),
        Row("Known to be wrong", f"{report.decoys_hit} hits on entries that cannot be met, which nobody was shown"),
        Row("Fell silent", f"{report.silenced} times, after too many of those, or wrong alerts of several entries"),
        Row("Entries that fell silent", f"{report.entries_silenced}, after wrong alerts"),
    )


def _kept(report: Transparency) -> tuple[Row, ...]:
    return (
        Row("Clips", f"{report.clips_made} made around alerts"),
        Row("Exports", _counts(report.exports, "none")),
        Row("Deletions", _counts(report.purges, "none")),
        Row(
            "Given up by devices for want of room",
            f"what {report.records_given_up:,} records say, or their pictures, once a station had them"
            if report.records_given_up
            else "nothing",
        ),
        Row("Refused", f"{report.refusals} lists, messages or withdrawals that were not trusted"),
    )


def _crowds(crowds: Crowds) -> tuple[Row, ...]:
    if not crowds.minutes:
        return (Row("People", "no minute was counted"),)
    return (
        Row(
            "Counted", f"{crowds.minutes:,} minutes; of each the most people in any one frame, and nothing else of them"
        ),
        Row("Most", f"{crowds.highest}"),
        Row("Median", f"{crowds.median:g}"),
        Row("Minutes without anybody", f"{crowds.minutes_without:,}"),
    )


def _lists(lists: tuple[AppliedList, ...]) -> str:
    if not lists:
        return paragraph("No list was applied in these days.")
    sizes = tuple(
        (
            f"{each.list_id}, version {each.version}",
            str(each.entries),
            str(each.references),
            each.first_applied,
            each.expires,
        )
        for each in lists
    )
    shown = table("Lists", ("List", "Entries", "Pictures", "First applied", "Expires"), sizes)
    for each in lists:
        name = f"Entries of {each.list_id}, version {each.version}, by purpose and authority"
        if each.terms is None:
            shown += paragraph(f"{name}: not recorded when it was applied.")
        else:
            rows = tuple((purpose, authority, str(count)) for purpose, authority, count in each.terms)
            shown += table(name, ("Purpose", "Authority", "Entries"), rows)
    return shown


def _sources(report: Transparency) -> str:
    rows = tuple(Row(tree.device or "(none)", _number(tree)) for tree in report.trees)
    kinds = tuple((kind, str(count)) for kind, count in report.records_by_kind.items())
    return facts(rows) + table("Records counted, by kind", ("Kind", "Records"), kinds)


def _number(tree: TreeHead) -> str:
    withheld = f"; what {tree.withheld} of them say is not held, and not counted" if tree.withheld else ""
    unreadable = f"; {tree.unreadable} say what no record of their kind does, and are not counted"
    counted = f"{tree.in_range} of {tree.records} records; root over all of them {tree.root}{withheld}"
    return f"{counted}{unreadable if tree.unreadable else ''}"


def _counts(counts: dict[str, int], none: str) -> str:
    return "; ".join(f"{count} ({what})" for what, count in counts.items()) or none
