"""Has the station witness what the journal signs: offers its checkpoints, one at a time, and keeps the answer.

A checkpoint that the station signed as well is what the device's records can be held to from then on: whoever cuts or
rewrites the journal later, with all its keys, cannot have the station sign that.

With each goes how many records the journal has, so that the station knows how many wait. A new line begins with the
newest checkpoint, whatever the station has of it: after a shift offline it knows so before it has the first record.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from lapel.core.checkpoint import parse_checkpoint
from lapel.core.proof import Proof
from lapel.core.records import Head
from lapel.core.signed_note import NoteKey, SignedNote, parse_note
from lapel.link.acks import Ack
from lapel.link.events import CloudEvent
from lapel.link.offers import Offer, offer_event
from lapel.link.sync import Notes

_AT_A_TIME = 64


class SignedHeads(Protocol):
    """The journal, as far as it is offered."""

    def head(self) -> Head:
        """The head over everything kept."""
        ...

    def checkpoints(self, size: int, limit: int) -> tuple[SignedNote, ...]:
        """At most ``limit`` checkpoints over more than ``size`` records, the smallest first."""
        ...

    def last_checkpoint(self) -> SignedNote | None:
        """The newest checkpoint."""
        ...

    def prove_consistency(self, earlier: int, later: int) -> Proof:
        """That the head of ``later`` records only added to that of ``earlier``."""
        ...


class Witnessing:
    """``witnessed`` is the note that the station signed last, empty before the first; ``keep`` keeps the next.

    ``key`` is the device's public key, None while it has none.
    """

    def __init__(
        self,
        journal: SignedHeads,
        key: Callable[[], NoteKey | None],
        source: str,
        witnessed: str,
        keep: Callable[[str], None],
        notes: Notes,
        patience_s: float,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._journal = journal
        self._key = key
        self._source = source
        self._size = _size_of(witnessed)
        self._keep = keep
        self._notes = notes
        self._patience_s = patience_s
        self._now_s = now_s
        self._kept = self._size
        self._offered_at: float | None = None
        self._offered = self._given_up = -1
        self._unanswered = 0
        self._is_corrected = self._is_told = False

    def begin(self) -> None:
        """A new line: what was asked on the last one has no answer."""
        self._offered_at = None
        self._given_up = -1
        self._unanswered = 0
        self._is_corrected = self._is_told = False

    def is_waiting(self) -> bool:
        """Whether an answer is still to be expected."""
        return self._offered_at is not None and self._now_s() - self._offered_at < self._patience_s

    def offer(self, acked: int) -> CloudEvent | None:
        """What to send now: the newest checkpoint over no more records than the station acknowledged, over all records
        where a line begins and some wait; None for nothing. Raises: Tampered, StoreError."""
        if self.is_waiting():
            return None
        if self._offered_at is not None:
            self._let_go(acked)  # it was lost, or nobody listened
        most = self._most(acked)
        if most <= max(self._size, self._given_up):
            return None
        note, kept = self._newest(most), self._journal.head().size
        key = self._key()
        if key is None or note is None:
            return None
        size = parse_checkpoint(note.text).head.size
        if size <= self._given_up:
            return None
        is_grown = 0 < self._size < size
        proof: Proof = ()
        if is_grown:
            # A journal that goes on after a damaged one may lack what proves growth across it: the station alarms.
            with suppress(ValueError):
                proof = self._journal.prove_consistency(self._size, size)
        self._offered, self._offered_at = size, self._now_s()
        return offer_event(Offer(str(note), str(key), self._size, proof, kept), self._source)

    def confession(self, acked: int) -> CloudEvent:
        """What to send where the journal no longer has what the station acknowledged, the first ``acked`` records."""
        return offer_event(Offer("", "", acked, (), self._journal.head().size), self._source)

    def heard(self, ack: Ack) -> None:
        """What the station answered."""
        if ack.witness is None:
            return
        self._is_told = True
        size, expected = _size_of(ack.witness), self._size
        self._size = size
        if size > self._kept:
            self._keep(ack.witness)
            self._kept = size
        if self._unanswered and expected <= size < self._offered:
            self._unanswered -= 1  # answers come in order, and do not say to what: that to the last offer is to come
            return
        self._offered_at, self._unanswered = None, 0
        if size > expected or size >= self._offered:
            return
        if size < expected and not self._is_corrected:
            self._is_corrected = True  # its database was put back to an earlier state: it is told again, from there
            return
        if self._offered > ack.head.size:
            return  # over records that it does not have yet: it knows now that they wait
        if self._given_up < 0:  # said once a line: a station without a key witnesses nothing, and that is no trouble
            self._notes.event("not_witnessed", witnessed=self._size, acknowledged=ack.head.size)
        self._given_up = self._offered

    def _most(self, acked: int) -> int:
        """How many records a checkpoint that is to be offered may cover."""
        if self._is_told:
            return acked
        kept = self._journal.head().size
        self._is_told = kept <= acked  # nothing waits
        return max(acked, kept)

    def _let_go(self, acked: int) -> None:
        """Offer what has no answer no more; of what the station had not the records of yet there is another time."""
        self._offered_at, self._is_told = None, True
        self._unanswered += 1  # it may still come
        if self._offered <= acked:
            self._given_up = self._offered

    def _newest(self, most: int) -> SignedNote | None:
        last = self._journal.last_checkpoint()
        if last is None or parse_checkpoint(last.text).head.size <= most:
            return last if last is not None and parse_checkpoint(last.text).head.size > self._size else None
        within = [
            note
            for note in self._journal.checkpoints(self._size, _AT_A_TIME)
            if parse_checkpoint(note.text).head.size <= most
        ]
        return within[-1] if within else None


def _size_of(note: str) -> int:
    """How many records a witnessed note covers; 0 for none, or for one that cannot be read."""
    try:
        return parse_checkpoint(parse_note(note).text).head.size if note else 0
    except ValueError:
        return 0
