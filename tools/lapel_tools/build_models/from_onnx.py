"""ONNX to TFLite at a fixed input size, by onnx2tf: the float files that the text and dense face models start from."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnx2tf
import onnxsim
from tensorflow.lite.python import schema_py_generated as schema

from lapel_tools.build_models import flatbuffer


@dataclass(frozen=True, slots=True)
class Floats:
    """The same network with fp32 and with fp16 weights; input and outputs are NHWC fp32 in both."""

    single: flatbuffer.Model
    half: flatbuffer.Model


def fixed(content: bytes, height_px: int, width_px: int) -> onnx.ModelProto:
    """The ONNX model for one picture of one size, its shape arithmetic folded into constants."""
    model = onnx.load_from_string(content)
    weights = {initializer.name for initializer in model.graph.initializer}
    pictures = [value for value in model.graph.input if value.name not in weights]
    del model.graph.input[:]  # old exporters list every weight as an input too
    model.graph.input.extend(pictures)
    shape = [1, 3, height_px, width_px]
    for dimension, size in zip(pictures[0].type.tensor_type.shape.dim, shape, strict=True):
        dimension.Clear()
        dimension.dim_value = size
    for value in model.graph.output:
        for dimension in value.type.tensor_type.shape.dim:
            dimension.Clear()
    simplified, agrees = onnxsim.simplify(model, overwrite_input_shapes={pictures[0].name: shape})
    if not agrees:
        raise ValueError(f"{pictures[0].name}: the simplified ONNX model does not give the same outputs")
    return simplified


def converted(model: onnx.ModelProto) -> Floats:
    """TFLite files of a fixed ONNX model."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        # onnx2tf feeds pictures through its own work to check shapes, and would download them if not found here.
        noise = np.random.default_rng(0).random((20, 128, 128, 3), dtype=np.float32)
        np.save("calibration_image_sample_data_20x128x128x3_float32.npy", noise)
        onnx.save(model, "model.onnx")
        with contextlib.redirect_stdout(sys.stderr):
            onnx2tf.convert(
                input_onnx_file_path="model.onnx", output_folder_path="out", not_use_onnxsim=True, non_verbose=True
            )
        return Floats(_read(Path("out/model_float32.tflite")), _read(Path("out/model_float16.tflite")))


def _read(path: Path) -> flatbuffer.Model:
    model = flatbuffer.load(path.read_bytes())
    flatbuffer.settle(model)
    return model


def expect_rgb(model: flatbuffer.Model) -> None:
    """Make a network trained on BGR pictures take RGB, by swapping the channels of its first convolution."""
    graph = model.subgraphs[0]
    first = next(op for op in graph.operators if flatbuffer.opcode(model, op) == schema.BuiltinOperator.CONV_2D)
    kernel = flatbuffer.constant_behind(model, int(first.inputs[1]))
    values = flatbuffer.constant(model, kernel)
    if values is None or values.shape[-1] != 3:
        raise ValueError("the first convolution does not take three channels; was the source package changed?")
    flatbuffer.set_constant(model, kernel, np.ascontiguousarray(values[..., ::-1]))
