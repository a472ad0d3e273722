"""models/descriptor.tflite: EfficientNet-Lite0 up to its last map, which is pooled into a description of a crop."""

from __future__ import annotations

from pathlib import Path

from lapel_tools.build_models import flatbuffer
from lapel_tools.build_models.pins import DESCRIPTOR
from lapel_tools.build_models.sources import read


def build(cache: Path) -> bytes:
    """The committed file's bytes: the published int8 model from its int8 input to its last map of features.

    The mean over the map, which the published model goes on with, lets the background speak as loudly as the
    thing: pooling is left to the device (lapel.infer.embedder).
    """
    model = flatbuffer.load(read(DESCRIPTOR, cache))
    flatbuffer.cut(
        model,
        outputs=[flatbuffer.tensor_named(model, _MAP)],
        inputs=[flatbuffer.tensor_named(model, "images_int8")],
    )
    flatbuffer.rename(model, ["picture"], ["map"])
    return flatbuffer.dump(model)


_HEAD = "efficientnet-lite0/model/head"
_MAP = (
    f"{_HEAD}/Relu6;{_HEAD}/tpu_batch_normalization/FusedBatchNormV3;"
    f"efficientnet-lite0/head/conv2d/kernel;{_HEAD}/conv2d/Conv2D1"
)
