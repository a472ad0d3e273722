"""A journal in memory: the same records and the same tree, gone when the process ends."""

from __future__ import annotations

from lapel.core.audit import StoredRecord
from lapel.core.chain import CompactRange, range_over
from lapel.core.record_body import Stamp, record_of
from lapel.core.records import Event, Head, Record, RecordKind
from lapel.errors import StoreError, Tampered
from lapel.ports import Clock


class MemoryJournal:
    """Port Journal without a disk. ``break_with`` makes it fail as a full, lost or damaged disk does."""

    def __init__(self, clock: Clock, device: str = "fake") -> None:
        self._clock = clock
        self._device = device
        self._records: list[Record] = []
        self._tree = CompactRange()
        self._fault: StoreError | Tampered | None = None

    def append(self, event: Event) -> Record:
        """Keep an event. Raises: StoreError, Tampered."""
        if self._fault:
            raise self._fault
        clock = self._clock
        stamp = Stamp(self._device, self._tree.size, clock.wall_ns(), clock.boot_id(), clock.monotonic_ns())
        try:
            record = record_of(event, stamp)
        except ValueError as error:
            raise StoreError(f"memory: {event.kind.value} event cannot be kept: {error}") from error
        self._records.append(record)
        self._tree = self._tree.append(record.leaf)
        return record

    def head(self) -> Head:
        """The head of the chain over everything kept."""
        return self._tree.head()

    def after(self, sequence: int, limit: int) -> tuple[Record, ...]:
        """At most ``limit`` records with a sequence above ``sequence``, oldest first."""
        first = max(0, sequence + 1)
        return tuple(self._records[first : first + limit])

    def to_send(self, sequence: int, limit: int) -> tuple[Record, ...]:
        """As ``after``: nothing is ever given up here."""
        return self.after(sequence, limit)

    def tree_at(self, size: int) -> CompactRange:
        """The tree as it was at a size. Raises: ValueError where it was never so large."""
        if size > len(self._records):
            raise ValueError(f"{size} records are not kept")
        return range_over(record.leaf for record in self._records[:size])

    def newest(self, kind: RecordKind, first: int, limit: int) -> tuple[Record, ...]:
        """The newest records of a kind, newest first, none with a sequence below ``first``."""
        return tuple(record for record in reversed(self._records[max(0, first) :]) if record.kind is kind)[:limit]

    def rows(self) -> tuple[StoredRecord, ...]:
        """Every record as core.audit examines it."""
        return tuple(StoredRecord(kept.sequence, kept.body, kept.leaf, kept.picture) for kept in self._records)

    def break_with(self, fault: StoreError | Tampered | None) -> None:
        """Fail every append with ``fault`` from now on; None mends it."""
        self._fault = fault
