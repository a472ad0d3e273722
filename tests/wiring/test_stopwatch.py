"""The stages of a look are timed apart, and together they are all of it."""

from itertools import count

import pytest

from lapel.wiring.pi_arithmetic import by_arithmetic
from lapel.wiring.stopwatch import ALL, DESCRIPTOR, LAY, REST, SHORTLIST, VERIFY, Stopwatch


def ticking() -> Stopwatch:
    """Every time the clock is read a second has passed."""
    ticks = count()
    return Stopwatch(lambda: float(next(ticks)))


def test_stages_of_a_look_are_summed_and_those_outside_any_are_not() -> None:
    watch = ticking()
    watch.over(VERIFY, lambda: None)
    watch.look(lambda: [watch.over(VERIFY, lambda: None) for _ in range(3)])
    assert (watch.median_ms(VERIFY), watch.median_ms(ALL)) == (3000, 7000)


def test_a_stage_is_timed_over_the_looks_that_come_to_it() -> None:
    watch = ticking()
    watch.look(lambda: None)
    watch.look(lambda: watch.over(LAY, lambda: None))
    assert (watch.median_ms(LAY), watch.share(LAY), watch.median_ms(SHORTLIST)) == (1000, 0.5, 0)


def test_what_is_in_no_stage_is_the_rest_of_a_look() -> None:
    watch = ticking()
    watch.look(lambda: [watch.over(stage, lambda: None) for stage in (VERIFY, LAY, LAY)])
    assert (watch.median_ms(ALL), watch.median_ms(VERIFY, LAY), watch.median_ms(REST)) == (7000, 3000, 4000)


def test_the_95th_of_100_looks_is_told_beside_their_median() -> None:
    watch = ticking()
    for times in range(20):
        watch.look(lambda times=times: [watch.over(LAY, lambda: None) for _ in range(times)])  # type: ignore[misc]
    assert (watch.looks, watch.median_ms(LAY), watch.p95_ms(LAY)) == (20, 10_000, 19_000)
    assert watch.total_ms() == 1000 * sum(1 + 2 * times for times in range(20))


def test_figures_of_a_pi_are_multiplied_and_said_to_be() -> None:
    watch = ticking()
    watch.look(lambda: watch.over(DESCRIPTOR, lambda: None))
    five, four = by_arithmetic(watch, here_ms=2.35)
    assert "not measured: Pi 5 ×10.0" in str(five)
    assert (five.describe_ms, five.shortlist_ms, five.all_ms) == (10_000, 0, 30_000)
    assert four.describe_ms == pytest.approx(47_915, abs=1)
