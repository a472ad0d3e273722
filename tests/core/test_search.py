import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from lapel.core.search import (
    QUANTISATION_SLACK,
    NumpySearch,
    best_rows,
    cosines,
    near_best,
    quantise_rows,
    rescored,
    unit_scales,
)


@given(arrays(np.float32, st.integers(0, 40), elements=st.floats(-1, 1, width=32)), st.integers(0, 50))
def test_the_best_rows_are_those_of_a_full_sort(scores: NDArray[np.float32], count: int) -> None:
    found = best_rows(scores, count)
    assert len(found) == min(count, len(scores))
    np.testing.assert_array_equal(np.sort(scores)[::-1][: len(found)], scores[found])


def test_a_row_is_quantised_to_within_half_a_step() -> None:
    rows = np.random.default_rng(1).normal(size=(50, 64)).astype(np.float32)
    quantised, scales = quantise_rows(rows)
    assert np.abs(quantised * scales[:, None] - rows).max() <= scales.max() / 2 + 1e-6


def test_a_row_of_zeros_can_be_quantised() -> None:
    quantised, scales = quantise_rows(np.zeros((1, 4), np.float32))
    assert not quantised.any()
    assert scales[0] == 1


@pytest.mark.parametrize("count", [200, 6000])
def test_rescoring_undoes_what_quantising_changed_in_the_order(count: int) -> None:
    rng = np.random.default_rng(2)
    rows = rng.integers(-127, 128, (count, 32), np.int8)
    for row in range(0, count, count // 50):
        query = rows[row][None] * unit_scales(rows[row][None])[:, None]
        exact = cosines(query, rows)
        near = near_best([exact + rng.uniform(-0.009, 0.009, count).astype(np.float32)], 5)
        np.testing.assert_array_equal(rescored(query, near, rows[near], 5), best_rows(exact, 5))


@given(
    st.lists(st.integers(0, 9_000), max_size=4), st.sampled_from([0, 1, 2, 20, 300, 9000]), st.integers(0, 2**32 - 1)
)
def test_rows_near_the_best_are_those_within_the_slack_of_the_last_wanted(
    lengths: list[int], count: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    parts = [random.uniform(-1, 1, length).astype(np.float32) for length in lengths]
    scores = np.concatenate([np.empty(0, np.float32), *parts])
    wanted = min(count, len(scores))
    least = np.sort(scores)[-wanted] - QUANTISATION_SLACK if wanted else np.inf
    np.testing.assert_array_equal(near_best(parts, count), np.flatnonzero(scores >= least))


@pytest.mark.parametrize("count", [1, 3, 10])
def test_an_empty_gallery_has_no_shortlist(count: int) -> None:
    engine = NumpySearch(np.empty((0, 8), np.int8))
    assert len(engine.shortlist(np.ones((1, 8), np.float32), count)) == 0
