"""Full-int8 quantization of a float .tflite file, without the graph it was exported from.

TensorFlow's calibrator writes the range of every activation into the flatbuffer; ranges that one outlier
has blown up are narrowed by hand; TensorFlow's MLIR quantizer then makes every tensor int8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorflow.lite.python import convert
from tensorflow.lite.python.optimize.calibrator import Calibrator
from tensorflow.python.framework import dtypes

from lapel_tools.build_models import flatbuffer

Range = tuple[float, float]


def calibrated(model: flatbuffer.Model, inputs: Iterable[NDArray[np.float32]]) -> flatbuffer.Model:
    """The model with the smallest and largest value of every activation over ``inputs`` written into it.

    ``inputs`` are batches of one, as the float model wants them; their order is immaterial to the result.
    """

    def feed() -> Iterable[list[NDArray[np.float32]]]:
        for value in inputs:
            yield [value]

    result = flatbuffer.load(bytes(Calibrator(flatbuffer.dump(model)).calibrate(feed)))
    for tensor in result.subgraphs[0].tensors:
        if tensor.quantization is not None and tensor.quantization.min is not None:
            tensor.quantization.min = _coarse(tensor.quantization.min)
            tensor.quantization.max = _coarse(tensor.quantization.max)
    return result


def _coarse(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values to nine binary digits: the last bits differ between processors, and builds must not."""
    mantissa, exponent = np.frexp(np.asarray(values, dtype=np.float64))
    return np.ldexp(np.round(mantissa * 512) / 512, exponent).astype(np.float32)


def narrow(model: flatbuffer.Model, ranges: Mapping[str, Range]) -> None:
    """Clamp the calibrated range of the named tensors: values outside saturate, those inside gain resolution."""
    for name, (low, high) in ranges.items():
        quantization = model.subgraphs[0].tensors[flatbuffer.tensor_named(model, name)].quantization
        quantization.min = np.maximum(quantization.min, np.float32(low))
        quantization.max = np.minimum(quantization.max, np.float32(high))


def fix(model: flatbuffer.Model, ranges: Mapping[str, Range]) -> None:
    """Set the range of the named tensors, whatever was seen in calibration."""
    for name, (low, high) in ranges.items():
        quantization = model.subgraphs[0].tensors[flatbuffer.tensor_named(model, name)].quantization
        quantization.min = np.array([low], dtype=np.float32)
        quantization.max = np.array([high], dtype=np.float32)


def quantized(model: flatbuffer.Model) -> bytes:
    """The .tflite bytes of a calibrated model with every weight, activation, input and output in int8."""
    content: Any = convert.mlir_quantize(
        flatbuffer.dump(model),
        fully_quantize=True,
        inference_type=_INT8,
        input_data_type=dtypes.int8.as_datatype_enum,
        output_data_type=dtypes.int8.as_datatype_enum,
    )
    return bytes(content)


Recipe = Callable[[], bytes]
_INT8 = 9  # schema.TensorType.INT8, as the converter's own flags number it
