"""Exact search in the TFLite runtime: the gallery is the int8 weights of one fully-connected layer a shard."""

from __future__ import annotations

import hashlib

import flatbuffers
import numpy as np
from numpy.typing import NDArray

from lapel.core.search import cosines, rescored, unit_scales
from lapel.errors import LapelError
from lapel.infer.tflite import Model, Runtime

# 32,768 rows × 1,280 int8 stay well below the 2 GiB of a FlatBuffer, and adding to a list builds one shard only.
SHARD_ROWS = 32_768

# From TensorFlow Lite's schema.fbs, version 3.
_FULLY_CONNECTED = 9
_FULLY_CONNECTED_OPTIONS = 8
_FLOAT32, _INT8 = 0, 9


class SearchSelfTestFailed(LapelError, ArithmeticError):
    """The runtime's answers differ from plain arithmetic: the gallery must not be searched with it."""


class TfliteSearch:
    """Exact search of rows i8[n, d], each the direction of a unit vector (port SearchEngine).

    Scores of the runtime, which makes bytes of the query too, choose the rows; those near the best are scored again
    with the query as it is, so that the order is that of plain arithmetic. Checks itself against it at construction.
    Raises: SearchSelfTestFailed.
    """

    def __init__(self, rows: NDArray[np.int8], runtime: Runtime = Runtime.LITERT, threads: int = 1) -> None:
        self._rows = rows
        self._shards = [
            _shard(rows[start : start + SHARD_ROWS], runtime, threads) for start in range(0, len(rows), SHARD_ROWS)
        ]
        self._self_test()

    def shortlist(self, queries: NDArray[np.float32], count: int) -> NDArray[np.intp]:
        """Rows with the highest cosine to any of the queries, best first."""
        if not self._shards or not len(queries):
            return np.empty(0, np.intp)
        return rescored(self._coarse(queries), queries, self._rows, count)

    def similarities(self, queries: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Best cosine over the queries for each of ``rows``, f32[len(rows)]."""
        return cosines(queries, self._rows[rows])

    def _coarse(self, queries: NDArray[np.float32]) -> NDArray[np.float32]:
        scores = [
            np.max([shard.invoke(np.ascontiguousarray(query[None]))[0][0] for query in queries], axis=0)
            for shard in self._shards
        ]
        return np.concatenate(scores).astype(np.float32, copy=False)

    def _self_test(self) -> None:
        """Thirty-two rows, spread over all shards, must find themselves."""
        if not len(self._rows):
            return
        for row in np.unique(np.linspace(0, len(self._rows) - 1, 32).astype(np.intp)):
            query = self._rows[row][None] * unit_scales(self._rows[row][None])[:, None]
            best = self.shortlist(query, 1)
            if not np.isclose(cosines(query, self._rows[best])[0], 1.0, atol=1e-4):
                raise SearchSelfTestFailed(
                    f"watchlist search: row {row} finds row {best} instead of itself; "
                    "use the other runtime (models.runtime in the profile)"
                )


def _shard(rows: NDArray[np.int8], runtime: Runtime, threads: int) -> Model:
    content = fully_connected(rows, unit_scales(rows))
    return Model(content, hashlib.sha256(content).hexdigest(), runtime, threads=threads)


def fully_connected(weights: NDArray[np.int8], scales: NDArray[np.float32]) -> bytes:
    """A TFLite model of one layer: f32[1, d] in, f32[1, n] out, ``weights`` int8[n, d] with one scale a row.

    Written with the FlatBuffers builder and field numbers of schema.fbs, since no runtime ships a writer.
    """
    rows, dimensions = weights.shape
    b = flatbuffers.Builder(weights.nbytes + 4096)
    buffers = [_buffer(b, None), _buffer(b, weights)]
    tensors = [
        _tensor(b, "query", (1, dimensions), _FLOAT32, 0, None),
        _tensor(b, "gallery", (rows, dimensions), _INT8, 1, scales),
        _tensor(b, "cosines", (1, rows), _FLOAT32, 0, None),
    ]
    inputs, outputs = b.CreateNumpyVector(np.array([0, 1, -1], np.int32)), b.CreateNumpyVector(np.array([2], np.int32))
    b.StartObject(5)
    options = b.EndObject()
    b.StartObject(5)
    b.PrependUOffsetTRelativeSlot(1, inputs, 0)
    b.PrependUOffsetTRelativeSlot(2, outputs, 0)
    b.PrependUint8Slot(3, _FULLY_CONNECTED_OPTIONS, 0)
    b.PrependUOffsetTRelativeSlot(4, options, 0)
    operator = b.EndObject()
    graph_in, graph_out = b.CreateNumpyVector(np.array([0], np.int32)), b.CreateNumpyVector(np.array([2], np.int32))
    tensor_list, operator_list = _offsets(b, tensors), _offsets(b, [operator])
    b.StartObject(5)
    for slot, value in enumerate((tensor_list, graph_in, graph_out, operator_list)):
        b.PrependUOffsetTRelativeSlot(slot, value, 0)
    graph = b.EndObject()
    b.StartObject(4)
    b.PrependInt8Slot(0, _FULLY_CONNECTED, 0)
    b.PrependInt32Slot(2, 5, 1)  # version 5: float input, int8 weights
    b.PrependInt32Slot(3, _FULLY_CONNECTED, 0)
    code = b.EndObject()
    codes, graphs, buffer_list = _offsets(b, [code]), _offsets(b, [graph]), _offsets(b, buffers)
    b.StartObject(5)
    b.PrependUint32Slot(0, 3, 0)
    for slot, value in ((1, codes), (2, graphs), (4, buffer_list)):
        b.PrependUOffsetTRelativeSlot(slot, value, 0)
    b.Finish(b.EndObject(), file_identifier=b"TFL3")
    return bytes(b.Output())


def _buffer(b: flatbuffers.Builder, content: NDArray[np.int8] | None) -> int:
    vector = None
    if content is not None:
        b.StartVector(1, content.size, 16)  # the runtime maps weights in place, 16-byte aligned
        b.head = b.head - content.size
        b.Bytes[b.head : b.head + content.size] = content.tobytes()
        vector = b.EndVector()
    b.StartObject(3)
    if vector is not None:
        b.PrependUOffsetTRelativeSlot(0, vector, 0)
    return int(b.EndObject())


def _tensor(
    b: flatbuffers.Builder,
    name: str,
    shape: tuple[int, int],
    dtype: int,
    buffer: int,
    scales: NDArray[np.float32] | None,
) -> int:
    quantisation = None
    if scales is not None:
        scale, zero = b.CreateNumpyVector(scales), b.CreateNumpyVector(np.zeros(len(scales), np.int64))
        b.StartObject(7)
        b.PrependUOffsetTRelativeSlot(2, scale, 0)
        b.PrependUOffsetTRelativeSlot(3, zero, 0)
        quantisation = b.EndObject()
    label, sides = b.CreateString(name), b.CreateNumpyVector(np.array(shape, np.int32))
    b.StartObject(8)
    b.PrependUOffsetTRelativeSlot(0, sides, 0)
    b.PrependInt8Slot(1, dtype, 0)
    b.PrependUint32Slot(2, buffer, 0)
    b.PrependUOffsetTRelativeSlot(3, label, 0)
    if quantisation is not None:
        b.PrependUOffsetTRelativeSlot(4, quantisation, 0)
    return int(b.EndObject())


def _offsets(b: flatbuffers.Builder, items: list[int]) -> int:
    b.StartVector(4, len(items), 4)
    for item in reversed(items):
        b.PrependUOffsetTRelative(item)
    return int(b.EndVector())
