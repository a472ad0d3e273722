"""What a watch records about itself: start, list, what became of its frames, stop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lapel.capture.eye import Account
from lapel.capture.source import without_password
from lapel.config.profile import Profile
from lapel.core.gallery import Gallery
from lapel.core.records import Event, Fact, RecordKind
from lapel.errors import StoreError, Tampered
from lapel.health.meters import Reading
from lapel.ports import Alerter, Journal
from lapel.wiring.seeing import Seeing


@contextmanager
def recorded(
    journal: Journal, alerter: Alerter, seeing: Seeing, gallery: Gallery, source: str, profile: Profile
) -> Iterator[None]:
    """Start, list and stop are records; a stop says whether it was one on purpose."""
    models: tuple[tuple[str, Fact], ...] = tuple((f"model_{n}", card.sha256) for n, card in seeing.models.cards.items())
    note(
        journal,
        alerter,
        RecordKind.START,
        ("profile", profile.board.name),
        ("source", without_password(source)),
        ("runtime", seeing.runtime.value),
        *models,
    )
    terms = gallery.terms
    note(
        journal,
        alerter,
        RecordKind.LIST,
        ("list_id", terms.list_id),
        ("version", terms.version),
        ("entries", len(gallery.entries)),
        ("references", len(gallery.references)),
        ("expires", terms.expires.isoformat()),
    )
    reason = "end of the source"
    try:
        yield
    except BaseException as error:
        reason = "interrupted" if isinstance(error, KeyboardInterrupt) else type(error).__name__
        raise
    finally:
        note(journal, alerter, RecordKind.STOP, ("reason", reason))


def close_account(journal: Journal, alerter: Alerter, account: Account, reading: Reading, people_max: int) -> None:
    """What became of the frames, and how long their raw pixels lived."""
    note(journal, alerter, RecordKind.DROPPED, *account.facts, *reading.raw_ages.facts)
    note(journal, alerter, RecordKind.PEOPLE, ("people_max", people_max))


def note(journal: Journal, alerter: Alerter, kind: RecordKind, *facts: tuple[str, Fact]) -> None:
    """A record about the appliance itself. A store that fails then must not stop the watch: it is said instead."""
    try:
        journal.append(Event(kind, facts))
    except (StoreError, Tampered) as error:
        alerter.notice(f"NOT RECORDED ({kind.value}): {error}")
