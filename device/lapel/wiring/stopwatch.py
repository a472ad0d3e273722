"""What each stage of a look costs: CPU time of the device's own parts, each behind its port.

Describing the look has three stages, comparing it with the list five; what is in none of them, entries read off a
sealed list and networks let go, is the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from statistics import median
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lapel.core.agreement import Agreement
from lapel.core.calibrate import Rule
from lapel.core.listed import Listed
from lapel.core.things import Features, Geometry, Pixels, Reference
from lapel.health.meters import quantile
from lapel.matching import Recall, Shortlists
from lapel.ports import Embedder, LocalFeatures, Prints, SearchEngine
from lapel.wiring.seeing import Seeing

DESCRIPTOR, DETAILS, CORNERS = "descriptor", "details", "corners"
SHORTLIST, VERIFY, PRINTS, LAY, CLOSER = "shortlist", "verify", "prints", "lay on", "closer"
REST, ALL = "rest", "all"
DESCRIBE = (DESCRIPTOR, DETAILS, CORNERS)
GEOMETRY = (VERIFY, PRINTS, LAY, CLOSER)

T = TypeVar("T")


class Stopwatch:
    """Sums what each stage takes in a look, and gives medians over the looks. ``clock`` counts seconds of CPU."""

    def __init__(self, clock: Callable[[], float] = time.process_time) -> None:
        self._clock = clock
        self._looks: list[dict[str, float]] = []

    def look(self, work: Callable[[], T]) -> T:
        """Do a whole look; the stages in it are its own."""
        stages: dict[str, float] = {}
        self._looks.append(stages)
        result = self.over(ALL, work)
        stages[REST] = 2 * stages[ALL] - sum(stages.values())
        return result

    def over(self, stage: str, work: Callable[[], T]) -> T:
        """Do part of a look. Outside any it is not counted."""
        started = self._clock()
        result = work()
        if self._looks:
            of_stage = self._looks[-1]
            of_stage[stage] = of_stage.get(stage, 0.0) + self._clock() - started
        return result

    def median_ms(self, *stages: str) -> float:
        """The median of what these stages take together, over the looks that come to any of them; 0 of none."""
        return 1000 * median(self._sums(stages) or [0.0])

    def p95_ms(self, *stages: str) -> float:
        """The 95th of 100 of the same (nearest rank)."""
        return 1000 * quantile(self._sums(stages), 0.95)

    def total_ms(self) -> float:
        """All looks together."""
        return 1000 * sum(self._sums((ALL,)))

    def share(self, *stages: str) -> float:
        """The share of looks that come to any of these stages, 0 of none."""
        return len(self._sums(stages)) / max(1, len(self._looks))

    @property
    def looks(self) -> int:
        """How many there were."""
        return len(self._looks)

    def _sums(self, stages: tuple[str, ...]) -> list[float]:
        """Seconds that these stages take together in each look that comes to any, rising."""
        return sorted(
            sum(look.get(stage, 0.0) for stage in stages) for look in self._looks if not look.keys().isdisjoint(stages)
        )


class TimedEmbedder:
    """An embedder (port Embedder) whose work is the descriptor."""

    def __init__(self, embedder: Embedder, watch: Stopwatch) -> None:
        self._embedder = embedder
        self._watch = watch

    @property
    def model_sha256(self) -> str:
        """As the embedder has it."""
        return self._embedder.model_sha256

    @property
    def dimensions(self) -> int:
        """As the embedder has it."""
        return self._embedder.dimensions

    def describe(self, pixels: Pixels) -> NDArray[np.float32]:
        """As the embedder does."""
        return self._watch.over(DESCRIPTOR, lambda: self._embedder.describe(pixels))


class TimedFeatures:
    """Local features (port LocalFeatures): to extract and aggregate are details, to compare has stages of its own."""

    def __init__(self, features: LocalFeatures, watch: Stopwatch) -> None:
        self._features = features
        self._watch = watch

    @property
    def model_sha256(self) -> str:
        """As the features have it."""
        return self._features.model_sha256

    @property
    def dimensions(self) -> int:
        """As the features have it."""
        return self._features.dimensions

    def extract(self, pixels: Pixels, outline: NDArray[np.bool_] | None = None) -> Features:
        """As the features do."""
        return self._watch.over(DETAILS, lambda: self._features.extract(pixels, outline))

    def aggregate(self, features: Features) -> NDArray[np.float32]:
        """As the features do."""
        return self._watch.over(DETAILS, lambda: self._features.aggregate(features))

    def verify(self, sighting: Features, reference: Features) -> Geometry | None:
        """As the features do."""
        return self._watch.over(VERIFY, lambda: self._features.verify(sighting, reference))

    def resemblance(self, sighting: Pixels, picture: bytes, reference: Features, geometry: Geometry) -> float:
        """As the features do."""
        return self._watch.over(LAY, lambda: self._features.resemblance(sighting, picture, reference, geometry))

    def agreeing(self, sighting: Features, reference: Features) -> NDArray[np.bool_]:
        """As the features do."""
        return self._watch.over(VERIFY, lambda: self._features.agreeing(sighting, reference))


class TimedPrints:
    """Prints (port Prints): to describe the look is corners. To compare it, references described anew in it, is prints;
    from near, what lies straight described in it, closer."""

    def __init__(self, prints: Prints, watch: Stopwatch) -> None:
        self._prints = prints
        self._watch = watch

    def describe(self, pixels: Pixels) -> Features:
        """As the prints do."""
        return self._watch.over(CORNERS, lambda: self._prints.describe(pixels))

    def middle(self, pixels: Pixels) -> Features:
        """As the prints do."""
        return self._watch.over(CORNERS, lambda: self._prints.middle(pixels))

    def agreement(self, sighting: Pixels, seen: Features, picture: bytes) -> Agreement | None:
        """As the prints do."""
        return self._watch.over(PRINTS, lambda: self._prints.agreement(sighting, seen, picture))

    def closer(self, sighting: Pixels, reference: Reference, motion: NDArray[np.float64]) -> Agreement | None:
        """As the prints do."""
        return self._watch.over(CLOSER, lambda: self._prints.closer(sighting, reference, motion))

    def rest(self) -> None:
        """As the prints do."""
        self._prints.rest()


class TimedSearch:
    """A search (port SearchEngine) whose work is the shortlist."""

    def __init__(self, engine: SearchEngine, watch: Stopwatch) -> None:
        self._engine = engine
        self._watch = watch

    def shortlist(self, queries: NDArray[np.float32], count: int) -> NDArray[np.intp]:
        """As the engine does."""
        return self._watch.over(SHORTLIST, lambda: self._engine.shortlist(queries, count))

    def similarities(self, queries: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """As the engine does."""
        return self._watch.over(SHORTLIST, lambda: self._engine.similarities(queries, rows))

    def leave_out(self, rows: NDArray[np.intp]) -> None:
        """As the engine does."""
        self._engine.leave_out(rows)


def timed(engines: Shortlists, watch: Stopwatch) -> Shortlists:
    """Both searches, timed."""
    return Shortlists(TimedSearch(engines.descriptors, watch), TimedSearch(engines.aggregates, watch))


def timed_recall(seeing: Seeing, listed: Listed, rule: Rule, today: Callable[[], date], watch: Stopwatch) -> Recall:
    """The list as ``seeing.recall`` gives it, each part timed. Raises: ForeignModel."""
    engines = timed(seeing.engines_alone(listed), watch)
    seeing.fit(listed)
    embedder, features = TimedEmbedder(seeing.embedder, watch), TimedFeatures(seeing.features, watch)
    return Recall(listed, engines, embedder, features, TimedPrints(seeing.prints, watch), rule, today)
