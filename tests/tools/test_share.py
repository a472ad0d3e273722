"""Shares and their intervals."""

import pytest

from lapel_tools.report.share import Share


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_the_one_that_was_published(count: int, total: int, low: float, high: float) -> None:
    share = Share(count, total)
    assert (share.low, share.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("total", [1, 7, 140, 100_000])
def test_the_interval_of_none_begins_at_0_and_of_all_ends_at_1(total: int) -> None:
    assert Share(0, total).low == 0
    assert Share(total, total).high == 1
    assert 0 < Share(0, total).high < 1


def test_the_interval_of_a_count_mirrors_that_of_the_rest() -> None:
    assert Share(3, 11).low == pytest.approx(1 - Share(8, 11).high)


def test_of_nothing_tried_nothing_is_known() -> None:
    assert (Share(0, 0).low, Share(0, 0).high) == (0, 1)
    assert Share(0, 0).in_full() == "0 of 0"


def test_a_share_is_said_with_its_interval() -> None:
    assert str(Share(3, 60)) == "3 (2–14%)"
    assert Share(12, 60).in_full() == "12 of 60, 20% (12–32%)"
