"""models/descriptor.tflite: EfficientNet-Lite0 without its classifier, a 1280-value description of a crop."""

from __future__ import annotations

from pathlib import Path

from lapel_tools.build_models import flatbuffer
from lapel_tools.build_models.pins import DESCRIPTOR
from lapel_tools.build_models.sources import read


def build(cache: Path) -> bytes:
    """The committed file's bytes: the published int8 model from its int8 input to its pooled features."""
    model = flatbuffer.load(read(DESCRIPTOR, cache))
    flatbuffer.cut(
        model,
        outputs=[flatbuffer.tensor_named(model, _POOLED)],
        inputs=[flatbuffer.tensor_named(model, "images_int8")],
    )
    flatbuffer.rename(model, ["picture"], ["descriptor"])
    return flatbuffer.dump(model)


_POOLED = "efficientnet-lite0/model/head/Squeeze1"
