"""A budget of false alerts becomes thresholds, or the list is said to break it."""

from dataclasses import replace

import numpy as np
import pytest

from lapel.core.calibration import LEAST_THRESHOLD, MOST_THRESHOLD, Impostor, Load, plan

ENTRIES = tuple(f"e{number}" for number in range(40))
LOAD = Load(3, "drawn things", ENTRIES, frozenset(), episodes_per_hour=2000.0)


def strangers(count: int, fall: float, seed: int = 1) -> tuple[Impostor, ...]:
    """Episodes whose strength falls off by ``fall``, spread over all entries."""
    random = np.random.default_rng(seed)
    strengths = random.exponential(fall, count)
    return tuple(Impostor(ENTRIES[random.integers(len(ENTRIES))], float(strength)) for strength in strengths)


def look_alike(entry: str, count: int, strength: float) -> tuple[Impostor, ...]:
    random = np.random.default_rng(9)
    return tuple(Impostor(entry, strength * float(random.uniform(0.9, 1.1))) for _ in range(count))


def test_a_list_that_nothing_is_like_keeps_the_rules_own_threshold() -> None:
    planned = plan(strangers(1000, 0.02), LOAD)
    assert planned.calibration.threshold == LEAST_THRESHOLD
    assert not planned.breaking


def test_a_list_that_is_mistaken_more_often_needs_more_evidence() -> None:
    quiet, loud = (plan(strangers(1000, fall), LOAD).calibration for fall in (0.1, 0.15))
    assert LEAST_THRESHOLD < quiet.threshold < loud.threshold


def test_more_episodes_an_hour_need_more_evidence() -> None:
    seen = strangers(1000, 0.12)
    rare, often = (plan(seen, replace(LOAD, episodes_per_hour=rate)).calibration for rate in (200.0, 20_000.0))
    assert rare.threshold < often.threshold


def test_a_smaller_budget_needs_more_evidence() -> None:
    seen = strangers(1000, 0.12)
    lavish, strict = (plan(seen, replace(LOAD, budget_per_hour=budget)).calibration for budget in (10.0, 0.01))
    assert lavish.threshold < strict.threshold


def test_what_is_expected_is_inside_the_budget_and_inside_its_interval() -> None:
    found = plan(strangers(1000, 0.12), LOAD).calibration
    assert found.per_hour <= LOAD.budget_per_hour
    assert found.at_least_per_hour < found.per_hour < found.at_most_per_hour


def test_one_look_alike_gets_a_threshold_of_its_own_and_the_others_keep_theirs() -> None:
    alone = plan(strangers(1000, 0.05), LOAD).calibration
    found = plan((*strangers(1000, 0.05), *look_alike("e7", 30, 1.1)), LOAD)
    assert [own.entry_id for own in found.calibration.entry_thresholds] == ["e7"]
    assert found.calibration.threshold == alone.threshold
    assert found.calibration.threshold_of("e7") > found.calibration.threshold_of("e8") == alone.threshold
    assert not found.breaking


def test_an_entry_that_strangers_are_taken_for_at_any_threshold_is_named() -> None:
    found = plan((*strangers(1000, 0.05), *look_alike("e7", 30, 4.0)), LOAD)
    assert found.breaking == ("e7",)


def test_a_list_that_breaks_the_budget_as_a_whole_names_the_entries_that_draw_most() -> None:
    found = plan(strangers(1000, 1.5), LOAD)
    assert found.breaking
    assert set(found.breaking) <= set(ENTRIES)
    assert found.calibration.threshold == MOST_THRESHOLD


def test_a_list_that_was_never_measured_is_not_inside_any_budget() -> None:
    assert plan((), LOAD).calibration.per_hour > LOAD.budget_per_hour


def test_decoys_take_about_their_share_of_false_hits() -> None:
    decoys = frozenset(ENTRIES[:10])
    share = plan(strangers(2000, 0.1), replace(LOAD, decoys=decoys)).calibration.decoy_share
    assert share == pytest.approx(0.25, abs=0.2)


def test_drawn_scenes_say_nothing_of_drawn_decoys() -> None:
    decoys = frozenset(ENTRIES[:10])
    seen = look_alike(ENTRIES[0], 300, 0.5)
    assert plan(seen, replace(LOAD, decoys=decoys, are_scenes_drawn=True)).calibration.decoy_share == 0.25


def test_hits_on_decoys_ask_for_no_more_evidence() -> None:
    seen = strangers(1000, 0.02)
    decoyed = plan((*seen, *look_alike("e0", 30, 2.0)), replace(LOAD, decoys=frozenset({"e0"}))).calibration
    assert (decoyed.threshold, decoyed.entry_thresholds) == (LEAST_THRESHOLD, ())


def test_decoys_are_not_counted_as_listed() -> None:
    assert plan(strangers(50, 0.1), replace(LOAD, decoys=frozenset(ENTRIES[:10]))).calibration.entries == 30


def test_what_the_count_alone_supports_is_told_whatever_is_extrapolated() -> None:
    """The rule of three: 3 over 200 looks, at 11,300 looks an hour."""
    load = replace(LOAD, episodes_per_hour=11_300.0, budget_per_hour=1e-8)
    planned = plan(strangers(200, 0.02), load)
    assert planned.calibration.at_most_per_hour < 170
    assert planned.reached == 0
    assert planned.counted_at_most_per_hour == pytest.approx(169.3, abs=0.1)


def test_episodes_that_came_to_the_thresholds_are_counted_and_hits_on_decoys_are_not() -> None:
    seen = (*strangers(1000, 0.02), Impostor("e1", 9.0), Impostor("e2", 9.0), Impostor("decoy", 9.0))
    planned = plan(seen, replace(LOAD, budget_per_hour=100.0, decoys=frozenset({"decoy"})))
    assert planned.reached == 2
    assert planned.counted_at_most_per_hour == pytest.approx(6.296 * 2000 / 1003, rel=1e-3)
