"""The link process: the journal's reader, the link's own state and the broker, put together."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from lapel.config.site import Site
from lapel.core.chain import CompactRange
from lapel.core.records import Head
from lapel.errors import LapelError, Tampered
from lapel.health.clock import SystemClock
from lapel.link.acks import EXPIRES_S
from lapel.link.endpoint import Endpoint
from lapel.link.keep import keep_linked
from lapel.link.mqtt import Line, Terms, open_line
from lapel.link.sync import PATIENCE_S, WINDOW, Notes, Sender, Sync
from lapel.link.topics import ack_topic
from lapel.ports import KeyProvider
from lapel.store.contact import Contacts
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.link_state import LINK, LinkState
from lapel.store.lock import WriterLock
from lapel.store.pieces import PIECES
from lapel.store.set_aside import link_or_begin
from lapel.wiring.handover import hand_over
from lapel.wiring.link_lists import ListPlan, Reception, lists_followed, take_once
from lapel.wiring.link_witness import confess, witnessing_of
from lapel.wiring.ordered_wipe import ordered, record_order

_LOOK_S = 1.0
_LAST_WORDS_S = 30.0
"""How long a device that is to be wiped may send what the station lacks: evidence is weighed against a thief's time."""


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """What one link process does. ``state`` is the folder of journal.db and link.db."""

    state: Path
    endpoint: Endpoint
    sender: Sender
    window: int = WINDOW
    patience_s: float = PATIENCE_S
    lists: ListPlan = field(default_factory=ListPlan)

    @property
    def reception(self) -> Reception:
        """Where this device's lists come from."""
        return Reception(self.state, self.endpoint, self.sender, self.lists)


@dataclass(frozen=True, slots=True)
class Drained:
    """What a link process achieved. ``waiting``: records that are still to be acknowledged. ``pulled``: files of what
    is published that came."""

    sent: int
    withheld: int
    waiting: int
    seconds: float
    pulled: int = 0


def site_endpoint(site: Site) -> Endpoint | None:
    """The broker that a site names; None where it names none."""
    broker = site.broker
    if not broker.host or broker.ca_file is None or broker.certificate_file is None or broker.key_file is None:
        return None
    return Endpoint(broker.host, broker.port, broker.ca_file, broker.certificate_file, broker.key_file)


def drain_once(plan: LinkPlan, keys: KeyProvider, notes: Notes) -> Drained:
    """Take what is published, send what waits, and return when the station has acknowledged it.

    Raises: LapelError at the first trouble.
    """
    began = time.monotonic()
    with _alone(plan):
        pulled = take_once(plan.reception, keys, notes)
        if _last_words(plan, keys, notes):
            return Drained(0, 0, 0, time.monotonic() - began, pulled)
        with _sync(plan, keys, notes) as (sync, waiting), _dial(plan) as line:
            sync.over(line, lambda: False, until_empty=True)
            return Drained(sync.done, sync.withheld, waiting(), time.monotonic() - began, pulled)


def stay_linked(plan: LinkPlan, keys: KeyProvider, notes: Notes, stop: Event) -> Drained:
    """Send what waits and what comes, and take what is published, until ``stop``, or until the device was ordered to be
    wiped and the station knows. Raises: ConfigError, StoreError."""
    began = time.monotonic()
    with _alone(plan):
        if _last_words(plan, keys, notes):
            return Drained(0, 0, 0, time.monotonic() - began)
        drained = _linked(plan, keys, notes, stop, began)
        _last_words(plan, keys, notes)
        return drained


def _alone(plan: LinkPlan) -> WriterLock:
    """One link at a time; nobody else wipes the device before this one has told the station. Raises: StoreLocked."""
    return WriterLock(plan.state / PIECES, "stop that link first")


def _last_words(plan: LinkPlan, keys: KeyProvider, notes: Notes) -> bool:
    """Have the station hear that this device is wiped, before it is: whatever fails of that, and whatever takes too
    long, must not keep a key alive. Returns whether that was ordered."""
    order = ordered(plan.state, keys)
    if order is None:
        return False
    until = time.monotonic() + _LAST_WORDS_S
    try:
        record_order(plan.state, keys, SystemClock(), order)
        with _sync(plan, keys, notes) as (sync, waiting), _dial(plan) as line:
            sync.over(line, lambda: time.monotonic() > until, until_empty=True)
            notes.event("wipe_told", sent=sync.done, waiting=waiting())
    except LapelError as error:
        notes.event("wipe_not_told", error=type(error).__name__, message=str(error))
    return True


def _linked(plan: LinkPlan, keys: KeyProvider, notes: Notes, stop: Event, began: float) -> Drained:
    with lists_followed(plan.reception, keys, notes, stop) as pulled:
        if not _has_journal(plan, notes, stop):
            return Drained(0, 0, 0, time.monotonic() - began, pulled())
        with _sync(plan, keys, notes) as (sync, waiting):
            keep_linked(lambda: _dial(plan), sync, stop, notes, random.random)
            return Drained(sync.done, sync.withheld, waiting(), time.monotonic() - began, pulled())


def _has_journal(plan: LinkPlan, notes: Notes, stop: Event) -> bool:
    """Wait for a journal; False where ``stop`` came first."""
    is_told = False
    while not (plan.state / JOURNAL).exists():
        if not is_told:
            notes.event("no_journal_yet", file=str(plan.state / JOURNAL))
            is_told = True
        if stop.wait(_LOOK_S):
            return False
    return True


@dataclass(frozen=True, slots=True)
class _Heard:
    """Port Marks: what the station acknowledges is contact with it."""

    marks: LinkState
    contacts: Contacts

    def acked_head(self) -> Head | None:
        return self.marks.acked_head()

    def acknowledge(self, tree: CompactRange) -> None:
        self.marks.acknowledge(tree)
        self.contacts.note()

    def withhold(self, sequence: int) -> None:
        self.marks.withhold(sequence)


@contextmanager
def _sync(plan: LinkPlan, keys: KeyProvider, notes: Notes) -> Iterator[tuple[Sync, Callable[[], int]]]:
    clock = SystemClock()
    with (
        SealedJournal(plan.state / JOURNAL, keys, clock, read_only=True) as journal,
        _marks(plan, keys, notes, journal) as marks,
    ):
        witness = witnessing_of(plan.state, plan.sender, journal, keys, notes, plan.patience_s)
        try:
            sync = Sync(
                journal,
                _Heard(marks, Contacts(plan.state, keys, clock)),
                plan.sender,
                notes,
                plan.window,
                plan.patience_s,
                witness,
            )
        except Tampered:
            acked = marks.acked_head()
            confess(lambda: _dial(plan), plan.sender, witness.confession(acked.size if acked else 0))
            raise
        yield sync, lambda: max(0, journal.head().size - marks.cursor())


def _marks(plan: LinkPlan, keys: KeyProvider, notes: Notes, journal: SealedJournal) -> LinkState:
    """How far the station has acknowledged. Where nobody knows any more, what the journal holds is sent anew: the
    station has most of it, and says so. Raises: StoreError, Tampered."""
    clock = SystemClock()
    marks, told = link_or_begin(plan.state / LINK, keys, clock)
    if told is not None:
        notes.event("link_begun_anew", **dict(told.facts))
        try:
            hand_over(plan.state, told, keys, clock, device=plan.sender.device)
        except LapelError as error:  # a journal at its quota is one that has to be sent
            notes.event("not_recorded", what="link_begun_anew", message=str(error))
    begins = journal.begins()
    if marks.acked_head() is None and begins.size:
        # It goes on after what the station had; whether that is so, the root in the station's next ack shows.
        marks.acknowledge(begins)
    return marks


def _dial(plan: LinkPlan) -> Line:
    sender = plan.sender
    terms = Terms(
        client_id=f"lapel-{sender.site}-{sender.device}",
        reads=ack_topic(sender.site, sender.device),
        window=plan.window,
        session_s=EXPIRES_S,
    )
    return open_line(plan.endpoint, terms)
