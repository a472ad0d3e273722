"""What a watch asks of a list, however long it is and wherever its references are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lapel.core.calibration import Calibration
from lapel.core.charter import Charter
from lapel.core.rows import Rows, StoredRows
from lapel.core.things import Entry, Expected, Reference


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which a whole list may be used. ``created`` and ``expires`` are UTC dates, inclusive."""

    list_id: str
    version: int
    created: date
    expires: date


@dataclass(frozen=True, slots=True)
class Preface:
    """What a list says of itself before its entries; ``decoys`` are the ids of those that cannot be met, ``charter`` is
    None for one that nobody signed."""

    terms: Terms
    model_sha256: str
    calibration: Calibration | None
    decoys: frozenset[str]
    charter: Charter | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """Rows to search by, i8[n, d], in the order of the references that they describe, and whose each row is."""

    stored: StoredRows
    rows: Rows


@dataclass(frozen=True, slots=True, eq=False)
class Census:
    """What there is to know of all entries without reading them: last days (``date.toordinal``) i32[n], and which of
    them can match by a picture or a code, bool[n]."""

    expires: NDArray[np.int32]
    can_match: NDArray[np.bool_]

    def current(self, today: date) -> int:
        """How many entries may match on that day by their terms."""
        return int((self.expires >= today.toordinal()).sum())

    def empty(self) -> int:
        """How many entries have neither a picture nor a code."""
        return int((~self.can_match).sum())


Purposes = tuple[tuple[str, str, int], ...]
"""Purpose, authority and how many entries."""


class Listed(Protocol):
    """A list to watch for. Reading a reference or an entry may raise Tampered, Refused or StoreError: those of a long
    list stay sealed on disk until they are looked at."""

    @property
    def terms(self) -> Terms: ...

    @property
    def model_sha256(self) -> str: ...

    @property
    def calibration(self) -> Calibration | None: ...

    @property
    def decoys(self) -> frozenset[str]: ...

    @property
    def charter(self) -> Charter | None: ...

    @property
    def entry_count(self) -> int: ...

    @property
    def reference_count(self) -> int: ...

    @property
    def descriptors(self) -> Vectors: ...

    @property
    def aggregates(self) -> Vectors: ...

    @property
    def codes(self) -> Mapping[str, tuple[int, ...]]:
        """What is looked for of the listed codes (``codes.looked_for``), and the numbers of the entries of each."""
        ...

    @property
    def purposes(self) -> Purposes:
        """How many entries stand there for which purpose and under which authority, decoys aside, sorted."""
        ...

    def among(self, ids: frozenset[str]) -> frozenset[str]:
        """Which of some ids are listed."""
        ...

    def entry_at(self, number: int) -> Entry:
        """The entry of that number, in the list's order."""
        ...

    def reference(self, place: int) -> Reference:
        """The reference of that place, in the order of the rows."""
        ...

    def owner(self, place: int) -> Entry:
        """The entry that a reference shows."""
        ...

    def owners(self) -> NDArray[np.uint32]:
        """The number of the entry that each reference shows, u32[references]."""
        ...

    def picture_of(self, number: int) -> bytes:
        """The first picture of an entry; empty where it has none."""
        ...

    def census(self) -> Census:
        """What all entries allow."""
        ...

    def expected(self) -> Expected | None:
        """How many false alerts the list is expected to give, if that was measured for this version of it."""
        ...


def expected_of(calibration: Calibration | None, terms: Terms) -> Expected | None:
    """What a calibration expects of the version of a list that it measured, as watches decide."""
    if calibration is None or not calibration.holds_for(terms.version):
        return None
    found = calibration
    return Expected(found.per_hour, found.at_least_per_hour, found.at_most_per_hour, found.entries)


class ShownBy:
    """Which references show each entry, by number, in the list's order; ``owners`` u32[references] as of ``Listed``."""

    def __init__(self, owners: NDArray[np.uint32], entries: int) -> None:
        self._places = np.argsort(owners, kind="stable")
        self._starts = np.searchsorted(owners[self._places], np.arange(entries + 1))

    def places(self, number: int) -> tuple[int, ...]:
        """The places of the references of an entry."""
        return tuple(map(int, self._places[self._starts[number] : self._starts[number + 1]]))
