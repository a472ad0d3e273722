"""Takes what an authority published into this device, and records what became of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from lapel.core.listed import Listed, Terms
from lapel.core.records import Event, RecordKind
from lapel.errors import Refused, StoreLocked, UpdateRefused, UsageError
from lapel.infer.gallery_search import check_rows
from lapel.infer.manifest import ModelStore
from lapel.infer.shard import SearchSelfTestFailed
from lapel.infer.tflite import Runtime
from lapel.ports import Clock, KeyProvider
from lapel.store.choosing import Device, Offer
from lapel.store.journal import JOURNAL
from lapel.store.lock import WriterLock
from lapel.store.remaining import Progress
from lapel.store.staging import Taken, entries_held, recorded, take_list, take_metadata, withdraw_held
from lapel.store.trust import FILE, WATCHLIST, Trust, read_trust
from lapel.store.trusted import Published
from lapel.wiring.kept_before import TRUSTED, update_event
from lapel.wiring.recording import Refusals, record

_AGAIN = "let that import end, and import again"
_PATIENCE_S = 2.0
_LOOK_S = 0.02


def update(
    state: Path,
    keys: KeyProvider,
    offer: Offer,
    clock: Clock,
    list_id: str | None = None,
    progress: Progress = lambda share: None,
    heeded: Heeded | None = None,
    refusals: Refusals | None = None,
) -> Taken:
    """Take an update, whole or not at all, and record it; one at a time. What was ``heeded`` is not verified again:
    newer metadata may have been heeded since. ``refusals`` are kept by whoever takes one update after another.

    Raises: UsageError where no authority is trusted, UpdateRefused, Refused, also where a wipe was ordered,
    StoreLocked, StoreError, SearchSelfTestFailed.
    """
    with WriterLock(state / WATCHLIST, _AGAIN):
        refusals = refusals or Refusals(state, keys, clock)
        heeded = heeded or heed(state, keys, offer, clock, refusals)
        if heeded.trust.wipe is not None:
            raise Refused(f"{state}: this device is to be wiped, {heeded.trust.wipe.why}; it takes no list")
        return _updated(state, keys, offer, clock, heeded, list_id, progress, refusals)


@contextmanager
def _trusted(state: Path, keys: KeyProvider) -> Iterator[Trust]:
    """What is trusted, while nobody else changes it. Raises: UsageError where that is nobody, StoreLocked."""
    # Two at once would write over each other's floors and withdrawals: each reads what the one before has kept.
    with _patient_lock(state / FILE):
        trust = read_trust(state, keys)
        if trust is None:
            raise UsageError(f"{state / FILE}: this device trusts no authority; lapel watchlist trust ROOT")
        yield trust


def _patient_lock(path: Path) -> WriterLock:
    """It is never held for long, least of all while a list is unpacked. Raises: StoreLocked."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return WriterLock(path, _AGAIN)
        except StoreLocked:
            if time.monotonic() > until:
                raise
            time.sleep(_LOOK_S)


@dataclass(frozen=True, slots=True)
class Heeded:
    """What metadata said. ``is_newer`` where it was signed after all that this device had seen; ``withdrawn`` are the
    ids that went at once, "" for the whole list."""

    device: Device
    trust: Trust
    published: Published
    is_newer: bool
    withdrawn: tuple[str, ...]


def heed(state: Path, keys: KeyProvider, offer: Offer, clock: Clock, refusals: Refusals | None = None) -> Heeded:
    """Verify what is said now, and let withdrawals act at once: no list is waited for. Recorded like an update.

    Raises: UsageError where no authority is trusted, UpdateRefused, StoreLocked, StoreError.
    """
    device = Device(state, keys, ModelStore().describing_sha256)
    try:
        with _trusted(state, keys) as before:
            trust, published = take_metadata(device, before, offer, datetime.fromtimestamp(clock.wall_ns() / 1e9, UTC))
            withdrawn = withdraw_held(device, trust) if trust.wipe is None else ()
    except UpdateRefused as error:
        (refusals or Refusals(state, keys, clock)).record(error)
        raise
    # What is trusted is free again: whoever records may have to wait for a lookout that starts.
    if withdrawn:
        record(state, keys, clock, update_event(trust, "withdrawn", withdrawn, entries_held(device, trust)))
    if trust.unrecorded:
        with _trusted(state, keys) as now:
            recorded(device, now, trust.unrecorded)
    return Heeded(device, trust, published, trust.floors.timestamp > before.floors.timestamp, withdrawn)


def record_trust(state: Path, keys: KeyProvider, clock: Clock) -> None:
    """Keep that another authority is trusted now, or the same one anew, where there is a journal that knows of the one
    before: what is trusted is held to its newest update. Raises: StoreError."""
    trust = read_trust(state, keys)
    if trust is not None and (state / JOURNAL).exists():
        record(state, keys, clock, update_event(trust, "trusted"))


def record_by_hand(state: Path, keys: KeyProvider, clock: Clock, terms: Terms, entries: int) -> None:
    """Keep that a list was taken that nobody signed, on a device that trusts no authority, where there is a journal.

    Raises: StoreError.
    """
    facts = (("outcome", "by hand"), ("list", terms.list_id), ("version", str(terms.version)))
    more = (("entries", str(entries)), ("withdrawn", ""), (TRUSTED, ""))
    if (state / JOURNAL).exists():
        record(state, keys, clock, Event(RecordKind.UPDATE, facts + more))


def _updated(
    state: Path,
    keys: KeyProvider,
    offer: Offer,
    clock: Clock,
    heeded: Heeded,
    list_id: str | None,
    progress: Progress,
    refusals: Refusals,
) -> Taken:
    trusted = partial(_trusted, state, keys)
    what_is_said = (heeded.device, heeded.trust, heeded.published)
    try:
        trust, taken = take_list(*what_is_said, offer, answers, list_id, progress, trusted)
    except (Refused, SearchSelfTestFailed) as error:
        refusals.record(error)
        raise
    if taken.is_new or not heeded.withdrawn:
        outcome = "applied" if taken.is_new else "current"
        record(state, keys, clock, update_event(trust, outcome, taken.withdrawn, taken.entries))
    return replace(taken, withdrawn=tuple(dict.fromkeys((*heeded.withdrawn, *taken.withdrawn))))


def answers(listed: Listed) -> None:
    """A list answers when the search engine finds its own rows. Raises: SearchSelfTestFailed, Refused."""
    if listed.reference_count:
        for vectors in (listed.descriptors, listed.aggregates):
            check_rows(vectors.stored, _runtime())


def _runtime() -> Runtime:
    """The one that is installed: an import has no profile to say it."""
    return next((each for each in Runtime if find_spec(each.value.replace("-", "_"))), Runtime.LITERT)
