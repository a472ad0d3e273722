"""What a look would take on a Raspberry Pi, by arithmetic from one published figure: nothing was measured there."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median

import numpy as np

from lapel.infer.feed import fed
from lapel.infer.manifest import ModelStore
from lapel.wiring.stopwatch import ALL, DESCRIBE, GEOMETRY, SHORTLIST, Stopwatch

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


@dataclass(frozen=True, slots=True)
class BoardArithmetic:
    """A look's stages, in ms, as if all of it slowed down as a network does: ``published_ms`` there, ``here_ms``."""

    board: str
    published_ms: float
    here_ms: float
    describe_ms: float
    shortlist_ms: float
    geometry_ms: float
    all_ms: float

    def __str__(self) -> str:
        """A line that says what it is."""
        return (
            f"arithmetic, not measured: {self.board} ×{self.published_ms / self.here_ms:.1f} (MobileNet-SSD v2: "
            f"{self.published_ms} ms published, {self.here_ms:.1f} here): describe {self.describe_ms:.0f}, shortlist "
            f"{self.shortlist_ms:.0f}, geometry {self.geometry_ms:.0f}, all {self.all_ms:.0f} ms a look"
        )


def by_arithmetic(watch: Stopwatch, here_ms: float) -> tuple[BoardArithmetic, ...]:
    """A look's stages times the published figure over this machine's, for each board that one is published of."""
    parts = [watch.median_ms(*stages) for stages in (DESCRIBE, (SHORTLIST,), GEOMETRY, (ALL,))]
    return tuple(
        BoardArithmetic(board, there_ms, round(here_ms, 2), *(round(part * there_ms / here_ms, 1) for part in parts))
        for board, there_ms in PUBLISHED_MS.items()
    )
