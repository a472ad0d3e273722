"""Three ways to say which listed thing a look shows: by descriptor alone, by SIFT against every reference, and ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.calibrate import STILL
from lapel.core.compact import BYTES_OF_A_PLACE
from lapel.core.gallery import Gallery
from lapel.core.things import Pixels, Reference, Sighting
from lapel.infer.features import RootSift
from lapel.wiring.seeing import Seeing
from lapel.wiring.stopwatch import DESCRIPTOR, DETAILS, SHORTLIST, VERIFY, Stopwatch, timed_recall
from lapel_tools.evaluate.instances import candidates_of
from lapel_tools.evaluate.results import CANDIDATES_A_QUERY, Candidate

_ROWS = 64
"""As many references compete by descriptor as are compared whole on a short list."""
# As many features of as large a picture as ours; the rest is in common use, not tuned: a ratio of .75, RANSAC at 5 px.
_POINTS, _LONGEST_PX, _RATIO, _REPROJECTION_PX, _FEWEST_PAIRS = 800, 640, 0.75, 5.0, 4


class Way(Protocol):
    """A way to find the listed thing in a look; ``watch`` has what it cost."""

    watch: Stopwatch

    def candidates(self, sighting: Sighting) -> tuple[Candidate, ...]:
        """The entries that come to mind, best first."""
        ...

    def bytes_of(self) -> float:
        """What a reference takes, without the picture that is shown."""
        ...


class DescriptorAlone:
    """The entry whose reference has the highest cosine to the look; it decides nothing."""

    def __init__(self, seeing: Seeing, gallery: Gallery) -> None:
        self.watch = Stopwatch()
        self._embedder = seeing.embedder
        self._engine = seeing.engines(gallery).descriptors
        self._references = gallery.references
        self._owners = tuple(r.entry_id for r in gallery.references for _ in r.descriptors)

    def candidates(self, sighting: Sighting) -> tuple[Candidate, ...]:
        """Entries by the cosine of their nearest reference."""
        return self.watch.look(lambda: self._ranked(sighting.pixels))

    def bytes_of(self) -> float:
        """A byte a value."""
        return float(np.mean([reference.descriptors.nbytes for reference in self._references]))

    def _ranked(self, pixels: Pixels) -> tuple[Candidate, ...]:
        queries = self.watch.over(DESCRIPTOR, lambda: self._embedder.describe(pixels))
        rows = self.watch.over(SHORTLIST, lambda: self._engine.shortlist(queries, _ROWS))
        cosines = self.watch.over(SHORTLIST, lambda: self._engine.similarities(queries, rows))
        return _best([(self._owners[row], float(cosine)) for row, cosine in zip(rows, cosines, strict=True)])


class SiftEverywhere:
    """The entry whose reference has most RootSIFT features on the look in one homography; it decides nothing.

    ``pictures`` are the references of each entry as they are, RGB u8[h, w, 3], with whatever is behind the thing.
    """

    def __init__(self, pictures: Mapping[str, Sequence[Pixels]]) -> None:
        self.watch = Stopwatch()
        self._sift = RootSift(_POINTS, _LONGEST_PX)
        self._references = [
            (entry, self._sift.describe(pixels)) for entry, files in pictures.items() for pixels in files
        ]
        self._matcher = cv2.BFMatcher(cv2.NORM_L2)

    @property
    def references(self) -> int:
        """With how many pictures each look is compared."""
        return len(self._references)

    def candidates(self, sighting: Sighting) -> tuple[Candidate, ...]:
        """Entries by the inliers of their best reference."""
        return self.watch.look(lambda: self._ranked(sighting.pixels))

    def bytes_of(self) -> float:
        """Four bytes a value, as OpenCV has them."""
        return float(np.mean([points.nbytes + rows.nbytes for _, (points, rows) in self._references]))

    def _ranked(self, pixels: Pixels) -> tuple[Candidate, ...]:
        seen = self.watch.over(DETAILS, lambda: self._sift.describe(pixels))
        return self.watch.over(
            VERIFY, lambda: _best([(entry, float(self._inliers(seen, kept))) for entry, kept in self._references])
        )

    def _inliers(
        self,
        seen: tuple[NDArray[np.float32], NDArray[np.float32]],
        kept: tuple[NDArray[np.float32], NDArray[np.float32]],
    ) -> int:
        if min(len(seen[0]), len(kept[0])) < 2:
            return 0
        pairs = self._matcher.knnMatch(kept[1], seen[1], k=2)
        clear = [first for first, second in pairs if first.distance < _RATIO * second.distance]
        if len(clear) < _FEWEST_PAIRS:
            return 0
        ours = kept[0][[pair.queryIdx for pair in clear]]
        theirs = seen[0][[pair.trainIdx for pair in clear]]
        _, agreed = cv2.findHomography(ours, theirs, cv2.RANSAC, _REPROJECTION_PX)
        return 0 if agreed is None else int(agreed.sum())


class Ours:
    """The device's own decision about a still."""

    def __init__(self, seeing: Seeing, gallery: Gallery, today: date) -> None:
        self.watch = Stopwatch()
        self._references = gallery.references
        self._recall = timed_recall(seeing, gallery, STILL, lambda: today, self.watch)

    def candidates(self, sighting: Sighting) -> tuple[Candidate, ...]:
        """Entries by evidence, with the decision."""
        return self.watch.look(lambda: candidates_of(sighting, self._recall))

    def bytes_of(self) -> float:
        """Descriptor, aggregate, and local features as a watchlist file holds them."""
        return float(np.mean([_kept(reference) for reference in self._references]))


def _kept(reference: Reference) -> int:
    features = reference.features
    places = BYTES_OF_A_PLACE * len(features.points)
    return reference.descriptors.nbytes + reference.aggregates.nbytes + features.descriptors.nbytes + places


def _best(scores: Sequence[tuple[str, float]]) -> tuple[Candidate, ...]:
    highest: dict[str, float] = {}
    for entry, score in scores:
        highest[entry] = max(score, highest.get(entry, score))
    ranked = sorted(highest.items(), key=lambda item: -item[1])[:CANDIDATES_A_QUERY]
    return tuple(Candidate(entry, score, is_hit=False) for entry, score in ranked)
