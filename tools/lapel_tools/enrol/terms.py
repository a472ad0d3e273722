"""The terms under which a thing may be listed: refused where they are missing or absurd."""

from __future__ import annotations

import re
from datetime import date, timedelta

from lapel.core.codes import BUILT_LIKE_A_PLATE, why_unlistable
from lapel.core.gallery import LONGEST_LISTING_DAYS
from lapel.core.things import Entry
from lapel.errors import EnrolmentRefused

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,63}")
_MANDATORY = ("label", "purpose", "case", "authority")
_LONGEST_TERM = 500
"""Characters of one term. An alert shows them all, on a small screen."""

_OTHERWISE = "correct it, or list the thing's own serial, GTIN, ISBN or container number, or its pictures"
_IF_A_SERIAL = (
    "if it is a short serial, write the whole of it as its barcode holds it, with the maker's prefix, such as "
    "SN-47110815 (what is as short as SN-123 looks like a plate of a place called SN, too); where the barcode holds no "
    "more, list the thing's GTIN or its pictures"
)


def check_terms(entry: Entry, today: date) -> None:
    """Refuse an entry whose terms do not allow it to be listed. Raises: EnrolmentRefused."""
    if not _ID.fullmatch(entry.id):
        raise EnrolmentRefused(
            f"--id {entry.id!r}: an id has 1 to 64 letters, digits, dots, dashes and underscores; choose another"
        )
    for name in _MANDATORY:
        if not getattr(entry, name).strip():
            raise EnrolmentRefused(f"{entry.id}: --{name} is empty; nothing is listed without it, so say it")
    for name in (*_MANDATORY, "owner", "contact", "check"):
        if len(getattr(entry, name)) > _LONGEST_TERM:
            raise EnrolmentRefused(f"{entry.id}: --{name} is longer than {_LONGEST_TERM} characters; shorten it")
    _check_expiry(entry, today)
    for code in entry.codes:
        if reason := why_unlistable(code):
            # The code itself is not repeated: it may hold a person's data.
            remedy = _IF_A_SERIAL if reason == BUILT_LIKE_A_PLATE else _OTHERWISE
            raise EnrolmentRefused(f"{entry.id}: --code is {reason}; {remedy}")


def _check_expiry(entry: Entry, today: date) -> None:
    latest = today + timedelta(days=LONGEST_LISTING_DAYS)
    if entry.expires < today:
        raise EnrolmentRefused(f"{entry.id}: --expires {entry.expires} has passed; give a day from {today} to {latest}")
    if entry.expires > latest:
        raise EnrolmentRefused(
            f"{entry.id}: --expires {entry.expires} is more than {LONGEST_LISTING_DAYS} days ahead; "
            f"give {latest} at the latest and renew it then"
        )
