"""What a watch records about itself: start, list, what became of its frames, stop."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from lapel.alert.picture import picture_of
from lapel.capture.eye import Account
from lapel.capture.source import without_password
from lapel.config.profile import Profile
from lapel.core.alerted import alert_event
from lapel.core.careful import left_out_event
from lapel.core.checkpoint import EVERY_S
from lapel.core.crowd import Crowd
from lapel.core.listed import Listed
from lapel.core.listing import summary
from lapel.core.located import Located
from lapel.core.position import Whereabouts
from lapel.core.records import Event, Fact, RecordKind
from lapel.core.things import Hit
from lapel.errors import Refused, StoreError, Tampered
from lapel.health.clock import MADE
from lapel.health.meters import Reading
from lapel.ports import Alerter, Journal
from lapel.wiring.beside import looking
from lapel.wiring.board import tell_of_board
from lapel.wiring.seeing import Seeing


@contextmanager
def recorded(
    journal: Journal,
    alerter: Alerter,
    seeing: Seeing,
    gallery: Listed,
    source: str,
    profile: Profile,
    settings: Event | None = None,
) -> Iterator[None]:
    """Start, settings that differ from before, list and stop are records; a stop says whether it was on purpose."""
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
    tell_of_board(alerter.notice, profile.board)
    if settings is not None:
        keep(journal, alerter, settings)
    keep(journal, alerter, list_event(gallery))
    reason = "end of the source"
    try:
        yield
    except BaseException as error:
        reason = "interrupted" if isinstance(error, KeyboardInterrupt) else type(error).__name__
        raise
    finally:
        note(journal, alerter, RecordKind.STOP, ("reason", reason))


@dataclass(slots=True)
class FrameAccount:
    """What became of the frames since the last event about them, and how long raw pixels have lived so far."""

    account: Callable[[], Account]
    reading: Callable[[], Reading]
    _told: Account = field(default_factory=Account)

    def event(self) -> Event:
        """Of the frames since the last one: the counts of all of them add up to those of the watch."""
        now = self.account()
        since, self._told = now.since(self._told), now
        return Event(RecordKind.DROPPED, (*since.facts, *self.reading().raw_ages.facts))


def close_account(journal: Journal, alerter: Alerter, account: FrameAccount, crowd: Crowd) -> None:
    """What was not told yet of the frames and of the number of people."""
    for event in (account.event(), *crowd.close()):
        note(journal, alerter, event.kind, *event.facts)


@contextmanager
def signed_often(checkpoint: Callable[[], None], notice: Callable[[str], None]) -> Iterator[None]:
    """A checkpoint at the start, and after every minute that brought a record. A watch goes on without, and says so:
    once for each trouble, since a line a minute would push all others off the phone."""
    told = ""

    def sign() -> None:
        nonlocal told
        said = ""
        try:
            checkpoint()
        except (StoreError, Refused) as error:
            said = f"NOT SIGNED: {error}"
        if said and said != told:
            notice(said)
        told = said

    with looking("checkpoint", EVERY_S, sign, begin=sign):
        yield


def list_event(listed: Listed) -> Event:
    """That a list is watched for from now on."""
    terms = listed.terms
    return Event(
        RecordKind.LIST,
        (
            ("list_id", terms.list_id),
            ("version", terms.version),
            ("entries", listed.entry_count),
            ("references", listed.reference_count),
            ("decoys", len(listed.decoys)),
            ("expires", terms.expires.isoformat()),
            ("budget_per_hour", listed.calibration.budget_per_hour if listed.calibration else None),
            ("listed", json.dumps(listed.purposes, ensure_ascii=False)),
        ),
    )


def event_of_hit(held: Located, where: Whereabouts, gallery: tuple[str, int], hit: Hit) -> Event:
    """What is kept of a hit: where it was seen, and its picture, only three times a day."""
    if not hit.is_located:
        return held.bare_event(hit, gallery)
    return alert_event(hit, gallery, picture_of(hit), where.kept())


def note(journal: Journal, alerter: Alerter, kind: RecordKind, *facts: tuple[str, Fact]) -> None:
    """A record about the appliance itself."""
    keep(journal, alerter, Event(kind, facts))


def keep(journal: Journal, alerter: Alerter, event: Event) -> None:
    """Keep a record. A store that fails then must not stop the watch: it is said instead."""
    try:
        journal.append(event)
    except (StoreError, Tampered) as error:
        alerter.notice(f"NOT RECORDED ({event.kind.value}): {error}")


def tell_of_left_out(journal: Journal, alerter: Alerter, name: str, error: Refused) -> None:
    """Say and keep that an entry is looked for no more, since its part of the list was changed."""
    alerter.notice(f"LEFT OUT of the watchlist: {name}: {error}")
    keep(journal, alerter, left_out_event(name, error))


def tell_of_start(notice: Callable[[str], None], listed: Listed, today: date, shown: date) -> None:
    """Say that the clock was never set, where it shows a day before this software, the list or, by ``today``, what the
    authority signed last: a board without a battery clock starts so, and goes on. Then what is told of the list."""
    least = max(MADE, listed.terms.created, today)
    if shown < least:
        notice(
            f"CLOCK NOT SET: it shows {shown}, and it is {least} at least; set it: until then records have wrong times"
        )
    tell_of_list(notice, listed, least)


def tell_of_list(notice: Callable[[str], None], listed: Listed, today: date) -> None:
    """Say what on the list cannot be found: whoever relies on this watch must not learn it from silence."""
    found = summary(listed, today)
    if found:
        more = f" (and {len(found) - 1} more: lapel watchlist verify)" if len(found) > 1 else ""
        notice(f"watchlist: {found[0]}{more}")
