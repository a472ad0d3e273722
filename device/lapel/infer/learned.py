"""Reads what was learned beside the networks: matrices in an .npz file of the models folder, its sha256 checked."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lapel.core.aggregate import Aggregation, LocalCode, Reduction
from lapel.errors import Tampered
from lapel.infer.manifest import ModelStore


@dataclass(frozen=True, slots=True, eq=False)
class LocalModel:
    """How local features are coded, and how they become one vector."""

    sha256: str
    code: LocalCode
    aggregation: Aggregation


def read_local(store: ModelStore) -> LocalModel:
    """The model ``local``. Raises: Tampered, UsageError, ConfigError."""
    wanted = ("code_mean", "code_basis", "code_step", "words", "mean", "basis", "scales")
    code_mean, code_basis, code_step, words, mean, basis, scales = _arrays(store, "local", wanted)
    return LocalModel(
        store.card("local").sha256,
        LocalCode(code_mean, code_basis, float(code_step[0])),
        Aggregation(words, Reduction(mean, basis * scales)),
    )


def read_reduction(store: ModelStore) -> Reduction:
    """The model ``reduction``. Raises: Tampered, UsageError, ConfigError."""
    mean, basis, scales = _arrays(store, "reduction", ("mean", "basis", "scales"))
    return Reduction(mean, basis * scales)


def check_learned(store: ModelStore, name: str) -> None:
    """Read one of ``LEARNED`` and forget it. Raises: Tampered, UsageError, ConfigError."""
    LEARNED[name](store)


LEARNED: dict[str, Callable[[ModelStore], object]] = {"local": read_local, "reduction": read_reduction}
"""The models that are no networks, each with its reader."""


def _arrays(store: ModelStore, name: str, wanted: tuple[str, ...]) -> tuple[NDArray[np.float32], ...]:
    try:
        with np.load(io.BytesIO(store.content(name)), allow_pickle=False) as file:
            found = tuple(np.asarray(file[array], np.float32) for array in wanted)
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise Tampered(f"{store.folder / store.card(name).file}: {error}; run tools/build-models") from error
    for array in found:
        array.setflags(write=False)
    return found
