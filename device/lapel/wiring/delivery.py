"""Lists that come over MQTT: follows what is published, and takes it into this device as an import does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Thread

from tuf.api.metadata import Timestamp

from lapel.core.records import Fact
from lapel.core.updates import Why
from lapel.errors import LapelError, Refused, StoreError, UpdateRefused
from lapel.infer.shard import SearchSelfTestFailed
from lapel.link.lists import Course
from lapel.link.news import MalformedNews, News
from lapel.link.sync import Notes
from lapel.ports import Clock, KeyProvider
from lapel.store.contact import Contacts
from lapel.store.needs import Needs
from lapel.store.pieces import Pieces, Pulled
from lapel.store.staging import Taken
from lapel.store.trusted import loaded
from lapel.wiring.recording import Refusals
from lapel.wiring.updating import Heeded, heed, update

_SOON_NS, _LATER_NS = 10 * 60 * 10**9, 6 * 3600 * 10**9
"""What was refused may hold later: soon where a line brought not all of it, hours later where time alone can tell."""


class Importing(Thread):
    """An import beside the line: while a long list is unpacked, withdrawals are heard and act."""

    def __init__(self, work: Callable[[], Taken]) -> None:
        """Begins at once. A process that ends does not wait for it: the list that was there stays."""
        super().__init__(name="import", daemon=True)
        self._work = work
        self._result: Taken | BaseException | None = None
        self.start()

    def run(self) -> None:
        """Do it."""
        try:
            self._result = self._work()
        except BaseException as error:  # noqa: BLE001, the thread's top: raised by whoever asks what became of it
            self._result = error

    def taken(self) -> Taken:
        """What became of it, once it is not alive any more. Raises: what the import raised."""
        if isinstance(self._result, Taken):
            return self._result
        raise self._result or RuntimeError("the import has not ended")


@dataclass(slots=True)
class Lists:
    """Acts on what is published for one device (port Follower). ``list_id`` names one of several for its group;
    ``ordered`` is called where this device is to be wiped: it takes nothing more then."""

    state: Path
    keys: KeyProvider
    clock: Clock
    pieces: Pieces
    contacts: Contacts
    notes: Notes
    list_id: str | None = None
    ordered: Callable[[], None] = lambda: None
    refusals: Refusals = field(init=False)
    _ends: datetime | None = field(default=None, init=False)
    _again_ns: int | None = field(default=None, init=False)
    _importing: Importing | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """What was refused is counted for as long as this follows."""
        self.refusals = Refusals(self.state, self.keys, self.clock)

    def course(self, news: News) -> Course:
        """Metadata first, so that withdrawals act before any chunk is asked for; then the list, whole."""
        self._ends, self._again_ns = None, None
        self.pieces.forgive()
        offer = Pulled(self.pieces, dict(news.files))
        needs = Needs(offer.files.values())
        yield tuple(offer.files.values())
        try:
            heeded = heed(self.state, self.keys, offer, self.clock, self.refusals)
        except Refused as error:
            self._note_refusal(error)
            return
        if heeded.is_newer:
            self.contacts.note()
        if heeded.trust.wipe is not None:
            self.notes.event("wipe_ordered", by=heeded.trust.wipe.by, why=heeded.trust.wipe.reason)
            self.ordered()
            return
        self._ends = _end_of(offer)
        while self._importing is not None and self._importing.is_alive():
            yield None  # an older list is being unpacked from the same pieces
        yield from self._take(heeded, offer, needs)

    def is_due(self) -> bool:
        """Where the metadata has expired meanwhile, which is to be recorded; or some time after a refusal."""
        if self._again_ns is not None:
            return self.clock.monotonic_ns() > self._again_ns
        return self._ends is not None and self.clock.wall_ns() / 1e9 > self._ends.timestamp()

    def refuse(self, error: MalformedNews) -> None:
        """Record it."""
        self.refusals.record(error)
        self._note_refusal(error)

    def _take(self, heeded: Heeded, offer: Pulled, needs: Needs) -> Course:
        try:
            yield from needs.steps(heeded.device, heeded.trust, heeded.published, offer, self.pieces, self.list_id)
        except UpdateRefused as error:
            self.refusals.record(error)
            self._note_refusal(error)
            return
        if not needs.new_list:
            return
        work = partial(
            update, self.state, self.keys, offer, self.clock, self.list_id, heeded=heeded, refusals=self.refusals
        )
        self._importing = Importing(work)
        while self._importing.is_alive():
            yield None
        try:
            taken = self._importing.taken()
        except (Refused, SearchSelfTestFailed) as error:
            self._note_refusal(error)
            return
        self.pieces.keep_only(needs.sha256)
        self.refusals.forget()
        held = taken.held
        self.notes.event("list_applied", list=held.list_id, version=held.version, entries=taken.entries)

    def _note_refusal(self, error: LapelError) -> None:
        if isinstance(error, StoreError):
            raise error
        why: Fact = error.why if isinstance(error, UpdateRefused) else type(error).__name__
        self._again_ns = self.clock.monotonic_ns() + (_SOON_NS if why == Why.MISSING.value else _LATER_NS)
        self.notes.event("list_refused", why=why, message=str(error))


def _end_of(offer: Pulled) -> datetime:
    """When the metadata expires that was just verified."""
    data = offer.metadata("timestamp.json") or b""
    return loaded("timestamp.json", data, Timestamp).signed.expires.replace(tzinfo=UTC)
