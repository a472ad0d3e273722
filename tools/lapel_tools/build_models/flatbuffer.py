"""Surgery on a TFLite flatbuffer: open it, fold its half-precision weights, cut it short, leave nothing dead.

A model is the schema's own object tree (``ModelT``), changed in place. Nothing here needs the graph the
model was once exported from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.lite.tools import flatbuffer_utils

Model = Any
"""``schema.ModelT``: generated code without types."""


def load(content: bytes) -> Model:
    """The object tree of a .tflite file's bytes; text is kept as the bytes that the file holds."""
    return flatbuffer_utils.read_model_from_bytearray(bytearray(content))


def dump(model: Model) -> bytes:
    """The .tflite bytes of an object tree: equal trees give equal bytes."""
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def name_of(tensor: Any) -> str:
    """A tensor's name as text; the schema hands it over as bytes."""
    return tensor.name.decode() if isinstance(tensor.name, bytes) else str(tensor.name)


def tensor_named(model: Model, name: str) -> int:
    """Index of the tensor called ``name``. Raises: KeyError, naming the tensor that is not there."""
    for index, tensor in enumerate(model.subgraphs[0].tensors):
        if name_of(tensor) == name:
            return index
    raise KeyError(f"{name}: no tensor of that name; was the source package changed?")


def constant(model: Model, index: int) -> np.ndarray[Any, Any] | None:
    """What a constant tensor holds, in its own shape and type; None where the tensor is computed."""
    tensor = model.subgraphs[0].tensors[index]
    data = model.buffers[tensor.buffer].data
    if data is None or len(data) == 0:
        return None
    dtype = {
        schema.TensorType.FLOAT32: np.float32,
        schema.TensorType.FLOAT16: np.float16,
        schema.TensorType.INT32: np.int32,
        schema.TensorType.INT64: np.int64,
        schema.TensorType.INT8: np.int8,
        schema.TensorType.UINT8: np.uint8,
    }[tensor.type]
    return np.frombuffer(bytes(data), dtype=dtype).reshape([int(n) for n in tensor.shape])


def set_constant(model: Model, index: int, values: np.ndarray[Any, Any]) -> None:
    """Give a tensor new constant contents of the type it already has."""
    tensor = model.subgraphs[0].tensors[index]
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(values.tobytes(), dtype=np.uint8)
    model.buffers.append(buffer)
    tensor.buffer = len(model.buffers) - 1
    tensor.shape = np.array(values.shape, dtype=np.int32)


def rename(model: Model, inputs: Sequence[str], outputs: Sequence[str]) -> None:
    """Give the graph's inputs and outputs the names that the manifest uses, in the graph's own order."""
    graph = model.subgraphs[0]
    for index, name in zip((*graph.inputs, *graph.outputs), (*inputs, *outputs), strict=True):
        graph.tensors[index].name = name.encode()


def producer(model: Model, index: int) -> Any:
    """The operator that writes a tensor. Raises: StopIteration where none does."""
    return next(operator for operator in model.subgraphs[0].operators if index in operator.outputs)


def constant_behind(model: Model, index: int) -> int:
    """The constant tensor that an operator reads at ``index``, looking through a DEQUANTIZE of fp16 weights."""
    if constant(model, index) is not None:
        return index
    return int(producer(model, index).inputs[0])


def opcode(model: Model, operator: Any) -> int:
    """The builtin operator code of an operator."""
    return int(model.operatorCodes[operator.opcodeIndex].builtinCode)


def fold_half_weights(model: Model) -> None:
    """Turn each fp16 constant behind a DEQUANTIZE into the fp32 constant it stands for.

    Every fp16 number is an fp32 number: the outputs stay the same to the bit. The quantizer does not look
    through DEQUANTIZE, so without this no weight would become int8.
    """
    graph = model.subgraphs[0]
    kept = []
    for operator in graph.operators:
        values = constant(model, operator.inputs[0]) if opcode(model, operator) == _DEQUANTIZE else None
        if values is None or values.dtype != np.float16:
            kept.append(operator)
            continue
        set_constant(model, operator.outputs[0], values.astype(np.float32))
    graph.operators = kept


def cut(model: Model, outputs: Sequence[int], inputs: Sequence[int] | None = None) -> None:
    """End the graph at ``outputs`` (and begin it at ``inputs``, where given), dropping all that is then unused."""
    graph = model.subgraphs[0]
    graph.outputs = np.array(outputs, dtype=np.int32)
    if inputs is not None:
        graph.inputs = np.array(inputs, dtype=np.int32)
    needed, kept = {int(i) for i in outputs}, []
    for operator in reversed(graph.operators):
        if needed.isdisjoint(int(o) for o in operator.outputs) or set(operator.outputs) <= set(graph.inputs):
            continue
        kept.append(operator)
        needed.update(int(i) for i in operator.inputs)
    graph.operators = kept[::-1]
    model.signatureDefs = None
    _drop_unused(model)


def settle(model: Model) -> None:
    """Order and name everything by where it is first used, whatever order and names an exporter came up with.

    Exporters name tensors after counters that depend on what they made before, and sort constants by those
    names: the same network then gives other bytes.
    """
    graph = model.subgraphs[0]
    late = {  # fp16 constants are unpacked by operators of their own, which stand in the order of the constants
        int(operator.outputs[0]): operator
        for operator in graph.operators
        if opcode(model, operator) == _DEQUANTIZE and constant(model, int(operator.inputs[0])) is not None
    }
    unpacking, operators = {id(operator) for operator in late.values()}, []
    for operator in graph.operators:
        if id(operator) not in unpacking:
            operators += [late.pop(int(i)) for i in operator.inputs if int(i) in late]
            operators.append(operator)
    graph.operators = operators
    used = [*graph.inputs, *(i for operator in operators for i in (*operator.inputs, *operator.outputs))]
    order = [i for i in dict.fromkeys(int(i) for i in used) if i >= 0]
    place = {-1: -1, **{old: new for new, old in enumerate(order)}}
    graph.tensors = [graph.tensors[i] for i in order]
    graph.inputs, graph.outputs = _renumber(graph.inputs, place), _renumber(graph.outputs, place)
    for operator in operators:
        operator.inputs, operator.outputs = _renumber(operator.inputs, place), _renumber(operator.outputs, place)
    for index, tensor in enumerate(graph.tensors):
        tensor.name = f"t{index}".encode()
    cut(model, list(graph.outputs))


def _drop_unused(model: Model) -> None:
    """Remove tensors, buffers, operator codes and metadata that no operator uses, renumbering the rest."""
    graph = model.subgraphs[0]
    used = {int(i) for i in (*graph.inputs, *graph.outputs)}
    for operator in graph.operators:
        used.update(int(i) for i in (*operator.inputs, *operator.outputs) if i >= 0)
    tensor_at = {old: new for new, old in enumerate(sorted(used))}
    tensor_at[-1] = -1
    graph.tensors = [graph.tensors[i] for i in sorted(used)]
    graph.inputs = _renumber(graph.inputs, tensor_at)
    graph.outputs = _renumber(graph.outputs, tensor_at)

    codes = sorted({operator.opcodeIndex for operator in graph.operators})
    for operator in graph.operators:
        operator.inputs = _renumber(operator.inputs, tensor_at)
        operator.outputs = _renumber(operator.outputs, tensor_at)
        operator.opcodeIndex = codes.index(operator.opcodeIndex)
    model.operatorCodes = [model.operatorCodes[i] for i in codes]

    # Buffer 0 is the schema's own empty buffer and must stay first.
    empty = schema.BufferT()
    buffers = [empty]
    for tensor in graph.tensors:
        data = model.buffers[tensor.buffer].data
        if data is None or len(data) == 0:
            tensor.buffer = 0
            continue
        buffers.append(model.buffers[tensor.buffer])
        tensor.buffer = len(buffers) - 1
    model.buffers = buffers
    model.metadata = None


def _renumber(indices: Sequence[int], new_at: dict[int, int]) -> np.ndarray[Any, Any]:
    return np.array([new_at[int(i)] for i in indices], dtype=np.int32)


_DEQUANTIZE = int(schema.BuiltinOperator.DEQUANTIZE)
