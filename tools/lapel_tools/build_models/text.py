"""models/text_detector.tflite and text_reader.tflite: PP-OCRv4, cut down to the characters that codes are made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx

from lapel_tools.build_models import flatbuffer, from_onnx
from lapel_tools.build_models.pins import TEXT_DETECTOR, TEXT_READER
from lapel_tools.build_models.sources import read

DETECTOR_PX = (640, 384)
READER_PX = (320, 48)


def build_detector(cache: Path) -> bytes:
    """The committed detector's bytes: fp16 weights, since in int8 it is both worse and slower."""
    width_px, height_px = DETECTOR_PX
    files = from_onnx.converted(from_onnx.fixed(read(TEXT_DETECTOR, cache), height_px, width_px))
    model = files.half
    from_onnx.expect_rgb(model)
    flatbuffer.cut(model, list(model.subgraphs[0].outputs))
    flatbuffer.rename(model, ["picture"], ["text"])
    return flatbuffer.dump(model)


def build_reader(cache: Path) -> bytes:
    """The committed reader's bytes."""
    return flatbuffer.dump(reader(from_onnx.converted(_fixed_reader(cache)).half, cache))


def reader_floating(cache: Path) -> flatbuffer.Model:
    """The reader with fp32 weights, from which its int8 variant is made to be measured."""
    return reader(from_onnx.converted(_fixed_reader(cache)).single, cache)


def reader(model: flatbuffer.Model, cache: Path) -> flatbuffer.Model:
    """A converted reader, changed so that it takes RGB and answers with logits of the kept characters only."""
    from_onnx.expect_rgb(model)
    probabilities = int(model.subgraphs[0].outputs[0])
    logits = int(flatbuffer.producer(model, probabilities).inputs[0])
    last = flatbuffer.producer(model, logits)
    rows = [index for index, character in enumerate(_published(cache)) if _is_kept(character)]
    for source in last.inputs[1:]:
        weights = flatbuffer.constant_behind(model, int(source))
        values = flatbuffer.constant(model, weights)
        if values is None or len(values) != len(_published(cache)):
            raise ValueError("the reader's last layer does not match its dictionary; was the source package changed?")
        flatbuffer.set_constant(model, weights, np.ascontiguousarray(values[rows]))
        model.subgraphs[0].tensors[int(source)].shape = model.subgraphs[0].tensors[weights].shape
    model.subgraphs[0].tensors[logits].shape = np.array([1, READER_PX[0] // 8, len(rows)], dtype=np.int32)
    flatbuffer.cut(model, [logits])
    flatbuffer.rename(model, ["picture"], ["logits"])
    return model


def characters(cache: Path) -> str:
    """The kept characters in the order of the reader's outputs, one a line; output 0, the blank, has no line."""
    return "".join(f"{character}\n" for character in _published(cache)[1:] if _is_kept(character))


def _published(cache: Path) -> list[str]:
    """What each of the published reader's outputs stands for: a blank, its dictionary, and a space."""
    model = onnx.load_from_string(read(TEXT_READER, cache))
    listed = next(entry.value for entry in model.metadata_props if entry.key == "character")
    return ["", *listed.split("\n"), " "]


def _is_kept(character: str) -> bool:
    """The blank and printable ASCII: codes have nothing else, and what is not kept cannot be read."""
    return character == "" or (len(character) == 1 and " " <= character <= "~")


def _fixed_reader(cache: Path) -> onnx.ModelProto:
    width_px, height_px = READER_PX
    return from_onnx.fixed(read(TEXT_READER, cache), height_px, width_px)
