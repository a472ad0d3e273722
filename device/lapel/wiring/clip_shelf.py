"""Clips and their records together: none is kept, removed or taken over without saying so in the journal."""

from __future__ import annotations

from dataclasses import dataclass

from lapel.clips.film import Film
from lapel.config.site import Clips
from lapel.core.clip_records import clip_event, due, purge_event
from lapel.core.record_body import parse_body
from lapel.core.records import Record
from lapel.errors import Refused, StoreError, StoreFull, Tampered
from lapel.ports import Clock, Journal
from lapel.store.clips import SealedClips

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ClipShelf:
    """The sealed clips of a device that keeps watch, held to the site's days and quota."""

    clips: SealedClips
    journal: Journal
    clock: Clock
    terms: Clips

    def keep(self, film: Film) -> Record:
        """Seal a clip and record it. A clip whose record cannot be kept does not stay.

        Raises: StoreFull (also for a clip above the whole quota), StoreError, Tampered.
        """
        file_bytes = self.clips.file_bytes(film.head)
        if file_bytes > self.terms.quota_mib * _MIB:
            raise StoreFull(f"a clip of {file_bytes} bytes is above clips.quota_mib; raise it, or shorten clips")
        self.clips.keep(film.head, film.content)
        try:
            record = self.journal.append(clip_event(film.head))
        except (StoreError, Tampered):
            self.clips.remove(film.head.id)
            raise
        self.tidy()
        return record

    def tidy(self) -> None:
        """Remove the clips that are too old or too many, each recorded before it goes. Raises: StoreError, Tampered."""
        quota = self.terms.quota_mib * _MIB
        for each in due(self.clips.kept(), self.clock.wall_ns(), self.terms.keep_days, quota):
            self.journal.append(purge_event(each.clip, each.reason))
            self.clips.remove(each.clip)

    def put_right(self, recorded: frozenset[str], purged: frozenset[str]) -> tuple[str, ...]:
        """After a power cut: remove drafts and clips whose purge is on record, and record whole clips that have no
        record yet. What could not be put right, a line each. Raises: StoreError, Tampered."""
        self.clips.remove_drafts()
        wrong = []
        for each in self.clips.kept():
            if each.clip in purged:
                self.clips.remove(each.clip)
                continue
            if each.clip in recorded:
                continue
            try:
                head, _ = self.clips.read(each.clip)
            except Refused as error:
                wrong.append(f"CLIP WITHOUT A RECORD: {error}")
            else:
                self.journal.append(clip_event(head))
        return tuple(wrong)


def clips_of(records: tuple[Record, ...]) -> frozenset[str]:
    """The clips that records of kind CLIP or PURGE speak of."""
    return frozenset(str(dict(parse_body(record.body).facts)["clip"]) for record in records)
