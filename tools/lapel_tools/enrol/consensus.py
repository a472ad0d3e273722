"""Keeps of several pictures of a thing what is on the thing: a background seldom stands behind it twice."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from lapel.core.compact import is_shortened
from lapel.core.search import directions
from lapel.core.things import Features, Reference
from lapel.ports import LocalFeatures

# Fewer details in common than this are an accident; a pair of unlike pictures gives at most 11.
FEWEST_IN_COMMON = 12
# What stands so near to a detail that was found twice is on the thing as well, in shares of the longer side.
_NEAR = 0.05


def on_the_thing(references: tuple[Reference, ...], features: LocalFeatures) -> tuple[Reference, ...]:
    """The references of one entry, each with only those local features that other pictures of it confirm.

    A picture that no other confirms is left as it is: it may show a side of its own.
    """
    confirmed = confirmed_by_others(references, features)
    return tuple(
        _only(reference, _kept(reference.features, seen), features) if seen.any() else reference
        for reference, seen in zip(references, confirmed, strict=True)
    )


def confirmed_by_others(references: tuple[Reference, ...], features: LocalFeatures) -> tuple[NDArray[np.bool_], ...]:
    """Which local features of each picture another picture shows, too: bool[n], none where no other agrees."""
    confirmed = [np.zeros(len(reference.features.points), bool) for reference in references]
    for one, other in permutations(range(len(references)), 2):
        agreeing = features.agreeing(references[other].features, references[one].features)
        if agreeing.sum() >= FEWEST_IN_COMMON:
            confirmed[one] |= agreeing
    return tuple(confirmed)


def _only(reference: Reference, kept: Features, features: LocalFeatures) -> Reference:
    if is_shortened(kept):
        return replace(reference, features=kept)
    return replace(reference, features=kept, aggregates=directions(features.aggregate(kept)))


def _kept(features: Features, confirmed: NDArray[np.bool_]) -> Features:
    reach = _NEAR * max(features.width, features.height)
    apart = np.linalg.norm(features.points[:, None] - features.points[confirmed][None], axis=2).min(axis=1)
    near = apart <= reach
    points, descriptors = features.points[near], features.descriptors[near]
    points.setflags(write=False)
    descriptors.setflags(write=False)
    return Features(points, descriptors, features.width, features.height)
