"""Which rows of a search belong to which reference, and the places that two searches propose. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class StoredRows(Protocol):
    """Rows of bytes i8[n, d], wherever they are kept: an array in memory, or a part of a sealed file."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, d)."""
        ...

    def __getitem__(self, rows: slice | NDArray[np.intp], /) -> NDArray[np.int8]:
        """Rows from a slice, or those of the numbers given, in their order. Raises: Tampered, StoreError."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Foremost:
    """The first ``width`` values of rows, or all of shorter ones (port StoredRows)."""

    rows: StoredRows
    width: int

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, at most ``width``)."""
        count, whole = self.rows.shape
        return count, min(self.width, whole)

    def __getitem__(self, rows: slice | NDArray[np.intp], /) -> NDArray[np.int8]:
        """The first values of some rows. Raises: what reading them raises."""
        return self.rows[rows][:, : self.width]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Which rows of an engine belong to which reference; one may have several rows, or none."""

    place_of: NDArray[np.int32]
    first: NDArray[np.int32]
    most: int

    @classmethod
    def of(cls, counts: Sequence[int] | NDArray[np.integer]) -> Rows:
        """Rows of references that have so many each. A row each takes 4 bytes of memory, and not 16."""
        numbers = np.asarray(counts, np.int32)
        ends = np.zeros(len(numbers) + 1, np.int32)
        np.cumsum(numbers, out=ends[1:])
        if len(numbers) and (numbers == 1).all():
            return cls(ends[:-1], ends, 1)
        places = np.repeat(np.arange(len(numbers), dtype=np.int32), numbers)
        return cls(places, ends, int(numbers.max(initial=1)) if len(numbers) else 1)

    def places(self, rows: NDArray[np.intp]) -> tuple[int, ...]:
        """References of rows, each once, in the rows' order."""
        return tuple(dict.fromkeys(int(place) for place in self.place_of[rows]))

    def of_place(self, place: int) -> range:
        return range(int(self.first[place]), int(self.first[place + 1]))


def union(one: tuple[int, ...], other: tuple[int, ...], count: int) -> tuple[int, ...]:
    """The first ``count`` of two lists, taken in turn, each once: either list's best half is in it."""
    in_turn = (place for pair in zip_longest(one, other) for place in pair if place is not None)
    return tuple(dict.fromkeys(in_turn))[:count]
