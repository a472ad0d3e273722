"""What of a search engine stays when a list is changed: shards are kept, rows are masked, new rows get shards. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lapel.core.rows import StoredRows

GONE = -1
_AT_ONCE = 16_384
# Odd numbers without a pattern (splitmix64): any change of a row changes its key.
_STEP, _MIX = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9
_MOST_GONE = 0.2
_MOST_SMALL, _SMALL = 8, 16_384


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """``row_of`` i32[slots]: which row of the changed list each slot of the engine holds, GONE where none;
    ``fresh`` i64[k]: rows that no slot holds, in order."""

    row_of: NDArray[np.int32]
    fresh: NDArray[np.intp]


def row_keys(rows: StoredRows) -> NDArray[np.uint64]:
    """A number for what each row holds, u64[n]: equal rows have equal ones, and others all but never."""
    count, width = rows.shape
    words = -(-width // 8)
    factors = (np.arange(1, words + 1, dtype=np.uint64) * np.uint64(_STEP)) ^ np.uint64(_MIX)
    factors |= np.uint64(1)
    keys = np.empty(count, np.uint64)
    for at in range(0, count, _AT_ONCE):
        part = rows[at : min(at + _AT_ONCE, count)]
        padded = np.zeros((len(part), words * 8), np.int8)
        padded[:, :width] = part
        mixed = padded.view(np.uint64)
        mixed ^= mixed >> np.uint64(29)
        keys[at : at + len(part)] = (mixed * factors).sum(axis=1, dtype=np.uint64)
    return keys


def changes(held: NDArray[np.uint64], alive: NDArray[np.bool_], wanted: NDArray[np.uint64]) -> Changes:
    """What has to change so that slots with keys ``held`` u64[slots], of which some are ``alive``, hold rows with keys
    ``wanted`` u64[n]. A row that stands on the list twice is held twice."""
    slots = np.flatnonzero(alive)
    _, of_slot, of_row = np.intersect1d(
        _told_apart(held[slots]), _told_apart(wanted), assume_unique=True, return_indices=True
    )
    row_of = np.full(len(held), GONE, np.int32)
    row_of[slots[of_slot]] = of_row
    is_fresh = np.ones(len(wanted), np.bool_)
    is_fresh[of_row] = False
    return Changes(row_of, np.flatnonzero(is_fresh))


def to_compact(counts: Sequence[int], alive: Sequence[int]) -> tuple[int, ...]:
    """The shards, by number, that are to be made anew as one run of full ones; () where that is not worth it.

    ``counts`` of slots and how many of them are ``alive``. Shards that are mostly gone cost time at every query, many
    small ones a call each.
    """
    gone = {n for n, (count, living) in enumerate(zip(counts, alive, strict=True)) if living < count * (1 - _MOST_GONE)}
    small = {n for n, living in enumerate(alive) if living < _SMALL}
    chosen = gone | (small if len(small) > _MOST_SMALL else set())
    return tuple(sorted(chosen))


def _told_apart(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The keys, those that stand there several times made different, in the same way for every list."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(keys) else order
    repeated = np.arange(len(keys)) - np.repeat(starts, np.diff(np.append(starts, len(keys))))
    apart = np.empty_like(keys)
    apart[order] = ordered + repeated.astype(np.uint64) * np.uint64(_STEP)
    return apart
