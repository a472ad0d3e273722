"""Takes what an authority published into this device, and records what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from lapel.core.listed import Listed
from lapel.core.records import Event, Fact, RecordKind
from lapel.core.updates import Why
from lapel.errors import LapelError, Refused, StoreError, UpdateRefused, UsageError
from lapel.infer.gallery_search import check_rows
from lapel.infer.manifest import ModelStore
from lapel.infer.shard import SearchSelfTestFailed
from lapel.infer.tflite import Runtime
from lapel.ports import Clock, KeyProvider
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.lock import WriterLock
from lapel.store.remaining import Progress
from lapel.store.staging import Device, Offer, Taken, entries_held, take_list, take_metadata, withdraw_held
from lapel.store.trust import FILE, Trust, read_trust
from lapel.wiring.handover import hand_over

_LONGEST_FACT = 500
_STALE = frozenset({Why.FROZEN.value, Why.EXPIRED.value})


def update(
    state: Path,
    keys: KeyProvider,
    offer: Offer,
    clock: Clock,
    list_id: str | None = None,
    progress: Progress = lambda share: None,
) -> Taken:
    """Take an update, whole or not at all, and record it; one at a time.

    Raises: UsageError where no authority is trusted, UpdateRefused, Refused, StoreLocked, StoreError,
    SearchSelfTestFailed.
    """
    # Two at once would write over each other's floors and withdrawals: each reads what the one before has kept.
    lock = WriterLock(state / FILE, "let that import end, and import again")
    try:
        trust = read_trust(state, keys)
        if trust is None:
            raise UsageError(f"{state / FILE}: this device trusts no authority; lapel watchlist trust ROOT")
        return _updated(state, keys, trust, offer, clock, list_id, progress)
    finally:
        lock.release()


def _updated(
    state: Path,
    keys: KeyProvider,
    trust: Trust,
    offer: Offer,
    clock: Clock,
    list_id: str | None,
    progress: Progress,
) -> Taken:
    device = Device(state, keys, ModelStore().describing_sha256)
    make_journal(state, keys, trust, clock)
    withdrawn: tuple[str, ...] = ()
    try:
        trust, published = take_metadata(device, trust, offer, datetime.fromtimestamp(clock.wall_ns() / 1e9, UTC))
        withdrawn = withdraw_held(device, trust)
        trust, taken = take_list(device, trust, published, offer, answers, list_id, progress)
    except LapelError as error:
        if withdrawn:
            _record(state, keys, clock, _event(trust, "withdrawn", withdrawn, entries_held(device)))
        if isinstance(error, Refused | SearchSelfTestFailed):
            _record(state, keys, clock, _refusal(error))
        raise
    gone = tuple(dict.fromkeys((*withdrawn, *taken.withdrawn)))
    outcome = "applied" if taken.is_new else "withdrawn" if gone else "current"
    _record(state, keys, clock, _event(trust, outcome, gone, taken.entries))
    return Taken(taken.held, taken.is_new, taken.entries, gone)


def make_journal(state: Path, keys: KeyProvider, trust: Trust, clock: Clock) -> None:
    """A device that has not watched yet has no journal to be refused in. Raises: StoreError."""
    if not (state / JOURNAL).exists():
        SealedJournal(state / JOURNAL, keys, clock, trust.device).close()


def answers(listed: Listed) -> None:
    """A list answers when the search engine finds its own rows. Raises: SearchSelfTestFailed, Refused."""
    if listed.reference_count:
        for vectors in (listed.descriptors, listed.aggregates):
            check_rows(vectors.stored, _runtime())


def _runtime() -> Runtime:
    """The one that is installed: an import has no profile to say it."""
    return next((each for each in Runtime if find_spec(each.value.replace("-", "_"))), Runtime.LITERT)


def _event(trust: Trust, outcome: str, withdrawn: tuple[str, ...], entries: int) -> Event:
    held = trust.held
    facts: tuple[tuple[str, Fact], ...] = (
        ("outcome", outcome),
        ("list", held.list_id if held else ""),
        ("version", str(held.version if held else 0)),
        ("entries", str(entries)),
        ("withdrawn", ", ".join(each or "the whole list" for each in withdrawn)[:_LONGEST_FACT]),
    )
    return Event(RecordKind.UPDATE, facts)


def _refusal(error: LapelError) -> Event:
    why = error.why if isinstance(error, UpdateRefused) else type(error).__name__
    outcome = "stale" if why in _STALE else "refused"
    return Event(RecordKind.REFUSAL, (("what", f"update {outcome}: {why}"), ("why", str(error)[:_LONGEST_FACT])))


def _record(state: Path, keys: KeyProvider, clock: Clock, event: Event) -> None:
    """Raises: StoreError, so that nobody takes an update that was not recorded for one that was."""
    try:
        hand_over(state, event, keys, clock)
    except Refused as error:
        raise StoreError(f"NOT RECORDED ({event.kind.value}): {error}") from error
