"""models/reduction.npz: a map of the network's 1280 values to 256 that keeps cosines: a rotation drawn from a seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lapel_tools.build_models.matrices import archive, in_bytes

VALUES, DIMENSIONS = 1280, 256
_SEED = 0  # the first that was tried; what others give stands in models/reduction.md


def build(cache: Path) -> bytes:
    """The committed file's bytes. Source: Johnson & Lindenstrauss, 1984."""
    drawn = np.random.default_rng(_SEED).standard_normal((VALUES, DIMENSIONS))
    return archive({"mean": np.zeros(VALUES, np.float32), **in_bytes(np.linalg.qr(drawn)[0])})
