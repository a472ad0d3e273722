"""What is expected against what is observed."""

import numpy as np
import pytest

from lapel.core.calibration import Impostor
from lapel_tools.evaluate.expectation import compared


def episodes(count: int, fall: float, seed: int) -> tuple[Impostor, ...]:
    return tuple(Impostor("e", float(s)) for s in np.random.default_rng(seed).exponential(fall, count))


def test_scenes_of_one_kind_come_as_expected_within_a_factor_of_two() -> None:
    rows = compared(episodes(1000, 0.1, 1), episodes(1000, 0.1, 2))
    assert [row.observed for row in rows] == [30, 60, 120]
    assert all(0.5 <= row.ratio <= 2 for row in rows)


def test_scenes_that_err_more_often_than_those_fitted_are_seen_to() -> None:
    rows = compared(episodes(1000, 0.1, 1), episodes(1000, 0.3, 2))
    assert all(row.ratio < 0.5 for row in rows)


def test_too_few_events_are_not_compared() -> None:
    assert compared(episodes(1000, 0.1, 1), episodes(29, 0.1, 2)) == ()


def test_what_was_observed_has_an_exact_interval() -> None:
    row = compared(episodes(100, 0.1, 1), episodes(100, 0.1, 2))[0]
    assert (row.least, row.most) == (pytest.approx(20.24, abs=0.01), pytest.approx(42.83, abs=0.01))
