"""A part of a gallery in the TFLite runtime: int8 rows as the weights of one layer, held once."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lapel.core.rows import StoredRows
from lapel.core.search import QUANTISATION_SLACK, cosines, unit_scales
from lapel.errors import LapelError, Tampered
from lapel.infer.huge_pages import into_huge_pages, own_memory
from lapel.infer.layer import layer_head
from lapel.infer.tflite import Model, OpenFile, Runtime

_NAME = "watchlist shard"
# fallocate(2): give the pages back, keep the file's length.
_KEEP_SIZE, _PUNCH_HOLE = 1, 2


# Some 1 MiB of rows: no more of a list is in memory beside what it becomes.
_AT_ONCE = 4096
# So many rows of a shard are compared with plain arithmetic before it is searched.
_TESTED = 32


class SearchSelfTestFailed(LapelError, ArithmeticError):
    """The runtime's answers differ from plain arithmetic: the gallery must not be searched with it."""


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """Rows of a list that become one shard, by ``numbers`` i64[n] or those of a range; read a few at a time."""

    rows: StoredRows
    numbers: range | NDArray[np.intp]

    @property
    def shape(self) -> tuple[int, int]:
        """(n, d)."""
        return len(self.numbers), self.rows.shape[1]

    def pieces(self) -> Iterator[NDArray[np.int8]]:
        """The rows in order, some thousand at once. Raises: what reading them raises."""
        for at in range(0, len(self.numbers), _AT_ONCE):
            some = self.numbers[at : at + _AT_ONCE]
            yield self.rows[slice(some.start, some.stop) if isinstance(some, range) else some]

    def among(self, places: NDArray[np.intp]) -> NDArray[np.int8]:
        """The rows at some places of it, read in the same way as all of them."""
        numbers = (int(self.numbers[place]) for place in places)
        return np.concatenate([self.rows[number : number + 1] for number in numbers])


class Shard:
    """Rows i8[n, d] that answer a query with n cosines, off by what making bytes of the query costs.

    The runtime keeps its own packed copy. It is loaded from memory that is given back once the copy is made
    (``is_lean``), if answers stay the same to the bit; a runtime that still needs the source is given it for good.
    Thirty-two rows, spread over it, must be scored as plain arithmetic scores them. Raises: SearchSelfTestFailed, and
    what reading rows raises.
    """

    def __init__(self, share: Share, runtime: Runtime, threads: int = 1) -> None:
        self.count = share.shape[0]
        tested = np.unique(np.linspace(0, self.count - 1, _TESTED).astype(np.intp))
        known = share.among(tested)
        probe = np.asarray(known[-1:] * unit_scales(known[-1:])[:, None], np.float32)
        scales = np.ones(self.count, np.float32)
        lean = _lean(share, scales, runtime, threads, probe)
        self.is_lean = lean is not None
        self._model = lean or _whole(share, scales, runtime, threads)
        self._scales = None if runtime is Runtime.LITERT else scales
        self._test(probe, tested, cosines(probe, known))

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
    share: Share, scales: NDArray[np.float32], runtime: Runtime, threads: int, probe: NDArray[np.float32]
) -> Model | None:
    """The layer without its source, and its ``scales`` filled in; None where that cannot be had."""
    try:
        memory = os.memfd_create("lapel-shard", os.MFD_CLOEXEC)
    except OSError:
        return None
    file = OpenFile(memory)
    try:
        # What stands before the rows has the scales in it, and is as long whatever they are.
        at = len(_head(share, scales, runtime))
        for piece in _weights(share, scales):
            at = _put(memory, piece, at)
        _put(memory, memoryview(_head(share, scales, runtime)), 0)
        others = own_memory()
        model = Model(file, _NAME, runtime, threads=threads)
        (before,) = model.invoke(probe)
        if not _given_back(memory, at):
            return None
        into_huge_pages(others)
        (after,) = model.invoke(probe)
    except (OSError, Tampered):  # no room, no /proc: then the source stays in memory
        return None
    return model if np.array_equal(before, after) else None


def _whole(share: Share, scales: NDArray[np.float32], runtime: Runtime, threads: int) -> Model:
    weights = b"".join(_weights(share, scales))
    return Model(_head(share, scales, runtime) + weights, _NAME, runtime, threads=threads)


def _head(share: Share, scales: NDArray[np.float32], runtime: Runtime) -> bytes:
    # tflite-runtime 2.14 takes a scale a row for none at all, and answers 0: it gets one, and we do the rest.
    return layer_head(scales if runtime is Runtime.LITERT else np.ones(1, np.float32), *share.shape)


def _weights(share: Share, scales: NDArray[np.float32]) -> Iterator[memoryview]:
    """The rows as bytes, a few at a time, each one's scale filled in on the way."""
    at = 0
    for piece in share.pieces():
        scales[at : at + len(piece)] = unit_scales(piece)
        at += len(piece)
        yield np.ascontiguousarray(piece).data.cast("B")


def _put(memory: int, data: memoryview, at: int) -> int:
    """Write all of it from a place on; returns where it ends."""
    while data:
        count = os.pwrite(memory, data, at)
        at, data = at + count, data[count:]
    return at


def _given_back(memory: int, length: int) -> bool:
    flags, start, end = _PUNCH_HOLE | _KEEP_SIZE, ctypes.c_int64(0), ctypes.c_int64(length)
    return bool(ctypes.CDLL(None).fallocate64(memory, flags, start, end) == 0)


def tidy_memory() -> None:
    """Give back what the C library keeps of buffers that were freed: as much as a shard, after several were built."""
    if hasattr(library := ctypes.CDLL(None), "malloc_trim"):  # glibc's alone
        library.malloc_trim(0)
