"""Whether what a record says is what its kind says. A station keeps whatever a device signed, so that one device could
make a whole fleet's report fail: of what cannot be read nothing is counted but that there is such. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date

from lapel.core.crowd import counts_by_minute
from lapel.core.feedback import Answer
from lapel.core.purging import purged_by
from lapel.core.record_body import Body
from lapel.core.records import Fact, RecordKind

FRAMES = ("seen", "looked_at", "overtaken", "unredactable", "late", "stopped")
_SIZES = ("version", "entries", "decoys", "references")
_MOST = 2**53
"""What every reader of JSON takes for exactly this number (RFC 8259 §6)."""

_Facts = Mapping[str, Fact]


def day_of(record: Body) -> date | None:
    """The day (UTC) on which a record says that it was made; None where it says none."""
    try:
        day = date.fromisoformat(record.at[:10])
    except ValueError:
        return None
    return day if record.at[:10] == day.isoformat() else None


def is_readable(record: Body) -> bool:
    """Whether it can be counted: it has a day, and each of its facts that a report counts is of its kind."""
    if day_of(record) is None or (record.kind is RecordKind.JOURNAL and not _is_journal(record)):
        return False
    try:
        check = _CHECKS.get(record.kind)
        return check is None or check(dict(record.facts))
    except (KeyError, TypeError, ValueError, RecursionError):
        return False


def terms_of(said: Fact) -> tuple[tuple[str, str, int], ...] | None:
    """Purposes, authorities and numbers of entries, as the record of a list says them; None where it does not.

    Raises: TypeError, ValueError, RecursionError for what no Lapel wrote.
    """
    if said is None:
        return None
    if not isinstance(said, str):
        raise TypeError("not text")
    return tuple(_term(*row) for row in json.loads(said))


def _term(purpose: object, authority: object, count: object) -> tuple[str, str, int]:
    if not (isinstance(purpose, str) and isinstance(authority, str) and type(count) is int and _is_count(count)):
        raise TypeError("no purpose, authority and count")
    f"{purpose}{authority}".encode()  # half of a pair of surrogates is no text
    return purpose, authority, count


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= _MOST


def _are_counts(facts: _Facts, names: tuple[str, ...]) -> bool:
    """Of those that are there: an older Lapel said less."""
    return all(_is_count(facts[name]) for name in names if name in facts)


def _is_list(facts: _Facts) -> bool:
    terms_of(facts.get("listed"))
    return _are_counts(facts, _SIZES)


def _is_answer(facts: _Facts) -> bool:
    return isinstance(facts["alert"], str) and facts["answer"] in [each.value for each in Answer]


def _is_of_people(facts: _Facts) -> bool:
    return all(count is None or _is_count(count) for count in counts_by_minute(str(facts.get("people_by_minute", ""))))


def _is_journal(record: Body) -> bool:
    purged = purged_by(record)
    return purged is None or 0 <= purged.first <= purged.last < record.sequence


_CHECKS: dict[RecordKind, Callable[[_Facts], bool]] = {
    RecordKind.DROPPED: lambda facts: _are_counts(facts, FRAMES),
    RecordKind.LIST: _is_list,
    RecordKind.ANSWER: _is_answer,
    RecordKind.PEOPLE: _is_of_people,
}
