"""What every committed network answers to one picture. Runs wherever Lapel is installed, needs nothing else of it:
python answers.py PICTURE ANSWERS.npz
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

from lapel.infer.manifest import ModelStore
from lapel.infer.tflite import Tensor, TensorSpec


def fed(picture: Tensor, spec: TensorSpec) -> Tensor:
    """A colour picture as a network takes it in: its pixels as they are, below zero where it counts from -128."""
    _, height, width, channels = spec.shape
    pixels = cv2.resize(picture, (width, height), interpolation=cv2.INTER_NEAREST)
    pixels = pixels if channels == 3 else pixels[..., :1]
    if spec.dtype == np.uint8:
        return np.asarray(pixels[None])
    if spec.dtype == np.int8:
        return np.asarray((pixels.astype(np.int16) - 128).astype(np.int8)[None])
    return np.asarray((pixels.astype(np.float32) / 255)[None])


def answers(picture: Tensor) -> dict[str, Tensor]:
    """Every output of every network, as real numbers, by ``model.number``."""
    store = ModelStore()
    found: dict[str, Tensor] = {}
    for name, card in store.cards.items():
        if card.file.endswith(".tflite"):
            model = store.open(name)
            outputs = model.invoke(fed(picture, model.input))
            for number, (spec, stored) in enumerate(zip(model.outputs, outputs, strict=True)):
                found[f"{name}.{number}"] = spec.real(stored)
    return found


def main() -> None:
    """Answer for the picture that is named, into the file that is named."""
    picture = cv2.imread(sys.argv[1])
    if picture is None:
        sys.exit(f"{sys.argv[1]}: no picture")
    np.savez(Path(sys.argv[2]), **answers(np.asarray(picture)))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
