"""Decoys: every hit on one is false, and too many of them silence the list."""

import numpy as np
import pytest

from lapel.core.decoys import DecoyTest, decoy_event, silenced_event
from lapel.core.records import RecordKind
from lapel.fakes.hit import made_up_hit

BUDGET_PER_HOUR = 0.125


def silenced_after(test: DecoyTest, per_hour: float, hours: float, seed: int) -> float | None:
    """Hours until a list that is wrong so often falls silent, or None within ``hours``."""
    random, at_s = np.random.default_rng(seed), 0.0
    test.begin(0.0)
    while (at_s := at_s + float(random.exponential(3600 / per_hour))) < hours * 3600:
        if test.hit(at_s).is_silenced:
            return at_s / 3600
    return None


def test_a_list_inside_its_budget_is_seldom_silenced_in_a_year_of_shifts() -> None:
    year = 200 * 8
    silenced = [silenced_after(DecoyTest(BUDGET_PER_HOUR), BUDGET_PER_HOUR * 0.1, year, seed) for seed in range(100)]
    assert sum(hours is not None for hours in silenced) <= 10


def test_a_list_that_is_wrong_thirty_times_as_often_falls_silent_within_a_shift() -> None:
    silenced = [silenced_after(DecoyTest(BUDGET_PER_HOUR), BUDGET_PER_HOUR * 30, 8, seed) for seed in range(50)]
    assert all(hours is not None for hours in silenced)


def test_one_hit_on_a_decoy_silences_nothing() -> None:
    assert not DecoyTest(BUDGET_PER_HOUR).hit(1.0).is_silenced


def test_what_was_silenced_stays_silent() -> None:
    test = DecoyTest(BUDGET_PER_HOUR)
    for second in range(5):
        test.hit(float(second))
    assert test.state.is_silenced
    assert test.hit(1e7).is_silenced


def test_a_source_that_begins_again_is_no_long_gap() -> None:
    test = DecoyTest(BUDGET_PER_HOUR)
    test.hit(1000.0)
    level = test.state.level
    assert test.hit(0.0).level > level


@pytest.mark.parametrize("wrong", [{"per_hour": 0.0}, {"per_hour": 1.0, "worse": 1.0}, {"per_hour": 1.0, "risk": 1.0}])
def test_a_test_that_could_never_end_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="give a rate above 0"):
        DecoyTest(**wrong)


def test_a_decoys_record_has_no_picture() -> None:
    event = decoy_event(made_up_hit(is_decoy=True))
    assert event.kind is RecordKind.DECOY
    assert not event.picture


def test_the_record_of_falling_silent_says_why() -> None:
    test = DecoyTest(BUDGET_PER_HOUR)
    test.hit(0.0)
    facts = dict(silenced_event(made_up_hit(), test.state).facts)
    assert (facts["decoy_hits"], facts["limit"]) == (1, round(test.state.limit, 3))
