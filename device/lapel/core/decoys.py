"""Decoys: entries that cannot be met, so that every hit on one is false, and a test that counts them. Pure.

The test is a CUSUM over the gaps between decoy hits, for a Poisson process at the budgeted rate against one
``worse`` times as high (Page, Biometrika 1954; Lucas, Technometrics 1985). By Lorden (Ann. Math. Stat. 1971), at the
budgeted rate it silences a list by mistake after 1/``risk`` decoy hits on average at the earliest.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

from lapel.core.records import Event, Fact, RecordKind
from lapel.core.things import Hit

WORSE = 8.0
RISK = 0.01


@dataclass(frozen=True, slots=True)
class DecoyState:
    """What the test knows. ``level`` 0 and up: at ``limit`` the list falls silent. ``hits`` since the start."""

    hits: int
    level: float
    limit: float
    is_silenced: bool


class DecoyTest:
    """Watches whether decoys are hit more often than the budget allows.

    ``per_hour`` is the rate of decoy hits when the whole list keeps its budget: the budget times the share of false
    alerts that falls on decoys. Time is stream time in seconds. Once silenced it stays so until it is made anew.
    """

    def __init__(self, per_hour: float, worse: float = WORSE, risk: float = RISK) -> None:
        if not per_hour > 0 or not worse > 1 or not 0 < risk < 1:
            raise ValueError(
                f"per_hour {per_hour:g}, worse {worse:g}, risk {risk:g}: give a rate above 0, a factor above 1 and a "
                "risk between 0 and 1"
            )
        self._per_s = per_hour / 3600
        self._worse = worse
        self._limit = log(1 / risk)
        self._level = 0.0
        self._hits = 0
        self._last_s: float | None = None
        self._is_silenced = False

    def begin(self, at_s: float) -> None:
        """The watch has begun, or goes on after its source began again: gaps count from here."""
        if self._last_s is None or at_s < self._last_s:
            self._last_s = at_s

    def hit(self, at_s: float) -> DecoyState:
        """Count one decoy hit."""
        self.begin(at_s)
        assert self._last_s is not None
        gap_s, self._last_s = at_s - self._last_s, at_s
        self._level = max(0.0, self._level + log(self._worse) - (self._worse - 1) * self._per_s * gap_s)
        self._hits += 1
        self._is_silenced = self._is_silenced or self._level >= self._limit
        return self.state

    @property
    def state(self) -> DecoyState:
        """What is known so far."""
        return DecoyState(self._hits, self._level, self._limit, self._is_silenced)


def decoy_event(hit: Hit) -> Event:
    """What is kept of a hit on a decoy: no picture, since what was seen is nothing that anyone looks for."""
    geometry = hit.match.geometry
    facts: tuple[tuple[str, Fact], ...] = (
        ("entry", hit.entry.id),
        ("t_s", round(hit.sighting.at_s, 3)),
        ("frame", hit.sighting.frame),
        ("evidence", round(hit.match.evidence, 3)),
        ("inliers", geometry.inliers if geometry else 0),
    )
    return Event(RecordKind.DECOY, facts)


def silenced_event(hit: Hit, state: DecoyState) -> Event:
    """What is kept of a list falling silent."""
    return Event(
        RecordKind.SILENCED,
        (
            ("t_s", round(hit.sighting.at_s, 3)),
            ("frame", hit.sighting.frame),
            ("decoy_hits", state.hits),
            ("level", round(state.level, 3)),
            ("limit", round(state.limit, 3)),
        ),
    )
