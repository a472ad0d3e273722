"""How often what is not listed reaches an evidence, and how sure that is."""

from math import exp, log

import numpy as np
import pytest

from lapel.core.tail import gamma_quantile, poisson_upper, tail_of

FALL = 0.2


def exponential(count: int, seed: int = 1) -> tuple[float, ...]:
    return tuple(np.random.default_rng(seed).exponential(FALL, count).tolist())


def test_no_event_in_n_leaves_three_in_n_possible() -> None:
    assert poisson_upper(0, 0.05) == pytest.approx(-log(0.05), abs=1e-6)


def test_ten_events_leave_seventeen_possible_as_tables_of_exact_intervals_say() -> None:
    assert poisson_upper(10, 0.05) == pytest.approx(16.96, abs=0.01)
    assert gamma_quantile(10, 0.05) == pytest.approx(5.43, abs=0.01)


def test_what_was_counted_is_what_is_expected() -> None:
    seen = exponential(2000)
    tail = tail_of(seen)
    level = tail.level + 0.01
    counted = sum(value > level for value in seen) / len(seen)
    assert tail.chance(level) == pytest.approx(counted, rel=0.25)


def test_what_nothing_reached_is_called_extrapolated() -> None:
    tail = tail_of(exponential(5000))
    assert tail.is_extrapolated(tail.highest + 0.01)
    assert not tail.is_extrapolated(tail.highest)


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    truth = exp(-1.6 / FALL)
    bounds = [tail_of(exponential(1500, seed)).bounds(1.6) for seed in range(100)]
    assert sum(low <= truth <= high for low, high in bounds) >= 95


def test_an_interval_holds_the_best_estimate() -> None:
    tail = tail_of(exponential(300))
    for evidence in (0.1, 0.4, 1.0, 2.0):
        low, high = tail.bounds(evidence)
        assert low < tail.chance(evidence) < high


def test_a_steep_tail_is_not_trusted_to_stay_steep() -> None:
    steep = tail_of(tuple(value / 20 for value in exponential(1000)))
    low, high = steep.bounds(0.5)
    assert low < exp(-0.5 / (FALL / 20)) * 100 < steep.chance(0.5) <= high


def test_nothing_measured_promises_nothing() -> None:
    tail = tail_of(())
    assert tail.chance(5.0) == 1
    assert tail.bounds(5.0) == (0, 1)


def test_a_list_that_nothing_is_like_keeps_the_rule_of_three() -> None:
    tail = tail_of((0.0,) * 300)
    assert tail.bounds(1.0) == (0, pytest.approx(3 / 300, rel=0.01))


def test_rates_are_shares_of_the_episodes_in_an_hour() -> None:
    tail = tail_of(exponential(300))
    assert tail.rate(0.2, 50).expected == pytest.approx(50 * tail.chance(0.2))
    assert tail.rate(0.2, 50).at_most == pytest.approx(50 * tail.bounds(0.2)[1])
