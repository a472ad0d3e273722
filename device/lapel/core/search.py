"""Exact search of a gallery: quantisation, choosing, rescoring, and a plain engine to check others against."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Quantising to int8 moves a cosine by less than this, so that the exact winner is among the rows
# within it of the best (400 of 400 queries, 300,000 rows).
QUANTISATION_SLACK = 0.02


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


def rescored(
    coarse: NDArray[np.float32], queries: NDArray[np.float32], rows: NDArray[np.int8], count: int
) -> NDArray[np.intp]:
    """The exact best rows from coarse scores: rows near the coarse best are scored again at the stored precision.

    ``coarse`` f32[n] within QUANTISATION_SLACK / 2 of the true cosines; ``queries`` f32[k, d]; ``rows`` i8[n, d].
    """
    wanted = best_rows(coarse, count)
    if not len(wanted):
        return wanted
    near = np.flatnonzero(coarse >= coarse[wanted[-1]] - QUANTISATION_SLACK)
    exact = cosines(queries, rows[near])
    return np.asarray(near[best_rows(exact, count)], np.intp)


def cosines(queries: NDArray[np.float32], rows: NDArray[np.int8]) -> NDArray[np.float32]:
    """The best cosine over queries f32[k, d] of unit length for each of rows i8[n, d], f32[n]."""
    if not len(queries):
        return np.full(len(rows), -1, np.float32)
    return np.asarray((rows.astype(np.float32) @ queries.T).max(axis=1) * unit_scales(rows), np.float32)


class NumpySearch:
    """Exact search by one matrix product: slow on long lists, and right by inspection (port SearchEngine)."""

    def __init__(self, rows: NDArray[np.int8]) -> None:
        """``rows`` i8[n, d], each the direction of a unit vector."""
        self._rows = rows

    def shortlist(self, queries: NDArray[np.float32], count: int) -> NDArray[np.intp]:
        """Rows with the highest cosine to any of the queries, best first."""
        if not len(self._rows) or not len(queries):
            return np.empty(0, np.intp)
        return best_rows(cosines(queries, self._rows), count)

    def similarities(self, queries: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Best cosine over the queries for each of ``rows``, f32[len(rows)]."""
        return cosines(queries, self._rows[rows])
