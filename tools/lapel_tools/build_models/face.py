"""models/face.tflite and face_wide.tflite: where faces are, so that they can be destroyed; nothing else of them.

BlazeFace full range. The published model also places eyes, nose, mouth and ears: those outputs are cut
off here, so that what ships cannot give them.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np

from lapel_tools.build_models import flatbuffer, pictures, quantize, shapes
from lapel_tools.build_models.pins import FACE
from lapel_tools.build_models.sources import read

SQUARE_PX = (192, 192)
WIDE_PX = (576, 320)
LOGIT_RANGE = (-12.0, 6.0)
CENTRE_RANGE_PX = (-24.0, 24.0)
LARGEST_FACE = 7 / 6
"""Side of the largest face box, of the input's height: a face so near is cut by the border anyway."""


def floating(cache: Path, size_px: tuple[int, int]) -> flatbuffer.Model:
    """The source model in fp32 for the given width and height, with outputs ``score``, ``centre`` and ``size``."""
    model = flatbuffer.load(read(FACE, cache))
    flatbuffer.fold_half_weights(model)
    centre = _some_rows(model, "regressor_face_4", slice(0, 2), "centre")
    size = _some_rows(model, "regressor_face_4", slice(2, 4), "size")
    flatbuffer.cut(model, [flatbuffer.tensor_named(model, "classifier_face_4"), centre, size])
    flatbuffer.rename(model, ["picture"], ["score", "centre", "size"])
    shapes.reshape_input(model, *size_px)
    return model


def build(cache: Path, size_px: tuple[int, int] = SQUARE_PX) -> bytes:
    """The committed file's bytes for one input size."""
    model = quantize.calibrated(
        floating(cache, size_px),
        (
            pictures.signed_unit(pictures.resized(view, *size_px))
            for scene in pictures.scenes(cache)
            for view in pictures.views(scene)
        ),
    )
    quantize.fix(
        model,
        {
            "picture": pictures.SIGNED_UNIT_RANGE,
            "score": LOGIT_RANGE,
            "centre": CENTRE_RANGE_PX,
            "size": (0.0, size_px[1] * LARGEST_FACE),
        },
    )
    return quantize.quantized(model)


def build_wide(cache: Path) -> bytes:
    """The committed file's bytes of the wide variant: whole 16:9 frames without tiles."""
    return build(cache, WIDE_PX)


def _some_rows(model: flatbuffer.Model, name: str, rows: slice, new_name: str) -> int:
    """A second convolution beside the one that writes ``name``, giving only some of its channels: the new tensor."""
    graph = model.subgraphs[0]
    written = flatbuffer.tensor_named(model, name)
    operator = copy.deepcopy(next(op for op in graph.operators if written in op.outputs))
    inputs = [int(operator.inputs[0])]
    for source in operator.inputs[1:]:
        values: Any = flatbuffer.constant(model, int(source))
        inputs.append(_new_tensor(model, int(source), f"{new_name}_{len(inputs)}"))
        flatbuffer.set_constant(model, inputs[-1], values[rows])
    output = _new_tensor(model, written, new_name)
    shape = [int(n) for n in graph.tensors[written].shape]
    graph.tensors[output].shape = np.array([*shape[:-1], rows.stop - rows.start], dtype=np.int32)
    operator.inputs = np.array(inputs, dtype=np.int32)
    operator.outputs = np.array([output], dtype=np.int32)
    graph.operators.append(operator)
    return output


def _new_tensor(model: flatbuffer.Model, like: int, name: str) -> int:
    tensor = copy.deepcopy(model.subgraphs[0].tensors[like])
    tensor.name = name.encode()
    model.subgraphs[0].tensors.append(tensor)
    return len(model.subgraphs[0].tensors) - 1
