"""models/local.npz: how local features are coded in 64 bytes, and how they become one vector of 256 values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lapel.core.aggregate import FEWEST_FEATURES, Aggregation, LocalCode, Reduction
from lapel.infer.features import RootSift
from lapel_tools.build_models.looks import looks
from lapel_tools.build_models.matrices import archive, centres, in_bytes, principal, telling_apart

CODE_BYTES = 64
STEP = 1 / 220
"""What one unit of a code's byte is worth: 99.8% of the widest value's range fits the byte."""
WORDS, WORD_WIDTH = 32, 64
DIMENSIONS = 256
SHRINKAGE = 1.0
_SAMPLE, _WORD_SAMPLE, _ROUNDS = 200_000, 60_000, 20
_SEED = 20_260_512


def build(cache: Path) -> bytes:
    """The committed file's bytes."""
    sift = RootSift()
    things, features = [], []
    for look in looks(cache):
        things.append(look.thing)
        features.append(sift.describe(look.pixels, look.outline)[1])
    return archive(learned(np.array(things), features))


def learned(
    things: NDArray[np.intp], features: list[NDArray[np.float32]], count: int = WORDS
) -> dict[str, NDArray[np.generic]]:
    """The arrays of the file with ``count`` words, from RootSIFT f32[n, 128] of looks and the things they show."""
    random = np.random.default_rng(_SEED)
    every = np.concatenate(features)
    sample = every[random.choice(len(every), min(_SAMPLE, len(every)), replace=False)]
    mean = sample.mean(axis=0)
    basis = principal(sample.astype(np.float64), mean.astype(np.float64), CODE_BYTES).astype(np.float16)
    code = LocalCode(mean, basis.astype(np.float32), STEP)
    words = centres(code.codes(sample[:_WORD_SAMPLE])[:, :WORD_WIDTH].astype(np.float64), count, random, _ROUNDS)
    words_kept = words.astype(np.float16)
    aggregation = Aggregation(
        words_kept.astype(np.float32), Reduction(np.zeros(0, np.float32), np.zeros((0, 0), np.float32))
    )
    enough = [place for place, each in enumerate(features) if len(each) >= FEWEST_FEATURES]
    residuals = np.array([aggregation.residuals(code.codes(features[place])) for place in enough])
    reduction = telling_apart(residuals.astype(np.float64), things[enough], DIMENSIONS, SHRINKAGE)
    return {
        "code_mean": mean,
        "code_basis": basis,
        "code_step": np.array([STEP], np.float32),
        "words": words_kept,
        "mean": residuals.mean(axis=0),
        **in_bytes(reduction),
    }
