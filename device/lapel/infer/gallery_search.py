"""Exact search in the TFLite runtime: the gallery is the int8 weights of one fully-connected layer a shard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lapel.core.aggregate import unit_rows
from lapel.core.rows import Foremost, StoredRows
from lapel.core.search import cosines, near_best, rescored
from lapel.core.shards import GONE, changes, row_keys, to_compact
from lapel.errors import Tampered
from lapel.infer.shard import Shard, Share, tidy_memory
from lapel.infer.tflite import Runtime

# So few calls that what Python does between them is not seen, and at most 32 MiB beside the list to build one.
SHARD_ROWS, _SHARD_BYTES = 131_072, 32 * 2**20
# Whoever does not search the rows holds no more of them than this, and as much again.
_CHECKED_BYTES = 8 * 2**20
# Of rows that are chosen by their first values alone, so many times those that are wanted are looked at whole.
_AMONG = 8
# Below every cosine: what is gone is never among the best.
_NEVER = -2.0


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """A shard, and which rows of the list its slots hold: i32[n], None where they are those from ``first`` on."""

    shard: Shard
    first: int
    row_of: NDArray[np.int32] | None = None
    gone: NDArray[np.intp] | None = None

    def rows(self) -> NDArray[np.int32]:
        if self.row_of is None:
            return np.arange(self.first, self.first + self.shard.count, dtype=np.int32)
        return self.row_of

    def scores(self, queries: NDArray[np.float32]) -> NDArray[np.float32]:
        scores = self.shard.scores(queries)
        if self.gone is not None:
            scores[self.gone] = _NEVER
        return scores

    def without(self, rows: NDArray[np.intp]) -> _Held:
        held = self.rows()
        out = np.isin(held, rows)
        return self.holding(np.where(out, np.int32(GONE), held)) if out.any() else self

    def holding(self, row_of: NDArray[np.int32]) -> _Held:
        gone = np.flatnonzero(row_of == GONE)
        return _Held(self.shard, 0, row_of, gone if len(gone) else None)


class TfliteSearch:
    """Exact search of rows i8[n, d], each the direction of a unit vector (port SearchEngine).

    Scores of the runtime, which makes bytes of the query too, choose the rows; those near the best are scored again
    with the query as it is, so that the order is that of plain arithmetic, to which each shard is compared when made.
    With ``foremost`` only so many first values of each row are held in memory and choose, of eight times as many: of
    rows that begin with what tells most apart, which a learned map gives, few of the best are lost.
    Raises: SearchSelfTestFailed, and what reading ``rows`` raises.
    """

    def __init__(
        self,
        rows: StoredRows,
        runtime: Runtime = Runtime.LITERT,
        threads: int = 1,
        held: Sequence[_Held] | None = None,
        foremost: int | None = None,
    ) -> None:
        self._rows, self._runtime, self._threads = rows, runtime, threads
        self._foremost = foremost
        if held is None:
            searched = self._searched(rows)
            held = [
                _Held(Shard(Share(searched, range(start, end)), runtime, threads), start)
                for start, end in _spans(*searched.shape)
            ]
            tidy_memory()
        self._hold(held)

    def _hold(self, held: Sequence[_Held]) -> None:
        self._held = tuple(held)
        is_as_listed = all(each.row_of is None for each in self._held)
        self._row_of = None if is_as_listed else np.concatenate([each.rows() for each in self._held])

    def shortlist(self, queries: NDArray[np.float32], count: int) -> NDArray[np.intp]:
        """Rows with the highest cosine to any of the queries, best first."""
        if not self._rows.shape[0] or not len(queries):
            return np.empty(0, np.intp)
        queries = np.ascontiguousarray(queries, np.float32)
        chosen_by, among = queries, count
        if self._foremost is not None:
            chosen_by, among = unit_rows(queries[:, : self._foremost]), count * _AMONG
        near = near_best((each.scores(chosen_by) for each in self._held), among)
        if self._row_of is not None:
            near = np.sort(self._row_of[near].astype(np.intp))
            near = near[near != GONE]  # only where fewer rows are left than are wanted
        if len(near) == 1:  # nothing else can be the best: it need not be looked at
            return near
        return rescored(queries, near, self._rows[near], count)

    def similarities(self, queries: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Best cosine over the queries for each of ``rows``, f32[len(rows)]."""
        return cosines(queries, self._rows[rows])

    def leave_out(self, rows: NDArray[np.intp]) -> None:
        """Name these rows no more: their slots are masked."""
        self._hold([each.without(rows) for each in self._held])

    def renewed(self, rows: StoredRows) -> TfliteSearch:
        """The engine for a changed list: shards are made of new rows only, what left the list is masked.

        This one stays as it is and may be searched meanwhile; shards of both are the same, so that from the first
        search with the new one on it must not be. Raises: SearchSelfTestFailed, and what reading rows raises.
        """
        if rows.shape[1] != self._rows.shape[1]:
            return self._like(rows)
        slots = np.concatenate([np.empty(0, np.int32), *(each.rows() for each in self._held)])
        alive = slots != GONE
        held_keys = np.zeros(len(slots), np.uint64)
        try:
            held_keys[alive] = row_keys(self._rows)[slots[alive]]
        except Tampered:  # what is searched was changed on disk meanwhile: nothing of it can be told to be the same
            return self._like(rows)
        change = changes(held_keys, alive, row_keys(rows))
        held, start = [], 0
        for each in self._held:
            part = change.row_of[start : start + each.shard.count]
            start += each.shard.count
            if (part != GONE).any():  # otherwise nothing of the shard is listed any more
                held.append(each.holding(part))
        return self._like(rows, [*held, *self._made(rows, change.fresh)])

    def compacted(self) -> TfliteSearch | None:
        """The engine with sparse and small shards made anew as full ones; None where that is not worth it.

        For when nothing else is to be done. This one may be searched meanwhile, as with ``renewed``.
        """
        living = [int((each.rows() != GONE).sum()) for each in self._held]
        chosen = to_compact([each.shard.count for each in self._held], living)
        if not chosen:
            return None
        kept = [each for number, each in enumerate(self._held) if number not in chosen]
        rows = np.sort(np.concatenate([self._held[number].rows() for number in chosen]))
        made = self._made(self._rows, rows[rows != GONE].astype(np.intp))
        return self._like(self._rows, [*kept, *made])

    def _like(self, rows: StoredRows, held: Sequence[_Held] | None = None) -> TfliteSearch:
        return TfliteSearch(rows, self._runtime, self._threads, held, self._foremost)

    def _searched(self, rows: StoredRows) -> StoredRows:
        return rows if self._foremost is None else Foremost(rows, self._foremost)

    def _made(self, rows: StoredRows, numbers: NDArray[np.intp]) -> list[_Held]:
        """Shards of the rows of these numbers."""
        searched = self._searched(rows)
        spans = _spans(len(numbers), searched.shape[1])
        made = [
            _Held(Shard(Share(searched, part), self._runtime, self._threads), 0, part.astype(np.int32))
            for part in (numbers[start:end] for start, end in spans)
        ]
        if made:
            tidy_memory()
        return made


def check_rows(rows: StoredRows, runtime: Runtime) -> None:
    """See that rows can be searched, a small shard in memory at a time. Raises: as TfliteSearch."""
    for start, end in _spans(rows.shape[0], rows.shape[1], _CHECKED_BYTES):
        Shard(Share(rows, range(start, end)), runtime)


def _spans(count: int, width: int, most_bytes: int = _SHARD_BYTES) -> list[tuple[int, int]]:
    step = min(SHARD_ROWS, max(1, most_bytes // max(1, width)))
    return [(start, min(start + step, count)) for start in range(0, count, step)]
