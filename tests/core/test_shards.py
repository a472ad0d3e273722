"""A changed list keeps what it can of the engine that it is searched by."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lapel.core.shards import GONE, changes, row_keys, to_compact


def listed(rows: list[int]) -> np.ndarray:
    """A row for each number: equal numbers are equal rows."""
    made = [np.random.default_rng(number).integers(-127, 128, 20, np.int8) for number in rows]
    return np.array(made, np.int8).reshape(-1, 20)


@given(st.lists(st.integers(0, 30), max_size=40), st.lists(st.integers(0, 30), max_size=40), st.integers(0, 2**32 - 1))
def test_every_row_of_the_changed_list_is_held_once_or_is_fresh(before: list[int], after: list[int], seed: int) -> None:
    old, new = listed(before), listed(after)
    alive = np.random.default_rng(seed).random(len(old)) < 0.8
    change = changes(row_keys(old), alive, row_keys(new))
    kept = change.row_of[change.row_of != GONE]
    assert sorted([*kept, *change.fresh]) == list(range(len(new)))
    for slot, row in enumerate(change.row_of):
        if row != GONE:
            assert alive[slot]
            np.testing.assert_array_equal(old[slot], new[row])
    still_listed = {number for number, is_alive in zip(before, alive, strict=True) if is_alive} & set(after)
    assert len({after[row] for row in kept}) == len(still_listed)


def test_a_changed_byte_changes_the_key_of_a_row() -> None:
    row = listed([1])
    others = np.repeat(row, 20, axis=0)
    others[np.arange(20), np.arange(20)] ^= 1
    assert len({int(key) for key in row_keys(np.concatenate([row, others]))}) == 21


def test_a_row_whose_bytes_change_places_has_another_key() -> None:
    row = listed([2])
    turned = [np.roll(row, by, axis=1) for by in range(20)]
    assert len({int(key) for key in row_keys(np.concatenate(turned))}) == 20


def test_full_shards_are_left_alone() -> None:
    assert to_compact([65_536, 65_536, 900], [65_536, 60_000, 900]) == ()


def test_shards_of_which_a_fifth_is_gone_are_made_anew() -> None:
    assert to_compact([65_536, 65_536, 1000], [40_000, 65_536, 1000]) == (0,)


def test_many_small_shards_become_one() -> None:
    assert to_compact([65_536, *[1000] * 9], [65_536, *[1000] * 9]) == tuple(range(1, 10))
