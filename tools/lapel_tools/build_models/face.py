"""models/face.tflite: CenterFace: where faces are, so that they can be destroyed; nothing else of them.

The published model also places eyes, nose and mouth: those outputs are cut off, so that what ships cannot give them.
"""

from __future__ import annotations

from pathlib import Path

from lapel_tools.build_models import flatbuffer, from_onnx, pictures, quantize
from lapel_tools.build_models.pins import FACE
from lapel_tools.build_models.sources import read

SIZE_PX = (640, 384)
PIXEL_RANGE = (0.0, 255.0)
LOGIT_RANGE = (-12.0, 6.0)
SIZE_RANGE = (0.0, 4.8)
"""Natural logarithm of cells of 4 pixels: faces of 4 … 486 input pixels."""
OFFSET_RANGE = (-0.6, 0.6)


def floating(cache: Path) -> flatbuffer.Model:
    """The source model in fp32, with outputs ``score``, ``size`` and ``offset``."""
    width_px, height_px = SIZE_PX
    files = from_onnx.converted(from_onnx.fixed(read(FACE, cache), height_px, width_px))
    model = files.single
    probability, size, offset, _landmarks = (int(index) for index in model.subgraphs[0].outputs)
    score = int(flatbuffer.producer(model, probability).inputs[0])
    flatbuffer.cut(model, [score, size, offset])
    flatbuffer.rename(model, ["picture"], ["score", "size", "offset"])
    return model


def build(cache: Path) -> bytes:
    """The committed file's bytes."""
    model = quantize.calibrated(
        floating(cache),
        (
            pictures.resized(view, *SIZE_PX).astype("float32")[None]
            for scene in pictures.scenes(cache, every=20)
            for view in pictures.views(scene)
        ),
    )
    quantize.fix(model, {"picture": PIXEL_RANGE, "score": LOGIT_RANGE, "size": SIZE_RANGE, "offset": OFFSET_RANGE})
    return quantize.quantized(model)
