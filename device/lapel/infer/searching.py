"""The search engine of a list: the runtime's, or plain arithmetic where its answers are wrong, which is said."""

from __future__ import annotations

from collections.abc import Callable

from lapel.core.rows import StoredRows
from lapel.core.search import NumpySearch
from lapel.errors import LapelError
from lapel.infer.gallery_search import TfliteSearch
from lapel.infer.shard import SearchSelfTestFailed
from lapel.infer.tflite import Runtime
from lapel.ports import SearchEngine


def search_engine(
    rows: StoredRows, runtime: Runtime, notice: Callable[[str], None], foremost: int | None = None
) -> SearchEngine:
    """An engine whose answers were compared with plain arithmetic. ``notice`` is told of a fallback; ``foremost`` is
    how many values of a row are held in memory, as TfliteSearch has it."""
    return _or_slowly(lambda: TfliteSearch(rows, runtime, foremost=foremost), rows, notice)


def renewed_engine(
    engine: SearchEngine, rows: StoredRows, runtime: Runtime, notice: Callable[[str], None]
) -> SearchEngine:
    """The engine for a changed list: only what is new is built, where the engine can do that."""
    if not isinstance(engine, TfliteSearch):
        return search_engine(rows, runtime, notice)
    return _or_slowly(lambda: engine.renewed(rows), rows, notice)


def compacted_engine(engine: SearchEngine, notice: Callable[[str], None]) -> SearchEngine:
    """The engine with its sparse shards made anew; itself where that is not worth it, or fails, which is said."""
    try:
        compact = engine.compacted() if isinstance(engine, TfliteSearch) else None
    except LapelError as error:
        notice(f"WATCHLIST NOT TIDIED, searched as before: {error}")
        return engine
    return compact or engine


def _or_slowly(build: Callable[[], TfliteSearch], rows: StoredRows, notice: Callable[[str], None]) -> SearchEngine:
    try:
        return build()
    except SearchSelfTestFailed as error:
        notice(f"SEARCHED SLOWLY, BY PLAIN ARITHMETIC: {error}")
        return NumpySearch(rows)
