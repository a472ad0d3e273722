"""The watchlist as a value: entries, their references, and the terms of the list."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lapel.core.calibration import Calibration
from lapel.core.charter import Charter
from lapel.core.codes import entries_by_code
from lapel.core.listed import Census, Preface, Purposes, Terms, Vectors, expected_of
from lapel.core.rows import Rows
from lapel.core.things import Entry, Expected, Reference

__all__ = ["LONGEST_LISTING_DAYS", "Gallery", "Terms", "made_by"]

LONGEST_LISTING_DAYS = 365


def made_by(*models_sha256: str) -> str:
    """One name, in hexadecimal, for models that work together: a change of any of them makes it another."""
    return hashlib.sha256("\n".join(models_sha256).encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Gallery:
    """All entries and all references of a list, in memory: what a list is made and changed as (port Listed).

    ``model_sha256`` names the models that made every reference (``made_by``); ``references`` stand in the order of
    their rows in the search engine. An entry may have codes and no reference. ``calibration`` is None until the
    list was calibrated; ``decoys`` are the ids of those entries that cannot be met. ``charter`` is what it demands
    where it came under an authority.
    """

    terms: Terms
    model_sha256: str
    entries: tuple[Entry, ...]
    references: tuple[Reference, ...]
    calibration: Calibration | None = None
    decoys: frozenset[str] = frozenset()
    charter: Charter | None = None

    @property
    def preface(self) -> Preface:
        """What it says before its entries."""
        return Preface(self.terms, self.model_sha256, self.calibration, self.decoys, self.charter)

    def expected(self) -> Expected | None:
        """How many false alerts the list is expected to give, if that was measured for this version of it."""
        return expected_of(self.calibration, self.terms)

    def entry(self, entry_id: str) -> Entry | None:
        """The entry of that id, if it is listed."""
        number = self._numbers.get(entry_id)
        return None if number is None else self.entries[number]

    @property
    def entry_count(self) -> int:
        """How many things are listed."""
        return len(self.entries)

    @property
    def reference_count(self) -> int:
        """How many pictures there are of them."""
        return len(self.references)

    @cached_property
    def descriptors(self) -> Vectors:
        """What the network makes of each reference."""
        return _vectors(reference.descriptors for reference in self.references)

    @cached_property
    def aggregates(self) -> Vectors:
        """What each reference's local features look like together."""
        return _vectors(reference.aggregates for reference in self.references)

    @cached_property
    def codes(self) -> Mapping[str, tuple[int, ...]]:
        """What is looked for of the listed codes, and the numbers of the entries on which each stands."""
        return entries_by_code((number, entry.codes) for number, entry in enumerate(self.entries))

    @property
    def purposes(self) -> Purposes:
        """How many entries stand there for which purpose and under which authority, decoys aside, sorted."""
        counts = Counter((entry.purpose, entry.authority) for entry in self.entries if entry.id not in self.decoys)
        return tuple((purpose, authority, count) for (purpose, authority), count in sorted(counts.items()))

    def among(self, ids: frozenset[str]) -> frozenset[str]:
        """Which of some ids are listed."""
        return ids & self._numbers.keys()

    def entry_at(self, number: int) -> Entry:
        """The entry of that number, in the list's order."""
        return self.entries[number]

    def reference(self, place: int) -> Reference:
        """The reference of that place, in the order of the rows."""
        return self.references[place]

    def owner(self, place: int) -> Entry:
        """The entry that a reference shows."""
        return self.entries[self._numbers[self.references[place].entry_id]]

    def owners(self) -> NDArray[np.uint32]:
        """The number of the entry that each reference shows, u32[references]."""
        return np.array([self._numbers[reference.entry_id] for reference in self.references], np.uint32)

    def picture_of(self, number: int) -> bytes:
        """The first picture of an entry; empty where it has none."""
        entry_id = self.entries[number].id
        return next((r.picture for r in self.references if r.entry_id == entry_id), b"")

    def census(self) -> Census:
        """What all entries allow."""
        pictured = {reference.entry_id for reference in self.references}
        can_match = [bool(entry.codes) or entry.id in pictured for entry in self.entries]
        last_days = [entry.expires.toordinal() for entry in self.entries]
        return Census(np.array(last_days, np.int32), np.array(can_match, np.bool_))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {entry.id: number for number, entry in enumerate(self.entries)}


def _vectors(described: Iterable[NDArray[np.int8]]) -> Vectors:
    parts = list(described)
    stored = np.concatenate(parts) if parts else np.empty((0, 0), np.int8)
    return Vectors(stored, Rows.of([len(part) for part in parts]))
