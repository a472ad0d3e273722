"""The link process: the journal's reader, the link's own state and the broker, put together."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from lapel.core.records import Head
from lapel.health.clock import SystemClock
from lapel.link.endpoint import Endpoint
from lapel.link.keep import keep_linked
from lapel.link.mqtt import Line, Terms, open_line
from lapel.link.sync import PATIENCE_S, WINDOW, Notes, Sender, Sync
from lapel.link.topics import ack_topic
from lapel.ports import KeyProvider
from lapel.store.contact import Contacts
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.link_state import LINK, LinkState
from lapel.wiring.link_lists import ListPlan, Reception, lists_followed, take_once

_SESSION_S = 24 * 3600
"""How long the broker keeps acks for a device that is away; later ones are asked for by sending again."""
_LOOK_S = 1.0


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


def drain_once(plan: LinkPlan, keys: KeyProvider, notes: Notes) -> Drained:
    """Take what is published, send what waits, and return when the station has acknowledged it.

    Raises: LapelError at the first trouble.
    """
    began = time.monotonic()
    pulled = take_once(plan.reception, keys, notes)
    with _sync(plan, keys, notes) as (sync, waiting), _dial(plan) as line:
        sync.over(line, lambda: False, until_empty=True)
        return Drained(sync.done, sync.withheld, waiting(), time.monotonic() - began, pulled)


def stay_linked(plan: LinkPlan, keys: KeyProvider, notes: Notes, stop: Event) -> Drained:
    """Send what waits and what comes, and take what is published, until ``stop``. Raises: ConfigError, StoreError."""
    began = time.monotonic()
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

    def acknowledge(self, sequence: int, head: Head) -> None:
        self.marks.acknowledge(sequence, head)
        self.contacts.note()


@contextmanager
def _sync(plan: LinkPlan, keys: KeyProvider, notes: Notes) -> Iterator[tuple[Sync, Callable[[], int]]]:
    clock = SystemClock()
    with (
        SealedJournal(plan.state / JOURNAL, keys, clock, read_only=True) as journal,
        LinkState(plan.state / LINK, keys) as marks,
    ):
        yield (
            Sync(
                journal,
                _Heard(marks, Contacts(plan.state, keys, clock)),
                plan.sender,
                notes,
                plan.window,
                plan.patience_s,
            ),
            lambda: max(0, journal.head().size - marks.cursor()),
        )


def _dial(plan: LinkPlan) -> Line:
    sender = plan.sender
    terms = Terms(
        client_id=f"lapel-{sender.site}-{sender.device}",
        reads=ack_topic(sender.site, sender.device),
        window=plan.window,
        session_s=_SESSION_S,
    )
    return open_line(plan.endpoint, terms)
