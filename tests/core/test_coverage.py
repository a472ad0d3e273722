"""What was looked at is known until it changes, or for a while."""

import numpy as np

from lapel.core.coverage import Coverage
from lapel.core.geometry import Box
from lapel.core.things import Pixels

CANVAS: Pixels = np.random.default_rng(5).integers(40, 200, (100, 200, 3), np.uint8)
PLACE = Box(20, 10, 90, 80)


def looked_at(box: Box = PLACE, canvas: Pixels = CANVAS) -> Coverage:
    coverage = Coverage(memory_s=5.0)
    coverage.add(box, canvas, 1.0)
    return coverage


def test_a_place_that_stays_as_it_was_is_known_from_about_the_same_box() -> None:
    coverage = looked_at()
    assert coverage.is_known(PLACE, CANVAS, 2.0)
    assert coverage.is_known(Box(24, 14, 94, 84), CANVAS, 2.0)
    assert not coverage.is_known(Box(100, 10, 170, 80), CANVAS, 2.0)


def test_a_place_is_forgotten_after_a_while_and_when_time_begins_again() -> None:
    coverage = looked_at()
    assert not coverage.is_known(PLACE, CANVAS, 6.0)
    assert not coverage.is_known(PLACE, CANVAS, 0.5)


def test_noise_is_no_change_and_a_thing_put_there_is_one() -> None:
    coverage = looked_at()
    noisy = np.clip(CANVAS + np.random.default_rng(6).normal(0, 6, CANVAS.shape), 0, 255).astype(np.uint8)
    assert coverage.is_known(PLACE, noisy, 2.0)
    changed = CANVAS.copy()
    changed[20:60, 40:80] = 250
    assert not coverage.is_known(PLACE, changed, 2.0)


def test_a_place_outside_a_smaller_picture_is_not_known() -> None:
    assert not looked_at().is_known(Box(20, 10, 80, 80), CANVAS[:, :80], 2.0)


def test_when_a_place_was_last_looked_at_is_remembered_whatever_it_showed() -> None:
    coverage = looked_at()
    coverage.add(PLACE, CANVAS, 3.0)
    assert coverage.looked_s(PLACE) == 3.0
    assert coverage.looked_s(Box(100, 10, 170, 80)) == float("-inf")
