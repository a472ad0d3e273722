"""The longer the list, the less is kept of each reference's local features."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from lapel.core.compact import LEVELS, Level, compacted, fitted, level_for, level_of
from lapel.core.gallery import Gallery
from lapel.fakes.gallery import made_up_entry, made_up_gallery, made_up_reference

TODAY = date(2026, 3, 1)
MANY = made_up_reference("crate-0", seed=1, points=800)


@pytest.mark.parametrize(
    ("references", "most_bytes"),
    [(1, 41_000), (500, 41_000), (501, 4096), (20_000, 4096), (20_001, 1024), (300_000, 1024)],
)
def test_a_reference_of_a_list_of_that_length_takes_no_more(references: int, most_bytes: int) -> None:
    level = level_for(references)
    kept = compacted(MANY.features, level)
    # As a file keeps it: two bytes a coordinate, a byte a value.
    assert len(kept.points) * 4 + kept.descriptors.nbytes <= level.most_bytes <= most_bytes


def test_a_list_beyond_the_last_level_keeps_the_least() -> None:
    assert level_for(10**7) is LEVELS[-1]


def test_the_strongest_features_are_kept_and_the_first_values_of_their_codes() -> None:
    kept = compacted(MANY.features, Level(10, points=5, width=3, picture_px=64, picture_bytes=900))
    np.testing.assert_array_equal(kept.points, MANY.features.points[:5])
    np.testing.assert_array_equal(kept.descriptors, MANY.features.descriptors[:5, :3])
    assert not kept.points.flags.writeable
    assert not kept.descriptors.flags.writeable


@pytest.mark.parametrize("level", LEVELS)
def test_features_say_the_longest_list_that_they_stood_on(level: Level) -> None:
    kept = compacted(compacted(MANY.features, level), LEVELS[0])
    assert level_of(kept) is level
    assert level_of(compacted(compacted(kept, LEVELS[2]), level)) is LEVELS[2]


def test_the_longer_the_list_the_smaller_the_pictures() -> None:
    for shorter, longer in pairwise(LEVELS):
        assert (shorter.picture_px, shorter.picture_bytes) > (longer.picture_px, longer.picture_bytes)


def test_compacting_in_two_steps_is_compacting_once() -> None:
    once, twice = compacted(MANY.features, LEVELS[2]), compacted(compacted(MANY.features, LEVELS[1]), LEVELS[2])
    np.testing.assert_array_equal(once.points, twice.points)
    np.testing.assert_array_equal(once.descriptors, twice.descriptors)


def test_what_is_small_enough_stays_the_same_value() -> None:
    few = made_up_reference("crate-0", seed=1).features
    assert compacted(few, LEVELS[0]) is few


def test_a_list_that_grows_past_a_level_keeps_less_of_every_reference() -> None:
    entries = tuple(made_up_entry(f"crate-{n}", date(2026, 6, 1)) for n in range(251))
    short: Gallery = made_up_gallery(TODAY, entries[:2])
    long = made_up_gallery(TODAY, entries)
    assert {r.features.descriptors.shape[1] for r in fitted(short).references} == {64}
    assert {r.features.descriptors.shape[1] for r in fitted(long).references} == {24}


def test_fitting_changes_nothing_but_local_features() -> None:
    given = replace(made_up_gallery(TODAY), references=(MANY,))
    (one,) = fitted(given).references
    assert one.descriptors is MANY.descriptors
    assert one.aggregates is MANY.aggregates
    assert one.picture is MANY.picture
