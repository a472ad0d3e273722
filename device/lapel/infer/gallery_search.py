"""Exact search in the TFLite runtime: the gallery is the int8 weights of one fully-connected layer a shard."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lapel.core.rows import StoredRows
from lapel.core.search import cosines, near_best, rescored, unit_scales
from lapel.errors import LapelError
from lapel.infer.shard import Shard
from lapel.infer.tflite import Runtime

# So few calls that what Python does between them is not seen, and at most 16 MiB beside the list to build one.
SHARD_ROWS, _SHARD_BYTES = 65_536, 16 * 2**20


class SearchSelfTestFailed(LapelError, ArithmeticError):
    """The runtime's answers differ from plain arithmetic: the gallery must not be searched with it."""


class TfliteSearch:
    """Exact search of rows i8[n, d], each the direction of a unit vector (port SearchEngine).

    Scores of the runtime, which makes bytes of the query too, choose the rows; those near the best are scored again
    with the query as it is, so that the order is that of plain arithmetic. Checks itself against it at construction.
    Raises: SearchSelfTestFailed, and what reading ``rows`` raises.
    """

    def __init__(self, rows: StoredRows, runtime: Runtime = Runtime.LITERT, threads: int = 1) -> None:
        self._rows = rows
        count, width = rows.shape
        step = min(SHARD_ROWS, max(1, _SHARD_BYTES // max(1, width)))
        self._shards = [Shard(rows[at : min(at + step, count)], runtime, threads) for at in range(0, count, step)]
        self._self_test()

    def shortlist(self, queries: NDArray[np.float32], count: int) -> NDArray[np.intp]:
        """Rows with the highest cosine to any of the queries, best first."""
        if not self._shards or not len(queries):
            return np.empty(0, np.intp)
        queries = np.ascontiguousarray(queries, np.float32)
        near = near_best((shard.scores(queries) for shard in self._shards), count)
        if len(near) == 1:  # nothing else can be the best: it need not be looked at
            return near
        return rescored(queries, near, self._rows[near], count)

    def similarities(self, queries: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Best cosine over the queries for each of ``rows``, f32[len(rows)]."""
        return cosines(queries, self._rows[rows])

    def _self_test(self) -> None:
        """Thirty-two rows, spread over all shards, must find themselves."""
        count = self._rows.shape[0]
        if not count:
            return
        for row in np.unique(np.linspace(0, count - 1, 32).astype(np.intp)):
            kept = self._rows[row : row + 1]
            query = kept * unit_scales(kept)[:, None]
            best = self.shortlist(query, 1)
            if not np.isclose(cosines(query, self._rows[best])[0], 1.0, atol=1e-4):
                raise SearchSelfTestFailed(
                    f"watchlist search: row {row} finds row {best} instead of itself; "
                    "use the other runtime (models.runtime in the profile)"
                )
