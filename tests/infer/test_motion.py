"""How far what agrees reaches into the middle of a picture."""

import numpy as np
from numpy.typing import NDArray

from lapel.infer.motion import in_middle


def spread() -> NDArray[np.float32]:
    return np.stack(np.meshgrid(np.arange(2, 400, 4), np.arange(2, 300, 4)), axis=-1).reshape(-1, 2).astype(np.float32)


def is_inside(points: NDArray[np.float32]) -> NDArray[np.bool_]:
    return np.asarray((np.abs(points / (400, 300) - 0.5) <= 0.25).all(axis=1))


def test_an_even_spread_and_all_in_the_middle_reach_it() -> None:
    points = spread()
    assert in_middle(points, 400, 300) > 0.95
    assert in_middle(points[is_inside(points)], 400, 300) == 1


def test_what_stands_around_the_middle_does_not_reach_it() -> None:
    points = spread()
    around = points[~is_inside(points)]
    assert in_middle(around, 400, 300) == 0
    few = np.concatenate([around, points[is_inside(points)][::8]])
    assert 0 < in_middle(few, 400, 300) < 0.05
