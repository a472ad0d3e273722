"""Exact search of a gallery: quantisation, choosing, rescoring, and a plain engine to check others against."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lapel.core.rows import StoredRows

# Quantising to int8 moves a cosine by less than this, so that the exact winner is among the rows
# within it of the best (400 of 400 queries, 300,000 rows).
QUANTISATION_SLACK = 0.02
# A part of a gallery is looked through in at most so many lines; one of so few rows in a single line.
_LINES, _FEW = 64, 1024
_AT_ONCE = 4096


def quantise_rows(rows: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Rows f32[n, d] as int8[n, d] and one scale a row f32[n]: ``row ≈ int8 * scale``. Zero rows get scale 1."""
    peaks = np.abs(rows).max(axis=1) if rows.size else np.zeros(len(rows), np.float32)
    scales = np.where(peaks > 0, peaks / 127.0, 1.0).astype(np.float32)
    return np.clip(np.rint(rows / scales[:, None]), -127, 127).astype(np.int8), scales


def directions(rows: NDArray[np.float32]) -> NDArray[np.int8]:
    """Unit rows f32[n, d] as bytes i8[n, d] that keep their direction: how references are kept."""
    kept = quantise_rows(rows)[0]
    kept.setflags(write=False)
    return kept


def unit_scales(rows: NDArray[np.int8]) -> NDArray[np.float32]:
    """What each row i8[n, d] is to be multiplied by to be of unit length, f32[n]."""
    squared = np.einsum("nd,nd->n", rows, rows, dtype=np.float32) if rows.size else np.ones(len(rows), np.float32)
    return np.asarray(1 / np.sqrt(np.maximum(squared, 1)), np.float32)


def best_rows(scores: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Indices of the ``count`` highest scores, best first; ties by the lower index."""
    count = min(count, len(scores))
    if count <= 0:
        return np.empty(0, np.intp)
    # argpartition is linear; sorting all scores was among the slowest steps of a naive loop.
    kept = np.argpartition(-scores, count - 1)[:count] if count < len(scores) else np.arange(len(scores))
    order = np.lexsort((kept, -scores[kept]))
    return np.asarray(kept[order], np.intp)


def near_best(parts: Iterable[NDArray[np.float32]], count: int) -> NDArray[np.intp]:
    """Rows that may be among the ``count`` best: those whose coarse score is near the count-th best one, in order.

    ``parts`` f32[n], one after the other, are within QUANTISATION_SLACK / 2 of the true cosines. Nothing is sorted or
    copied that is as long as the gallery: a part is folded into columns, of which all but a few hold no score that is
    near.
    """
    # Each part is folded as soon as it is there, while the processor still has it at hand.
    folded = [(part, _peaks(part)) for part in parts]
    if count <= 0 or not folded:
        return np.empty(0, np.intp)
    # The count best peaks are so many different rows: the count-th best of all is not below the least of them.
    floor = _least_of_best(np.concatenate([tops for _, tops in folded]), count) - QUANTISATION_SLACK
    places, scores, start = [], [], 0
    for part, tops in folded:
        # Most parts hold nothing that is near: each step more on all of them would be seen beside so short a search.
        kept = np.flatnonzero(tops >= floor)
        if len(kept):
            rows = (np.arange(0, len(part), max(1, len(tops)))[:, None] + kept).ravel()
            rows = rows[rows < len(part)]
            places.append(rows + start)
            scores.append(part[rows])
        start += len(part)
    if not places:  # none has a row
        return np.empty(0, np.intp)
    near, coarse = np.concatenate(places), np.concatenate(scores)
    return np.sort(near[coarse >= _least_of_best(coarse, count) - QUANTISATION_SLACK])


def _peaks(part: NDArray[np.float32]) -> NDArray[np.float32]:
    """The best score of each column, when a part is written out in lines of so many columns."""
    columns = max(len(part) // _LINES, min(len(part), _FEW))
    lines = len(part) // max(1, columns)
    peaks = np.asarray(part[: lines * columns].reshape(lines, columns).max(axis=0, initial=-np.inf), np.float32)
    rest = part[lines * columns :]
    np.maximum(peaks[: len(rest)], rest, out=peaks[: len(rest)])
    return peaks


def _least_of_best(scores: NDArray[np.float32], count: int) -> np.float32:
    """The count-th best score, or the least where there are fewer."""
    if not len(scores):
        return np.float32(-np.inf)
    at = len(scores) - min(count, len(scores))
    return np.float32(scores.max() if count == 1 else np.partition(scores, at)[at])


def rescored(
    queries: NDArray[np.float32], near: NDArray[np.intp], rows: NDArray[np.int8], count: int
) -> NDArray[np.intp]:
    """The exact best of the ``near`` rows, whose bytes are ``rows`` i8[len(near), d], best first."""
    return np.asarray(near[best_rows(cosines(queries, rows), count)], np.intp)


def cosines(queries: NDArray[np.float32], rows: NDArray[np.int8]) -> NDArray[np.float32]:
    """The best cosine over queries f32[k, d] of unit length for each of rows i8[n, d], f32[n]."""
    if not len(queries):
        return np.full(len(rows), -1, np.float32)
    return np.asarray((rows.astype(np.float32) @ queries.T).max(axis=1) * unit_scales(rows), np.float32)


class NumpySearch:
    """Exact search by plain arithmetic: slow on long lists, and right by inspection (port SearchEngine)."""

    def __init__(self, rows: StoredRows) -> None:
        """``rows`` i8[n, d], each the direction of a unit vector."""
        self._rows = rows[0 : rows.shape[0]]
        self._out = np.empty(0, np.intp)

    def shortlist(self, queries: NDArray[np.float32], count: int) -> NDArray[np.intp]:
        """Rows with the highest cosine to any of the queries, best first."""
        if not len(self._rows) or not len(queries):
            return np.empty(0, np.intp)
        # As floats the rows take four times their bytes: never all of them at once.
        parts = [cosines(queries, self._rows[at : at + _AT_ONCE]) for at in range(0, len(self._rows), _AT_ONCE)]
        scores = np.concatenate(parts)
        scores[self._out] = -np.inf
        return best_rows(scores, min(count, len(scores) - len(self._out)))

    def leave_out(self, rows: NDArray[np.intp]) -> None:
        """Name these rows no more."""
        self._out = np.union1d(self._out, rows)

    def similarities(self, queries: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Best cosine over the queries for each of ``rows``, f32[len(rows)]."""
        return cosines(queries, self._rows[rows])
