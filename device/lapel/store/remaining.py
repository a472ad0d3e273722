"""What a device keeps of a published list: all of it but what is withdrawn, bucket by bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from lapel.core.buckets import Bucket
from lapel.core.charter import Charter
from lapel.core.listed import Preface
from lapel.core.withdrawals import Suspended
from lapel.store.unpacking import Unpacked

Progress = Callable[[float], None]
"""Is told which share of the work is done, 0 to 1."""


class Remaining:
    """What is left of a published list without what is suspended: read twice, and looked through the first time."""

    def __init__(self, unpacked: Unpacked, out: Suspended, charter: Charter, progress: Progress) -> None:
        """``charter`` is what the list is to demand from now on."""
        self._unpacked, self._out, self._charter, self._progress = unpacked, out, charter, progress
        self._gone: set[str] = set()
        self._is_known = False

    @property
    def preface(self) -> Preface:
        """What it says before its entries."""
        preface = self._unpacked.preface
        decoys = frozenset[str]() if self._out.whole_list else preface.decoys - self._out.entry_ids
        return replace(preface, decoys=decoys, charter=self._charter)

    @property
    def gone(self) -> tuple[str, ...]:
        """The ids of what was left out, once it was read; "" for the whole list."""
        return tuple(sorted(self._gone))

    def parts(self) -> Iterator[Bucket]:
        """Its buckets. Raises: UpdateRefused."""
        first, count = not self._is_known, self._unpacked.manifest.buckets
        for number, (entries, references) in self._unpacked.inspected() if first else self._unpacked.buckets():
            self._progress((number / count + (not first)) / 2)
            if self._out.whole_list:
                self._gone |= {""}
                continue
            if out := self._out.entry_ids & {entry.id for entry in entries}:
                self._gone |= out
                entries = tuple(entry for entry in entries if entry.id not in out)
                references = tuple(reference for reference in references if reference.entry_id not in out)
            yield entries, references
        self._is_known = True
