"""One suite for every SearchEngine: the runtime's and the plain one."""

import numpy as np
import pytest
from numpy.typing import NDArray

from lapel.core.search import NumpySearch, directions, unit_scales
from lapel.infer.gallery_search import SHARD_ROWS, TfliteSearch
from lapel.infer.tflite import Runtime
from lapel.ports import SearchEngine

pytestmark = pytest.mark.models


def unit_rows(count: int, width: int = 64, seed: int = 0) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def engine(name: str, rows: NDArray[np.float32], runtime: Runtime) -> SearchEngine:
    kept = directions(rows)
    return NumpySearch(kept) if name == "numpy" else TfliteSearch(kept, runtime)


def stored(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The unit rows that an engine can know of."""
    kept = directions(rows)
    return kept * unit_scales(kept)[:, None]


@pytest.fixture(params=["numpy", "tflite"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_row_finds_itself_first(name: str, runtime: Runtime) -> None:
    rows = unit_rows(500)
    search = engine(name, rows, runtime)
    assert [search.shortlist(rows[i : i + 1], 1)[0] for i in range(0, 500, 50)] == list(range(0, 500, 50))


def test_the_shortlist_is_that_of_plain_arithmetic(name: str, runtime: Runtime) -> None:
    rows, queries = unit_rows(3000), unit_rows(40, seed=1)
    search = engine(name, rows, runtime)
    for query in queries:
        exact = np.argsort(-(stored(rows) @ query), kind="stable")[:10]
        np.testing.assert_array_equal(search.shortlist(query[None], 10), exact)


def test_several_queries_are_answered_by_the_best_of_them(name: str, runtime: Runtime) -> None:
    rows = unit_rows(100)
    found = engine(name, rows, runtime).shortlist(rows[[7, 42]], 2)
    assert set(found) == {7, 42}


def test_similarities_are_cosines(name: str, runtime: Runtime) -> None:
    rows = unit_rows(20)
    places = np.array([3, 9])
    found = engine(name, rows, runtime).similarities(rows[3:4], places)
    np.testing.assert_allclose(found, stored(rows)[places] @ rows[3], atol=1e-5)
    np.testing.assert_allclose(found, rows[places] @ rows[3], atol=0.01)


def test_rows_that_are_left_out_are_named_no_more_however_many_are_wanted(name: str, runtime: Runtime) -> None:
    rows = unit_rows(40)
    search = engine(name, rows, runtime)
    search.leave_out(np.array([7, 3]))
    search.leave_out(np.array([7, 39]))
    for wanted in (1, 10, 40):
        exact = [row for row in np.argsort(-(stored(rows) @ rows[7]), kind="stable") if row not in (3, 7, 39)]
        np.testing.assert_array_equal(search.shortlist(rows[7:8], wanted), exact[:wanted])


def test_an_empty_gallery_answers_nothing(name: str, runtime: Runtime) -> None:
    assert len(engine(name, unit_rows(0), runtime).shortlist(unit_rows(1), 5)) == 0


def test_no_query_answers_nothing(name: str, runtime: Runtime) -> None:
    search = engine(name, unit_rows(5), runtime)
    assert len(search.shortlist(unit_rows(0), 5)) == 0


def test_a_short_gallery_answers_all_of_it(name: str, runtime: Runtime) -> None:
    assert len(engine(name, unit_rows(3), runtime).shortlist(unit_rows(1, seed=2), 20)) == 3


def test_a_gallery_of_several_shards_is_one_gallery(runtime: Runtime) -> None:
    rows = unit_rows(SHARD_ROWS + 10, width=16)
    search = TfliteSearch(directions(rows), runtime)
    assert search.shortlist(rows[-1:], 1)[0] == len(rows) - 1
