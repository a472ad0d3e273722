"""What an alert says, in words that the console and the page share."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lapel.core.signs import is_valid as is_sign

if TYPE_CHECKING:  # the officer's page uses words alone, and has no room for numpy
    from lapel.core.calibration import Calibration
    from lapel.core.listed import Listed
    from lapel.core.records import Record
    from lapel.core.things import Expected, Geometry, Hit

HEADLINE = "Possible match to check"
NOT_PROOF = "Not proof. Check the thing itself before you act."
NOT_LOCATED = "now; where is kept no more today, until somebody has said whether it is this thing"
NOT_RECORDED = "NOT RECORDED: the journal is broken"

# Beyond it a figure from some hundreds of looks says no more than that it is seldom.
_LONGEST_HOURS = 10_000

LONGEST_TEXT = 400  # characters; a label that fills the screen would hide what to check

# Joiners that ordinary words of some scripts need; every other invisible character is shown as U+FFFD.
_KEPT_INVISIBLE = frozenset("\u200c\u200d")
_REPLACED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

# From which multiple of the decision's threshold which word is used; the product's own wording, not a measurement.
_WORDS_FROM = ((3.0, "strong"), (1.5, "clear"), (0.0, "just enough"))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an alert: what it is about, and what it says."""

    name: str
    text: str


def plain(text: str) -> str:
    """Text as one short line that cannot steer a terminal or turn a line around.

    Tabs and line breaks become spaces; escape sequences lose their escape, and bidirectional overrides and other
    invisible characters show as U+FFFD (CWE-150, CVE-2021-42574).
    """
    line = " ".join(text.split())
    shown = "".join("\ufffd" if unicodedata.category(c) in _REPLACED and c not in _KEPT_INVISIBLE else c for c in line)
    return shown if len(shown) <= LONGEST_TEXT else shown[: LONGEST_TEXT - 1] + "…"


def title(hit: Hit) -> str:
    """What the thing may be, in the words of whoever listed it."""
    return plain(hit.entry.label) or plain(hit.entry.id)


def moment(hit: Hit) -> str:
    """When it was seen, in stream time."""
    return f"{hit.sighting.at_s:.2f} s into the stream, frame {hit.sighting.frame}"


def evidence(hit: Hit) -> str:
    """Why Lapel thinks so, in words; never a raw similarity, which nobody can judge."""
    if is_sign(hit.code):
        return f"its symbol was seen: {plain(hit.code)}"
    if hit.code:
        return f"its code was read: {plain(hit.code)}"
    strength = next(word for least, word in _WORDS_FROM if hit.match.evidence >= least or least == 0.0)
    if hit.match.geometry is None:
        return f"{strength} agreement of its looks"
    return f"{strength} agreement: {_details(hit.match.geometry)}"


def false_alerts(hit: Hit) -> str:
    """How often the list is expected to be wrong, or that nobody knows."""
    if hit.code:
        return "not measured for codes"
    return rate(hit.expected)


def said_of_false_alerts(gallery: Listed) -> str:
    """How often a list is wrong, and since when nobody knows."""
    return said_of_calibration(gallery.calibration, gallery.expected())


def said_of_calibration(calibration: Calibration | None, expected: Expected | None) -> str:
    """The same of a list that is not in memory."""
    why = f"; it was {calibration.why_stale}" if calibration is not None and expected is None else ""
    return f"false alerts: {rate(expected)}{why}"


def rate(expected: Expected | None) -> str:
    """How often false alerts are expected, with the ends of the interval."""
    if expected is None:
        return "how often this list is wrong is not known: it was not calibrated as it is"
    ends = f"1 in {hours(expected.at_most_per_hour)} to 1 in {hours(expected.at_least_per_hour)} (95%)"
    once = f"about 1 in {hours(expected.per_hour)}, {ends}"
    return f"{once}, with {expected.entries} listed by looks, in scenes like those measured"


def hours(per_hour: float) -> str:
    """The time in which one is expected, in words that do not claim more than two digits."""
    if per_hour <= 1 / _LONGEST_HOURS:
        return f"more than {_LONGEST_HOURS:,} hours"
    apart_s = 3600 / per_hour
    if apart_s < 60:
        return _counted(max(1, round(apart_s)), "second")
    if apart_s < 3600:
        return _counted(round(apart_s / 60), "minute")
    shown = float(f"{apart_s / 3600:.2g}")
    return f"{shown:,.0f} hours" if shown >= 10 else _counted(shown, "hour")


def _counted(number: float, unit: str) -> str:
    return f"{number:g} {unit}{'' if number == 1 else 's'}"


def rows(hit: Hit, record: Record | None) -> tuple[Row, ...]:
    """Everything beside the title that the officer needs, most needed first; empty terms are left out."""
    entry, box = hit.entry, hit.match.box
    listed = "; ".join(
        part
        for part in (
            plain(entry.purpose),
            f"case {plain(entry.case)}" if entry.case else "",
            f"authority: {plain(entry.authority)}" if entry.authority else "",
        )
        if part
    )
    found = (
        Row("What to check", plain(entry.check)),
        Row("Why listed", listed),
        Row("Listed until", f"{entry.expires.isoformat()} (UTC)"),
        Row("Owner", plain(entry.owner)),
        Row("Contact", plain(entry.contact)),
        Row("Seen", moment(hit) if hit.is_located else NOT_LOCATED),
        Row("Where", f"x {box.x0} to {box.x1}, y {box.y0} to {box.y1} px of the frame" if hit.is_located else ""),
        Row("Evidence", evidence(hit)),
        Row("False alerts", false_alerts(hit)),
        Row("Entry", f"{plain(entry.id)} ({entry.kind.value})"),
        Row("Record", recorded(record, hit.is_located)),
    )
    return tuple(row for row in found if row.text)


def recorded(record: Record | None, is_located: bool = True) -> str:
    """Where the journal keeps the hit, or that it does not."""
    if record is None:
        return NOT_RECORDED
    if not is_located:
        return f"no. {record.sequence}, {plain(record.id)}"
    return f"no. {record.sequence}, {plain(record.at)}, {plain(record.id)}"


def _details(geometry: Geometry) -> str:
    """How many of the reference's details lie in one piece on what was seen."""
    return f"{geometry.inliers} details of the reference line up, {geometry.share:.0%} of those it has"
