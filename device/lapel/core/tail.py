"""How often what is not listed reaches an evidence: counted where it was seen, extrapolated above.

Above a level that some tens of episodes reached, evidence falls off about exponentially (Pickands, Ann. Stat. 1975:
the generalised Pareto tail of shape 0). Both what is counted and how fast it falls are uncertain; the bounds of each
are the exact ones of Poisson counts and Gamma sums, taken together (Bonferroni), so that they err to the safe side.
They take episodes to be independent and of the kind that will be met.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, lgamma, log

FEWEST_ABOVE = 30
"""Episodes above the level from which the fall-off is estimated: fewer than these say little of it."""

MISS = 0.05
"""Intervals are of 95%."""

_LEAST_FALL = 0.1
"""What is expected never falls faster. Looks of clips at a list of 100 fall off by .02: details that agree by mere
chance, which says nothing of things that look alike."""


@dataclass(frozen=True, slots=True)
class Rate:
    """False alerts an hour: the best estimate, and the ends of an interval around it."""

    expected: float
    at_least: float
    at_most: float


@dataclass(frozen=True, slots=True)
class Tail:
    """``above`` of ``episodes`` reached more than ``level``, by ``excess`` on average; ``highest`` was the most."""

    episodes: int
    level: float
    above: int
    excess: float
    highest: float

    def chance(self, evidence: float) -> float:
        """The share of episodes that reach ``evidence``, best estimate; below ``level`` that of ``level``."""
        if not self.episodes:
            return 1.0
        return min(1.0, (self.above or 0.5) / self.episodes) * self._fall(evidence, self.excess)

    def rate(self, evidence: float, episodes_per_hour: float, confidence: float = 1 - MISS) -> Rate:
        """How often an hour ``evidence`` is reached, with its interval of that confidence."""
        low, high = self.bounds(evidence, confidence)
        return Rate(episodes_per_hour * self.chance(evidence), episodes_per_hour * low, episodes_per_hour * high)

    def bounds(self, evidence: float, confidence: float = 1 - MISS) -> tuple[float, float]:
        """Lower and upper bound of the share of episodes that reach ``evidence``."""
        if not self.episodes:
            return 0.0, 1.0
        if not self.above:
            return 0.0, min(1.0, poisson_upper(0, 1 - confidence) / self.episodes)
        # Count and fall-off may each miss on either side, and above all that was seen also the count of none: a sixth
        # of what may be missed for each.
        miss = (1 - confidence) / 6
        most = min(1.0, poisson_upper(self.above, miss) / self.episodes)
        least = gamma_quantile(self.above, miss) / self.episodes
        # The sum of k exponential excesses over their mean is Gamma(k).
        total = self.excess * self.above
        slowest, fastest = total / gamma_quantile(self.above, miss), total / gamma_quantile(self.above, 1 - miss)
        none_seen = poisson_upper(0, miss) / self.episodes if self.is_extrapolated(evidence) else 1.0
        # The lower end follows what was measured, however steep: there, a bounded fall would claim too much.
        low = least * exp(-max(0.0, evidence - self.level) / fastest)
        return low, min(none_seen, most * self._fall(evidence, slowest))

    def is_extrapolated(self, evidence: float) -> bool:
        """Whether no episode reached ``evidence``, so that its rate was not counted."""
        return evidence > self.highest

    def _fall(self, evidence: float, excess: float) -> float:
        over = evidence - self.level
        return 1.0 if over <= 0 else exp(-over / max(excess, _LEAST_FALL))


def tail_of(evidence: tuple[float, ...], fewest_above: int = FEWEST_ABOVE) -> Tail:
    """The tail of what episodes of things that are not listed reached: one value each, its best entry's."""
    ordered = sorted((max(0.0, value) for value in evidence), reverse=True)
    if not ordered:
        return Tail(0, 0.0, 0, _LEAST_FALL, 0.0)
    level = ordered[fewest_above] if len(ordered) > fewest_above else 0.0
    over = [value - level for value in ordered if value > level]
    return Tail(len(ordered), level, len(over), sum(over) / len(over) if over else _LEAST_FALL, ordered[0])


def poisson_upper(count: int, miss: float) -> float:
    """The highest mean at which so few events have a chance of ``miss`` still: 3.0 for none at 5% (rule of three)."""
    return _root(lambda mean: _poisson_cdf(count, mean) - miss, 0.0, 10.0 * (count + 10))


def gamma_quantile(shape: int, share: float) -> float:
    """The quantile of Gamma(shape, 1), shape >= 1: a Poisson process's ``shape``-th event comes earlier with that
    chance."""
    return _root(lambda x: _poisson_cdf(shape - 1, x) - (1 - share), 0.0, 10.0 * (shape + 10))


def _poisson_cdf(count: int, mean: float) -> float:
    if mean <= 0:
        return 1.0
    return min(1.0, sum(exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(count + 1)))


def _root(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function crosses 0, by halving."""
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return (low + high) / 2
