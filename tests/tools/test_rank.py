"""Rank correlation."""

import pytest

from lapel_tools.report.rank import rank_correlation


def test_the_same_order_is_one_and_the_reverse_minus_one() -> None:
    same, reverse = (
        rank_correlation([1, 2, 3, 9, 11], [0.1, 0.2, 7, 8, 9]),
        rank_correlation([1, 2, 3, 4], [9, 7, 5, 1]),
    )
    assert same is not None
    assert reverse is not None
    assert (same.value, same.low, same.high, same.count) == (1, 1, 1, 5)
    assert reverse.value == reverse.high == -1


def test_equal_values_share_their_mean_rank() -> None:
    # By hand: ranks 1.5 1.5 3 4 against 1 2 3 4, so that the correlation is 4.5 / sqrt(4.5 × 5).
    found = rank_correlation([5, 5, 6, 7], [1, 2, 3, 4])
    assert found is not None
    assert found.value == pytest.approx(4.5 / (4.5 * 5) ** 0.5)


def test_the_interval_is_fieller_s() -> None:
    # By hand: 1 - 6 × 6 / (7 × 48) = .8929, and tanh(atanh(.8929) ± 1.96 × 1.06 / 2).
    found = rank_correlation([1, 2, 3, 4, 5, 6, 7], [2, 1, 4, 3, 6, 5, 7])
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.8929, 0.3774, 0.9859), abs=2e-4)


def test_a_measure_that_tells_no_two_cases_apart_has_none() -> None:
    assert rank_correlation([3, 3, 3, 3], [1, 2, 3, 4]) is None
    assert rank_correlation([1], [2]) is None


def test_three_cases_leave_everything_open() -> None:
    found = rank_correlation([1, 2, 3], [1, 2, 3])
    assert found is not None
    assert (found.low, found.high) == (-1, 1)
    assert str(found) == "1.00 (-1.00 to 1.00) over 3"
