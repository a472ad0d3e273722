"""A part of a gallery in the TFLite runtime: int8 rows as the weights of one layer, held once."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lapel.core.search import QUANTISATION_SLACK, cosines, unit_scales
from lapel.errors import LapelError, Tampered
from lapel.infer.layer import layer_head
from lapel.infer.tflite import Model, Runtime

_NAME = "watchlist shard"
# fallocate(2): give the pages back, keep the file's length.
_KEEP_SIZE, _PUNCH_HOLE = 1, 2


# So many rows of a shard are compared with plain arithmetic before it is searched.
_TESTED = 32


class SearchSelfTestFailed(LapelError, ArithmeticError):
    """The runtime's answers differ from plain arithmetic: the gallery must not be searched with it."""


class Shard:
    """Rows i8[n, d] that answer a query with n cosines, off by what making bytes of the query costs.

    The runtime keeps its own packed copy. It is loaded from memory that is given back once the copy is made
    (``is_lean``), if answers stay the same to the bit; a runtime that still needs the source is given it for good.
    Thirty-two rows, spread over it, must be scored as plain arithmetic scores them. Raises: SearchSelfTestFailed.
    """

    def __init__(self, rows: NDArray[np.int8], runtime: Runtime, threads: int = 1) -> None:
        self.count = len(rows)
        scales = unit_scales(rows)
        # tflite-runtime 2.14 takes a scale a row for none at all, and answers 0: it gets one, and we do the rest.
        self._scales = None if runtime is Runtime.LITERT else scales
        head = layer_head(scales if self._scales is None else np.ones(1, np.float32), *rows.shape)
        tested = np.unique(np.linspace(0, len(rows) - 1, _TESTED).astype(np.intp))
        probe = np.asarray(rows[tested[-1:]] * scales[tested[-1:], None], np.float32)
        lean = _lean(head, rows, runtime, threads, probe)
        self.is_lean = lean is not None
        self._model = lean or Model(head + rows.tobytes(), _NAME, runtime, threads=threads)
        self._test(probe, tested, cosines(probe, rows[tested]))

    def scores(self, queries: NDArray[np.float32]) -> NDArray[np.float32]:
        """The best cosine of each row to any of the queries f32[k, d], f32[n]; gone when the next are asked for."""
        best: NDArray[np.float32] = self._model.answer(queries[:1])[0]
        if len(queries) > 1:
            best = best.copy()
            for query in queries[1:]:
                np.maximum(best, self._model.answer(query[None])[0], out=best)
        if self._scales is not None:
            best *= self._scales
        return best

    def _test(self, probe: NDArray[np.float32], tested: NDArray[np.intp], exact: NDArray[np.float32]) -> None:
        off = float(np.abs(self.scores(probe)[tested] - exact).max())
        if not off <= QUANTISATION_SLACK / 2:
            raise SearchSelfTestFailed(
                f"watchlist search: the runtime's scores of {len(tested)} rows are off by up to {off:.3f}; "
                "use the other runtime (models.runtime in the profile)"
            )


def _lean(
    head: bytes, rows: NDArray[np.int8], runtime: Runtime, threads: int, probe: NDArray[np.float32]
) -> Model | None:
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


def tidy_memory() -> None:
    """Give back what the C library keeps of buffers that were freed: as much as a shard, after several were built."""
    if hasattr(library := ctypes.CDLL(None), "malloc_trim"):  # glibc's alone
        library.malloc_trim(0)
