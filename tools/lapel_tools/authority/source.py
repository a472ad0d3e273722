"""What a proposal is made of: a list in a file or one that is published, given bucket by bucket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Protocol

from lapel.core.buckets import Bucket, bucket_of
from lapel.core.listed import Listed, Preface, ShownBy
from lapel_tools.authority.opened import Opened


class Source(Protocol):
    """A list to propose, however long: its ids alone are in memory. Reading it may raise Refused, StoreError."""

    @property
    def preface(self) -> Preface:
        """What it says before its entries."""
        ...

    @property
    def entry_count(self) -> int:
        """How many entries it has."""
        ...

    @property
    def reference_count(self) -> int:
        """How many pictures they have together."""
        ...

    def among(self, ids: frozenset[str]) -> frozenset[str]:
        """Which of some ids it has."""
        ...

    def buckets(self, count: int) -> Iterator[tuple[int, Bucket]]:
        """Its content as so many buckets, by number; empty ones are left out, entries stand by id."""
        ...


class Enrolled:
    """A list as it was enrolled."""

    def __init__(self, listed: Listed, list_id: str | None = None) -> None:
        self._listed = listed
        terms = replace(listed.terms, list_id=list_id) if list_id else listed.terms
        self.preface = Preface(terms, listed.model_sha256, listed.calibration, listed.decoys)
        self.entry_count = listed.entry_count
        self.reference_count = listed.reference_count
        self._ids = [listed.entry_at(number).id for number in range(listed.entry_count)]

    def among(self, ids: frozenset[str]) -> frozenset[str]:
        """Which of some ids it has."""
        return ids & set(self._ids) if ids else ids

    def buckets(self, count: int) -> Iterator[tuple[int, Bucket]]:
        """Its content as so many buckets."""
        shown_by = ShownBy(self._listed.owners(), self.entry_count)
        order = sorted((bucket_of(entry_id, count), entry_id, number) for number, entry_id in enumerate(self._ids))
        at = 0
        while at < len(order):
            end, bucket = at, order[at][0]
            while end < len(order) and order[end][0] == bucket:
                end += 1
            numbers = [number for _, _, number in order[at:end]]
            entries = tuple(self._listed.entry_at(number) for number in numbers)
            shown = chain.from_iterable(map(shown_by.places, numbers))
            yield bucket, (entries, tuple(map(self._listed.reference, shown)))
            at = end


class Published:
    """A list as it is published."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self.preface = opened.unpacked.preface
        self.entry_count = opened.manifest.entries
        self.reference_count = opened.manifest.references

    def among(self, ids: frozenset[str]) -> frozenset[str]:
        """Which of some ids it has."""
        return self._opened.among(ids)

    def buckets(self, count: int) -> Iterator[tuple[int, Bucket]]:
        """Its content as so many buckets."""
        if count == self._opened.manifest.buckets:
            yield from self._opened.unpacked.inspected()
        else:  # where it has shrunk to a quarter
            yield from Enrolled(self._opened.gallery).buckets(count)
