"""A part of a gallery in the TFLite runtime: int8 rows as the weights of one layer, held once."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lapel.core.search import unit_scales
from lapel.errors import Tampered
from lapel.infer.layer import layer_head
from lapel.infer.tflite import Model, Runtime

_NAME = "watchlist shard"
# fallocate(2): give the pages back, keep the file's length.
_KEEP_SIZE, _PUNCH_HOLE = 1, 2


class Shard:
    """Rows i8[n, d] that answer a query with n cosines, off by what making bytes of the query costs.

    The runtime keeps its own packed copy. It is loaded from memory that is given back once the copy is made
    (``is_lean``), if answers stay the same to the bit; a runtime that still needs the source is given it for good.
    """

    def __init__(self, rows: NDArray[np.int8], runtime: Runtime, threads: int = 1) -> None:
        self.count = len(rows)
        head = layer_head(unit_scales(rows), rows.shape[1])
        lean = _lean(head, rows, runtime, threads)
        self.is_lean = lean is not None
        self._model = lean or Model(head + rows.tobytes(), _NAME, runtime, threads=threads)

    def scores(self, queries: NDArray[np.float32]) -> NDArray[np.float32]:
        """The best cosine of each row to any of the queries f32[k, d], f32[n]; gone when the next are asked for."""
        best: NDArray[np.float32] = self._model.answer(queries[:1])[0]
        if len(queries) == 1:
            return best
        best = best.copy()
        for query in queries[1:]:
            np.maximum(best, self._model.answer(query[None])[0], out=best)
        return best


def _lean(head: bytes, rows: NDArray[np.int8], runtime: Runtime, threads: int) -> Model | None:
    """The layer without its source; None where that cannot be had."""
    try:
        memory = os.memfd_create("lapel-shard", os.MFD_CLOEXEC)
    except OSError:
        return None
    try:
        written = os.write(memory, head)
        weights = np.ascontiguousarray(rows).data.cast("B")
        while written < len(head) + len(weights):
            written += os.write(memory, weights[written - len(head) :])
        model = Model(Path(f"/proc/self/fd/{memory}"), _NAME, runtime, threads=threads)
        probe = (rows[:1] * unit_scales(rows[:1])[:, None]).astype(np.float32)
        (before,) = model.invoke(probe)
        if not _given_back(memory, written):
            return None
        (after,) = model.invoke(probe)
    except (OSError, Tampered):  # no room, no /proc: then the source stays in memory
        return None
    finally:
        os.close(memory)
    return model if np.array_equal(before, after) else None


def _given_back(memory: int, length: int) -> bool:
    flags, start, end = _PUNCH_HOLE | _KEEP_SIZE, ctypes.c_int64(0), ctypes.c_int64(length)
    return bool(ctypes.CDLL(None).fallocate64(memory, flags, start, end) == 0)
