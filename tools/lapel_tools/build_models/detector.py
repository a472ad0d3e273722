"""models/detector.tflite: SSD-MobileNetV2 300, found things with their boxes, in full int8."""

from __future__ import annotations

from pathlib import Path

from tensorflow.lite.python import schema_py_generated as schema

from lapel_tools.build_models import flatbuffer, pictures, quantize
from lapel_tools.build_models.pins import DETECTOR
from lapel_tools.build_models.sources import read

SIDE_PX = 300
HEAD_RANGE = (-10.0, 8.0)
"""Box codes and logits outside this are rare outliers that would cost all others their resolution."""


def floating(cache: Path) -> flatbuffer.Model:
    """The source model with plain fp32 weights: the same outputs as published, to the bit."""
    model = flatbuffer.load(read(DETECTOR, cache))
    flatbuffer.fold_half_weights(model)
    flatbuffer.cut(model, list(model.subgraphs[0].outputs))
    flatbuffer.rename(model, ["picture"], ["boxes", "logits"])
    return model


def build(cache: Path) -> bytes:
    """The committed file's bytes."""
    model = quantize.calibrated(
        floating(cache),
        (
            pictures.signed_unit(pictures.resized(view, SIDE_PX, SIDE_PX))
            for scene in pictures.scenes(cache)
            for view in pictures.views(scene)
        ),
    )
    graph = model.subgraphs[0]
    heads = [name for output in graph.outputs for name in _behind(model, int(output))]
    quantize.fix(model, dict.fromkeys(heads, HEAD_RANGE))
    quantize.fix(model, {"picture": pictures.SIGNED_UNIT_RANGE})
    return quantize.quantized(model)


def _behind(model: flatbuffer.Model, tensor: int) -> list[str]:
    """Names of a head's output and of all that is only reshaped or joined into it: they share one scale."""
    graph = model.subgraphs[0]
    names = [flatbuffer.name_of(graph.tensors[tensor])]
    for operator in graph.operators:
        if tensor not in operator.outputs or flatbuffer.opcode(model, operator) not in _REARRANGING:
            continue
        for source in operator.inputs:
            if flatbuffer.constant(model, int(source)) is None:
                names += _behind(model, int(source))
    return names


_REARRANGING = {int(schema.BuiltinOperator.RESHAPE), int(schema.BuiltinOperator.CONCATENATION)}
