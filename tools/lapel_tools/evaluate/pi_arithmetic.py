"""What a look would take on a Raspberry Pi, by arithmetic from one published figure: nothing was measured there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

import numpy as np

from lapel.infer.feed import fed
from lapel.infer.manifest import ModelStore
from lapel_tools.evaluate.stopwatch import ALL, DESCRIBE, LAY, PRINTS, SHORTLIST, VERIFY, Stopwatch

PUBLISHED_MS = {"Pi 5": 23.5, "Pi 4": 112.6}
"""MobileNet-SSD v2 at 300 × 300 in TensorFlow Lite, input and output included.

Source: github.com/aallan/benchmarking-ml-on-the-edge."""
_RUNS = 30
_PICTURE_PX = 300


def network_ms(models: ModelStore) -> float:
    """What this machine takes for the committed network of that design, CPU median, the picture's feeding included."""
    model = models.open("detector")
    picture = np.full((_PICTURE_PX, _PICTURE_PX, 3), 128, np.uint8)
    taken = []
    for _ in range(_RUNS):
        started = time.process_time()
        model.invoke(fed(model, picture))
        taken.append(time.process_time() - started)
    return 1000 * median(taken)


def arithmetic_rows(watch: Stopwatch, here_ms: float) -> Iterator[str]:
    """A look's stages times the published figure over this machine's, as if all of it slowed down as a network does."""
    for board, there_ms in PUBLISHED_MS.items():
        factor = there_ms / here_ms
        describe, shortlist, geometry, whole = (
            factor * watch.median_ms(*stages) for stages in ((DESCRIBE,), (SHORTLIST,), (VERIFY, PRINTS, LAY), (ALL,))
        )
        yield (
            f"arithmetic, not measured: {board} ×{factor:.1f} (MobileNet-SSD v2: {there_ms} ms published, "
            f"{here_ms:.1f} here): describe {describe:.0f}, shortlist {shortlist:.0f}, geometry {geometry:.0f}, "
            f"all {whole:.0f} ms a look"
        )
