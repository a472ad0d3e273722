"""A share that was counted, and how far from it the true one may lie."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

_Z_95 = 1.959963984540054
"""The normal distribution's quantile at .975: two-sided 95%."""


@dataclass(frozen=True, slots=True)
class Share:
    """``count`` of ``total`` cases, with 0 <= count <= total."""

    count: int
    total: int

    @property
    def rate(self) -> float:
        """The share itself, 0 where nothing was tried."""
        return self.count / self.total if self.total else 0.0

    @property
    def low(self) -> float:
        """Lower bound of the Wilson 95% interval."""
        return self._bounds()[0]

    @property
    def high(self) -> float:
        """Upper bound of the Wilson 95% interval; 1 where nothing was tried."""
        return self._bounds()[1]

    def __str__(self) -> str:
        """As in "3 (1–8%)": the count, and the interval of the share."""
        return f"{self.count} ({self.low * 100:.0f}–{self.high * 100:.0f}%)"

    def in_full(self) -> str:
        """As in "12 of 60, 20% (12–32%)"."""
        of_all = f"{self.count} of {self.total}"
        return (
            f"{of_all}, {self.rate * 100:.0f}% ({self.low * 100:.0f}–{self.high * 100:.0f}%)" if self.total else of_all
        )

    def _bounds(self) -> tuple[float, float]:
        """Source: Wilson, JASA 1927. Cases of one thing or one clip are not independent: the truth may be wider."""
        if not self.total:
            return 0.0, 1.0
        z2 = _Z_95 * _Z_95 / self.total
        centre = (self.rate + z2 / 2) / (1 + z2)
        reach = _Z_95 * sqrt(self.rate * (1 - self.rate) / self.total + z2 / (4 * self.total)) / (1 + z2)
        # At the ends the interval is closed by definition; rounding must not open it.
        low = 0.0 if self.count == 0 else max(0.0, centre - reach)
        high = 1.0 if self.count == self.total else min(1.0, centre + reach)
        return low, high
