import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from lapel.core.search import NumpySearch, best_rows, quantise_rows, rescored


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


def test_rescoring_undoes_what_quantising_changed_in_the_order() -> None:
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(2000, 32)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    for query in rows[:50]:
        exact = rows @ query
        coarse = exact + rng.uniform(-0.009, 0.009, len(rows)).astype(np.float32)
        np.testing.assert_array_equal(rescored(coarse, query[None], rows, 5), best_rows(exact, 5))


@pytest.mark.parametrize("count", [1, 3, 10])
def test_an_empty_gallery_has_no_shortlist(count: int) -> None:
    engine = NumpySearch(np.empty((0, 8), np.float32))
    assert len(engine.shortlist(np.ones((1, 8), np.float32), count)) == 0
