"""A runtime that searches wrongly is found out, and what takes its place is said."""

import ctypes
import os
from types import SimpleNamespace

import numpy as np
import pytest

from lapel.core.search import NumpySearch, directions
from lapel.errors import LapelError, StoreError, Tampered
from lapel.infer import shard as shards
from lapel.infer.gallery_search import TfliteSearch
from lapel.infer.layer import layer_head
from lapel.infer.searching import compacted_engine, renewed_engine, search_engine
from lapel.infer.shard import SearchSelfTestFailed, Shard, Share
from lapel.infer.tflite import Runtime

pytestmark = pytest.mark.models
ROWS = directions(np.random.default_rng(1).standard_normal((700, 64), np.float32))
ALL = Share(ROWS, range(len(ROWS)))


def wrong_head(scales: np.ndarray, rows: int, dimensions: int) -> bytes:
    """A layer whose rows are all half as long as they should be."""
    return layer_head((scales / 2).astype(np.float32), rows, dimensions)


def test_a_right_runtime_is_used_and_nothing_is_said(runtime: Runtime) -> None:
    said: list[str] = []
    assert isinstance(search_engine(ROWS, runtime, said.append), TfliteSearch)
    assert said == []


def test_a_runtime_that_scores_wrongly_is_replaced_by_plain_arithmetic_and_that_is_said(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "layer_head", wrong_head)
    said: list[str] = []
    engine = search_engine(ROWS, runtime, said.append)
    assert isinstance(engine, NumpySearch)
    assert "SEARCHED SLOWLY" in said[0]
    query = ROWS[5:6] / np.linalg.norm(ROWS[5:6])
    assert engine.shortlist(query.astype(np.float32), 1)[0] == 5


def test_the_self_test_names_how_far_off_32_rows_are(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "layer_head", wrong_head)
    with pytest.raises(SearchSelfTestFailed, match=r"scores of 32 rows are off by up to 0\.5"):
        Shard(ALL, runtime)


def test_a_shard_answers_the_same_whether_or_not_its_source_is_given_back(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = np.ones((1, 64), np.float32) / 8
    one = Shard(ALL, runtime).scores(query).copy()
    monkeypatch.setattr(os, "memfd_create", no_memory)
    other = Shard(ALL, runtime)
    assert not other.is_lean
    np.testing.assert_array_equal(other.scores(query), one)


def test_a_runtime_that_still_needs_the_source_is_given_it(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "_given_back", spoil)
    shard = Shard(ALL, runtime)
    assert not shard.is_lean


def no_memory(*_: object) -> int:
    raise OSError("no memory of that kind")


def spoil(memory: int, length: int) -> bool:
    return False


def test_memory_is_tidied_where_the_c_library_can(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(malloc_trim=asked.append))
    shards.tidy_memory()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())  # another C library than GNU's
    shards.tidy_memory()
    assert asked == [0]


def unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_a_changed_list_is_searched_as_if_it_had_been_built_whole(runtime: Runtime) -> None:
    random = np.random.default_rng(3)
    engine, rows = TfliteSearch(ROWS, runtime), ROWS
    for _ in range(3):
        kept = rows[random.permutation(len(rows))[: len(rows) * 3 // 4]]
        rows = np.concatenate([kept, directions(random.standard_normal((50, 64), np.float32))])
        engine = engine.renewed(rows)
        for query in unit(random.standard_normal((20, 64), np.float32)):
            wanted = NumpySearch(rows).shortlist(query[None], 10)
            np.testing.assert_array_equal(engine.shortlist(query[None], 10), wanted)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Rows and width of each shard that is built from now on."""
    shapes: list[tuple[int, int]] = []
    whole = Shard.__init__

    def counted(self: Shard, share: Share, runtime: Runtime, threads: int = 1) -> None:
        shapes.append(share.shape)
        whole(self, share, runtime, threads)

    monkeypatch.setattr(Shard, "__init__", counted)
    return shapes


def test_rows_of_which_the_first_values_alone_are_held_are_found_as_by_plain_arithmetic(
    runtime: Runtime, built: list[tuple[int, int]]
) -> None:
    random = np.random.default_rng(8)
    telling = np.repeat(np.array([1.0, 0.4], np.float32), 32)  # as after a learned map: the first half says more
    rows = directions(random.standard_normal((3000, 64), np.float32) * telling)
    engine = TfliteSearch(rows, runtime, foremost=32)
    changed = np.concatenate([rows[1000:], directions(random.standard_normal((40, 64), np.float32) * telling)])
    later = engine.renewed(changed)
    queries = unit(random.standard_normal((20, 64), np.float32) * telling)
    for searched, kept in ((engine, rows), (later, changed), (later.compacted(), changed)):
        assert searched is not None
        for query in queries:
            np.testing.assert_array_equal(
                searched.shortlist(query[None], 5), NumpySearch(kept).shortlist(query[None], 5)
            )
    assert built == [(3000, 32), (40, 32), (2000, 32)]


def test_an_update_builds_shards_of_new_rows_only(runtime: Runtime, built: list[tuple[int, int]]) -> None:
    engine = TfliteSearch(ROWS, runtime)
    built.clear()
    fresh = directions(np.random.default_rng(4).standard_normal((30, 64), np.float32))
    engine.renewed(np.concatenate([fresh, ROWS[:-100]]))
    assert built == [(30, 64)]
    built.clear()
    engine.renewed(ROWS[5:])
    assert built == []


def test_what_left_the_list_is_never_found_however_many_are_asked_for(runtime: Runtime) -> None:
    engine = TfliteSearch(ROWS, runtime).renewed(ROWS[10:13])
    found = engine.shortlist(unit(ROWS[0:1].astype(np.float32)), 50)
    assert sorted(found) == [0, 1, 2]


def test_a_list_that_lost_all_its_rows_finds_nothing_and_may_get_new_ones(runtime: Runtime) -> None:
    none = TfliteSearch(ROWS, runtime).renewed(ROWS[:0])
    query = unit(ROWS[7:8].astype(np.float32))
    assert len(none.shortlist(query, 5)) == 0
    assert none.renewed(ROWS).shortlist(query, 1)[0] == 7


def test_the_engine_before_an_update_is_searched_on_while_the_next_is_built(runtime: Runtime) -> None:
    engine = TfliteSearch(ROWS, runtime)
    engine.renewed(ROWS[300:])
    assert engine.shortlist(unit(ROWS[7:8].astype(np.float32)), 1)[0] == 7


def test_compaction_makes_sparse_shards_full_and_changes_no_answer(runtime: Runtime) -> None:
    sparse = TfliteSearch(ROWS, runtime).renewed(ROWS[::3])
    said: list[str] = []
    compact = compacted_engine(sparse, said.append)
    assert compact is not sparse
    for query in unit(np.random.default_rng(5).standard_normal((20, 64), np.float32)):
        np.testing.assert_array_equal(compact.shortlist(query[None], 9), sparse.shortlist(query[None], 9))
    assert compacted_engine(compact, said.append) is compact
    assert said == []


@pytest.mark.parametrize("error", [SearchSelfTestFailed, Tampered, StoreError])
def test_an_engine_that_cannot_be_compacted_stays_and_that_is_said(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, error: type[LapelError]
) -> None:
    def fail(engine: TfliteSearch) -> None:
        raise error("unreadable")

    monkeypatch.setattr(TfliteSearch, "compacted", fail)
    said: list[str] = []
    engine = TfliteSearch(ROWS, runtime)
    assert compacted_engine(engine, said.append) is engine
    assert said == ["WATCHLIST NOT TIDIED, searched as before: unreadable"]


def test_an_engine_of_plain_arithmetic_is_renewed_whole(runtime: Runtime) -> None:
    said: list[str] = []
    engine = renewed_engine(NumpySearch(ROWS), ROWS[1:], runtime, said.append)
    assert engine.shortlist(unit(ROWS[1:2].astype(np.float32)), 1)[0] == 0
    assert said == []
