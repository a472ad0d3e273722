"""Which views of a thing its pictures show, and which are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from lapel.core.things import Features, Reference
from lapel.ports import LocalFeatures
from lapel_tools.enrol.changes import CHANGES, Change
from lapel_tools.enrol.consensus import FEWEST_IN_COMMON
from lapel_tools.enrol.trials import Trial

ONE_VIEW = 0.35
"""The share of details in common from which two pictures show one view. Frames of a clip within three seconds have .42
and more, drawn flat things from 10 to 20 degrees aside .25 to .6; of 37 pairs of pictures of solid or packaged things
that were taken from different sides all but one have less than .32."""

_GRID = 8


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many details pictures have in common, as the largest and least share of any pair; and what to add.

    ``alone`` are the places of pictures that no other confirms.
    """

    most: float
    least: float
    alone: tuple[int, ...]
    advice: str


def coverage_of(references: Sequence[Reference], features: LocalFeatures) -> Coverage:
    """What the pictures of one thing show together."""
    count = len(references)
    if count < 2:
        return Coverage(0.0, 0.0, (), "one picture: from elsewhere it may look otherwise; add one from another side")
    shares, confirmed = [], set()
    for one, other in combinations(range(count), 2):
        common = _in_common(references[one].features, references[other].features, features)
        fewer = min(len(references[one].features.points), len(references[other].features.points))
        shares.append(common / fewer if fewer else 0.0)
        if common >= FEWEST_IN_COMMON:
            confirmed |= {one, other}
    alone = tuple(place for place in range(count) if place not in confirmed)
    return Coverage(max(shares), min(shares), alone, _advice(count, min(shares), alone))


def missing_views(trials: Sequence[Sequence[Trial]]) -> tuple[str, ...]:
    """Views in which most pictures were lost, of a thing whose pictures are mostly found as they were taken."""
    every = [trial for each in trials for trial in each]

    def is_found(change: Change) -> bool:
        tried = [trial.is_found for trial in every if trial.change == change.name]
        return 2 * sum(tried) >= len(tried)

    if not is_found(CHANGES[0]):
        return ()
    return tuple(change.view for change in CHANGES if change.view and not is_found(change))


def spread(features: Features) -> float:
    """The share of a picture, in an 8 × 8 grid, that has details: 0..1."""
    if not len(features.points):
        return 0.0
    cells = (features.points / (features.width, features.height) * _GRID).astype(int).clip(0, _GRID - 1)
    return float(len(np.unique(cells, axis=0)) / _GRID**2)


def _in_common(one: Features, other: Features, features: LocalFeatures) -> int:
    return int(max(features.agreeing(one, other).sum(), features.agreeing(other, one).sum()))


def _advice(count: int, least: float, alone: tuple[int, ...]) -> str:
    if least >= ONE_VIEW:
        return "all pictures are from one side; if it has others, add one from each"
    if len(alone) == count:
        return (
            "no picture confirms another: nothing tells the thing from what is behind it; "
            "add pictures between these views, a step apart, or outline the thing"
        )
    if alone:
        return "a picture that no other confirms stands alone; add one from between it and the others, a step apart"
    return ""
