"""What the journal keeps of how far what is trusted has come, and says of it at the next start.

Whoever puts an older file of the state folder back has to put an older journal back as well, and that the station sees.
"""

from __future__ import annotations

from lapel.core.charter import Mark, mark_from
from lapel.core.record_body import parse_body
from lapel.core.records import LONGEST_FACT, Event, Fact, RecordKind
from lapel.errors import Tampered
from lapel.store.journal_rows import JournalRows
from lapel.store.trust import Trust

TRUSTED = "trusted"
"""The fact of an update that says how far the trust was by which it came; empty for a list that nobody signed."""


def trusted_before(journal: JournalRows) -> Mark | None:
    """How far this device's trust was at its newest update; None where it trusted nobody. Raises: Tampered,
    StoreError."""
    said = [dict(parse_body(each.body).facts).get(TRUSTED) for each in journal.newest(RecordKind.UPDATE, 0, 1)]
    if not said or not said[0]:
        return None
    try:
        return mark_from(str(said[0]))
    except ValueError as error:
        raise Tampered(
            f"{journal.path}: an update says nothing of what was trusted; run: lapel audit verify"
        ) from error


def update_event(trust: Trust, outcome: str, withdrawn: tuple[str, ...] = (), entries: int = 0) -> Event:
    """What became of an update, and how far what is trusted has come by it."""
    held = trust.held
    facts: tuple[tuple[str, Fact], ...] = (
        ("outcome", outcome),
        ("list", held.list_id if held else ""),
        ("version", str(held.version if held else 0)),
        ("entries", str(entries)),
        ("withdrawn", ", ".join(each or "the whole list" for each in withdrawn)[:LONGEST_FACT]),
        (TRUSTED, str(trust.mark)),
    )
    return Event(RecordKind.UPDATE, facts)
