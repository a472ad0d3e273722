"""Pairs of local features: each reference feature's nearest, where the next is clearly farther."""

import numpy as np
from numpy.typing import NDArray

from lapel.core.things import Features
from lapel.infer.features import matched

_CLEARLY = 0.8**2


def described(codes: NDArray[np.int8]) -> Features:
    return Features(np.zeros((len(codes), 2), np.float32), codes, 100, 100)


def test_pairs_are_those_that_a_comparison_one_by_one_finds() -> None:
    rng = np.random.default_rng(0)
    ours = rng.integers(-127, 128, (40, 64)).astype(np.int8)
    noise = rng.integers(-30, 31, (40, 64))
    theirs = np.concatenate([np.clip(ours + noise, -127, 127), rng.integers(-127, 128, (60, 64))]).astype(np.int8)
    expected = set()
    for row, code in enumerate(ours.astype(int)):
        apart = ((theirs.astype(int) - code) ** 2).sum(axis=1)
        first, second = np.sort(apart)[:2]
        if first < _CLEARLY * second:
            expected.add((row, int(apart.argmin())))
    found = matched(described(theirs), described(ours))
    assert {(int(row), int(place)) for row, place in found} == expected
    assert len(expected) == 40


def test_a_feature_of_the_sighting_pairs_once_with_the_nearest() -> None:
    theirs = np.array([[100, 0], [0, 100], [-100, 0]], np.int8)
    ours = np.array([[90, 0], [99, 0], [0, 98]], np.int8)
    np.testing.assert_array_equal(matched(described(theirs), described(ours)), [[1, 0], [2, 1]])
