"""A hot board is asked for less, step by step, and does not waver between two steps."""

import pytest

from lapel.core.heat import COOLER_C, HELD_S, STEPS, Condition, Policy, said

UNDER_VOLTAGE, THROTTLED, ONCE_THROTTLED = 0x1, 0x4, 0x40000


def steps(*trace: tuple[float, float | None], throttled: int | None = None) -> list[int]:
    """The step after each of seconds and degrees."""
    policy, numbers = Policy(), []
    for at_s, heat_c in trace:
        policy.see(Condition(heat_c, throttled), at_s)
        numbers.append(policy.number)
    return numbers


def test_a_cool_board_or_one_that_says_nothing_does_all_that_it_can() -> None:
    assert steps((0, 45.0), (5, 71.9), (10, None)) == [0, 0, 0]


def test_a_warming_board_goes_through_every_step_and_a_hot_one_to_its_own_at_once() -> None:
    assert steps(*[(5.0 * n, 70.0 + n) for n in range(13)]) == [0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3]
    assert steps((0, 90.0)) == [3]


def test_heat_that_wavers_about_where_a_step_begins_changes_nothing() -> None:
    trace = [(5.0 * n, 72.5 if n % 2 == 0 else 72.5 - COOLER_C + 0.1) for n in range(100)]
    assert set(steps(*trace)) == {1}


def test_a_cooling_board_goes_down_by_one_step_at_a_time_each_of_which_lasts() -> None:
    trace = [(5.0 * n, 85.0 if n == 0 else 40.0) for n in range(40)]
    numbers = steps(*trace)
    assert numbers == sorted(numbers, reverse=True)
    assert [numbers.count(step) * 5.0 for step in (3, 2, 1)] == [HELD_S] * 3


@pytest.mark.parametrize(("bits", "step"), [(UNDER_VOLTAGE, 1), (THROTTLED, 1), (ONCE_THROTTLED, 0), (0, 0)])
def test_a_board_that_is_slowed_down_now_is_asked_for_less_and_one_that_was_is_not(bits: int, step: int) -> None:
    assert steps((0, 50.0), (100, 50.0), throttled=bits) == [step, step]


def test_every_step_asks_for_less_than_the_one_before() -> None:
    asked = [step.frames * step.looks for step in STEPS]
    assert asked == sorted(set(asked), reverse=True)


def test_what_is_said_names_heat_and_what_is_left_out() -> None:
    assert said(Condition(82.4, UNDER_VOLTAGE), STEPS[3]) == (
        "TOO HOT OR UNDERFED (82 °C, supply too weak): 25% of the frames are looked at and 50% of the looks taken; "
        "shade or feed it"
    )
    assert said(Condition(66.0), STEPS[0]) == "all frames are looked at again (66 °C)"
