"""What a watchlist must say to be one: each entry with its reason and its end, each reference whole.

Asked when a list is sealed and again when it is read, so that no other way of making one gets around it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from lapel.core.codes import why_never_read
from lapel.core.gallery import LONGEST_LISTING_DAYS, Gallery
from lapel.core.listed import Listed, Preface, Terms
from lapel.core.things import Entry, Reference

LARGEST_REFERENCE_PICTURE_BYTES = 64 * 1024
LONGEST_ID = 128
_FIRST_YEAR, _LAST_YEAR = 2020, 2100


def flaws(gallery: Gallery) -> tuple[str, ...]:
    """Why a gallery must not be used as a watchlist, each naming the entry, the value and the rule; () when it may."""
    inspection = Inspection(gallery.preface)
    return (*inspection.flaws_of(gallery.entries, gallery.references), *inspection.at_end())


class Inspection:
    """Looks through a list part by part: entries come together with all references of theirs, and an id once."""

    def __init__(self, preface: Preface) -> None:
        self._preface = preface
        self._widths: set[tuple[tuple[int, ...], tuple[int, ...]]] = set()
        self._missing = set(preface.decoys)

    def flaws_of(self, entries: Sequence[Entry], references: Iterable[Reference]) -> Iterator[str]:
        """What is wrong with a part."""
        listed = {entry.id for entry in entries}
        self._missing -= listed
        if len(listed) < len(entries):
            for entry_id, count in Counter(entry.id for entry in entries).items():
                if count > 1:
                    yield f"entry {entry_id!r}: listed {count} times; an id belongs to one entry"
        for entry in entries:
            yield from _of_entry(entry, self._preface.terms)
        for reference in references:
            self._widths.add((reference.descriptors.shape[1:], reference.aggregates.shape[1:]))
            if reference.entry_id not in listed:
                yield f"entry {reference.entry_id!r}: has a reference but is not listed"
            yield from _of_reference(reference)

    def at_end(self) -> Iterator[str]:
        """What is wrong with the list as a whole, once each part was looked through."""
        yield from _of_terms(self._preface.terms)
        if not self._preface.model_sha256 and self._widths:
            yield "references name no model; enrol them again"
        if len(self._widths) > 1:
            yield f"references have descriptors of different lengths {sorted(self._widths)}; enrol them again"
        for decoy in sorted(self._missing):
            yield f"entry {decoy!r}: is a decoy but is not listed"


def flaws_of_terms(terms: Terms) -> tuple[str, ...]:
    """What no list may say of itself."""
    return tuple(_of_terms(terms))


def flaws_of_entry(entry: Entry, terms: Terms) -> tuple[str, ...]:
    """Why an entry may not stand on a list of these terms."""
    return tuple(_of_entry(entry, terms))


def flaws_of_codes(entry: Entry) -> tuple[str, ...]:
    """Which codes of an entry are never read, and why. None is repeated: it may hold a person's data."""
    reasons = ((number, why_never_read(code)) for number, code in enumerate(entry.codes, 1))
    return tuple(f"its code {number} is {reason}" for number, reason in reasons if reason is not None)


def shown_codes(entry: Entry) -> tuple[str, ...]:
    """An entry's codes for people to read: one that is never read is not repeated, either."""
    return tuple(
        code if why_never_read(code) is None else f"(code {number}, not shown)"
        for number, code in enumerate(entry.codes, 1)
    )


def flaws_of_reference(reference: Reference) -> tuple[str, ...]:
    """Why a reference may not stand on any list."""
    return tuple(_of_reference(reference))


def flaws_of_expiries(expires: NDArray[np.int32], terms: Terms) -> tuple[str, ...]:
    """Whether any of the last days (``date.toordinal``) i32[n] may not stand on a list of these terms."""
    if not _FIRST_YEAR <= terms.created.year <= _LAST_YEAR:
        return ()  # said of the list already
    made = terms.created.toordinal()
    wrong = np.flatnonzero(np.abs(expires.astype(np.int64) - made) > LONGEST_LISTING_DAYS)
    return tuple(
        f"entry number {number}: ends over {LONGEST_LISTING_DAYS} days from when the list was made ({terms.created})"
        for number in wrong[:1]
    )


def summary(listed: Listed, today: date) -> tuple[str, ...]:
    """The findings of a list of any length in a few lines, none of its entries read."""
    census, count = listed.census(), listed.entry_count
    expired, empty = count - census.current(today), census.empty()
    counted = ((expired, "expired and cannot match"), (empty, "have neither a picture nor a code"))
    entries = [f"{number} of {count} entries {what}" for number, what in counted if number]
    return (*_of_list(listed, today), *entries)


def findings(listed: Listed, today: date) -> tuple[str, ...]:
    """What someone should know before using a list that may be used: each a line."""
    found = list(_of_list(listed, today))
    for number, can_match in enumerate(listed.census().can_match):
        entry = listed.entry_at(number)
        if not entry.is_current(today):
            found.append(f"entry {entry.id!r}: expired on {entry.expires}; it cannot match, and may be taken off")
        if not can_match:
            found.append(f"entry {entry.id!r}: has neither a picture nor a code; it cannot match")
        found += [
            f"entry {entry.id!r}: {flaw}; it is never read, and may be taken off" for flaw in flaws_of_codes(entry)
        ]
    return tuple(found)


def _of_list(listed: Listed, today: date) -> Iterator[str]:
    terms = listed.terms
    if terms.expires < today:
        yield f"list {terms.list_id!r}: expired on {terms.expires}; nothing on it can match"
    if terms.created > today:
        yield f"list {terms.list_id!r}: made on {terms.created}, which is to come; check this machine's clock"
    found = listed.calibration
    if found is not None and not found.holds_for(terms.version):
        yield f"list {terms.list_id!r}: was {found.why_stale}; its false alerts are not known: calibrate it again"
    if not listed.entry_count:
        yield f"list {terms.list_id!r}: has no entry"


def _of_terms(terms: Terms) -> Iterator[str]:
    name = f"list {terms.list_id!r}"
    if not _is_line(terms.list_id, LONGEST_ID):
        yield f"{name}: its id must be 1 to {LONGEST_ID} printable characters"
    if terms.version < 1:
        yield f"{name}: version {terms.version}; versions count from 1"
    if not _FIRST_YEAR <= terms.created.year <= _LAST_YEAR:
        yield f"{name}: created {terms.created}, which is no date of a list; check the clock that made it"
    elif not terms.created <= terms.expires <= _last_day(terms):
        yield f"{name}: expires {terms.expires}, not within {LONGEST_LISTING_DAYS} days after {terms.created}"


def _of_entry(entry: Entry, terms: Terms) -> Iterator[str]:
    name = f"entry {entry.id!r}"
    if not _is_line(entry.id, LONGEST_ID):
        yield f"{name}: an id is 1 to {LONGEST_ID} printable characters"
    for field in ("label", "purpose", "case", "authority"):
        if not str(getattr(entry, field)).strip():
            yield f"{name}: no {field}; every entry must say what it is, what for, under which case and authority"
    for text in (entry.label, entry.purpose, entry.case, entry.authority, entry.owner, entry.contact, entry.check):
        if text and not _is_line(text, 1000):
            yield f"{name}: text {text[:40]!r} is over 1000 characters or not printable"
    yield from _of_expiry(name, entry.expires, terms)


def _of_expiry(name: str, expires: date, terms: Terms) -> Iterator[str]:
    if not _FIRST_YEAR <= terms.created.year <= _LAST_YEAR:
        return  # said of the list already
    if expires > _last_day(terms):
        yield f"{name}: expires {expires}, over {LONGEST_LISTING_DAYS} days after the list was made ({terms.created})"
    if expires < terms.created - timedelta(days=LONGEST_LISTING_DAYS):
        yield f"{name}: expires {expires}, which is no date for a list made on {terms.created}"


def _of_reference(reference: Reference) -> Iterator[str]:
    name = f"entry {reference.entry_id!r}"
    descriptors, aggregates = reference.descriptors, reference.aggregates
    if descriptors.ndim != 2 or not descriptors.size or aggregates.ndim != 2:
        yield f"{name}: a reference has no descriptor; enrol its picture again"
    elif not bool(descriptors.any(axis=1).all() and aggregates.any(axis=1).all()):
        yield f"{name}: a reference's descriptor is all zero, which is no direction; enrol its picture again"
    points, features = reference.features.points, reference.features.descriptors
    if points.shape != (len(features), 2) or features.ndim != 2 or not bool(np.isfinite(points).all()):
        yield f"{name}: a reference's local features are broken; enrol its picture again"
    if not 0 < len(reference.picture) <= LARGEST_REFERENCE_PICTURE_BYTES:
        yield (
            f"{name}: a reference's picture has {len(reference.picture)} bytes, "
            f"not 1 to {LARGEST_REFERENCE_PICTURE_BYTES}"
        )


def _last_day(terms: Terms) -> date:
    return terms.created + timedelta(days=LONGEST_LISTING_DAYS)


def _is_line(text: str, longest: int) -> bool:
    """Whether text can be shown on a terminal and in a log as it is."""
    return 0 < len(text) <= longest and text.isprintable() and bool(text.strip())
