"""Which committed file is built by which recipe: a table, so that adding a model is adding a line."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lapel_tools.build_models.pins import (
    DESCRIPTOR,
    DETECTOR,
    FACE,
    PRINTS,
    STREET,
    TEXT_DETECTOR,
    TEXT_READER,
    SourceFile,
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one file of ``models/`` is made: ``module.function`` of this package, from one source file
    (the learned ones also from the pictures of ``looks``).

    Named rather than imported, because the recipes need TensorFlow and the table is read without it.
    """

    model: str
    file: str
    source: SourceFile
    module: str
    function: str

    def build(self, cache: Path) -> bytes:
        """The file's bytes, made now."""
        recipe: Callable[[Path], bytes | str] = getattr(
            importlib.import_module(f"lapel_tools.build_models.{self.module}"), self.function
        )
        made = recipe(cache)
        return made.encode() if isinstance(made, str) else made


RECIPES = (
    Recipe("detector", "detector.tflite", DETECTOR, "detector", "build"),
    Recipe("descriptor", "descriptor.tflite", DESCRIPTOR, "descriptor", "build"),
    Recipe("reduction", "reduction.npz", DESCRIPTOR, "reduction", "build"),
    Recipe("local", "local.npz", STREET, "local", "build"),
    Recipe("prints", "prints.tflite", PRINTS, "prints", "build"),
    Recipe("face", "face.tflite", FACE, "face", "build"),
    Recipe("text_detector", "text_detector.tflite", TEXT_DETECTOR, "text", "build_detector"),
    Recipe("text_reader", "text_reader.tflite", TEXT_READER, "text", "build_reader"),
    Recipe("text_reader", "text_reader.txt", TEXT_READER, "text", "characters"),
)
MODELS = tuple(dict.fromkeys(recipe.model for recipe in RECIPES))
