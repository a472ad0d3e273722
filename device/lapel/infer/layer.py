"""The TFLite file of one fully-connected layer: what makes a runtime search a gallery."""

from __future__ import annotations

import struct

import flatbuffers
import numpy as np
from numpy.typing import NDArray

# From TensorFlow Lite's schema.fbs, version 3.
_FULLY_CONNECTED = 9
_FULLY_CONNECTED_OPTIONS = 8
_FLOAT32, _INT8 = 0, 9
# The runtime maps weights in place.
_ALIGNMENT = 16
_LONGEST_VECTOR = 2**31 - 2**20


def layer_head(scales: NDArray[np.float32], rows: int, dimensions: int) -> bytes:
    """What stands before the weights in the file of one layer: f32[1, d] in, f32[1, n] out, a scale a row or one, f32.

    The file is whole when weights int8[n, d] follow: they are never copied into a builder, and may be written to
    where they are wanted. Written with the FlatBuffers builder and field numbers of schema.fbs, since no runtime ships
    a writer. Raises: ValueError for weights of 2 GiB and more.
    """
    if rows * dimensions >= _LONGEST_VECTOR:
        raise ValueError(f"a layer of {rows} × {dimensions} weights: a FlatBuffer holds less than 2 GiB")
    b = flatbuffers.Builder(len(scales) * 12 + 4096)
    # The builder works from the end: what is begun first is last in the file, and its length the last that is written.
    b.StartVector(1, 0, _ALIGNMENT)
    weights = b.EndVector()
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
    return bytes(b.Output()[:-4]) + struct.pack("<I", rows * dimensions)


def _buffer(b: flatbuffers.Builder, vector: int | None) -> int:
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
