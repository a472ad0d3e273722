"""How well one measure puts cases in the order of another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atanh, inf, sqrt, tanh

import numpy as np
from numpy.typing import NDArray

_Z_95 = 1.959963984540054
_FEWEST = 4  # cases; with fewer there is no interval
_SPREAD = 1.06


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """Spearman's: 1 is the same order, 0 none, -1 the reverse. ``low`` and ``high`` bound its 95% interval."""

    value: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        """As in "0.70 (0.30 to 0.89) over 17"."""
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f}) over {self.count}"


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> RankCorrelation | None:
    """The rank correlation of two measures of the same cases; None where one of them tells no two cases apart.

    Equal values share their mean rank. Source of the interval: Fieller, Hartley and Pearson, Biometrika 1957.
    """
    first, second = (_centred_ranks(np.asarray(values, np.float64)) for values in (one, other))
    scale = sqrt(float(first @ first) * float(second @ second))
    if not scale:
        return None
    value, count = round(float(first @ second) / scale, 12), len(first)
    if count < _FEWEST:
        return RankCorrelation(value, -1.0, 1.0, count)
    z = atanh(value) if abs(value) < 1 else inf * value
    reach = _Z_95 * _SPREAD / sqrt(count - 3)
    return RankCorrelation(value, tanh(z - reach), tanh(z + reach), count)


def _centred_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = np.asarray((ends - (counts - 1) / 2)[place.ravel()], np.float64)
    return ranks - ranks.mean() if len(ranks) else ranks
