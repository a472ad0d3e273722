"""Measures the watchlist search as a watch does it, beside one plain read of its bytes and what others would do."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from lapel.core.search import directions
from lapel.health.meters import rss_mib
from lapel.infer.gallery_search import TfliteSearch
from lapel.infer.tflite import Runtime
from lapel.store.keys import FileKey
from lapel.store.sealed import SealedFile, write_sealed
from lapel.store.sealed_rows import SealedRows
from lapel.wiring.bench import timed, unit

_SEED = 20_250_101
_PURPOSE = "bench"
_BLOCK_ROWS = 65_536
# A query is a real row and noise of a third of its length: their cosine is about .95.
_NOISE = 0.33


@dataclass(frozen=True, slots=True)
class SearchFigures:
    """A measured search of ``rows`` × ``dims``, medians over the queries, each way in turn at each query.

    ``ours_ms`` includes rescoring; ``read_ms`` is one exclusive or over the int8 rows, the least that any exact search
    must do; ``top1_equal`` the share of queries answered as by ``numpy_fp32_ms``'s search of the rows as they were
    before they became bytes; ``added_rss_mib`` what the process grew by from the sealed rows to the first answer.
    """

    rows: int
    dims: int
    ours_ms: float
    read_ms: float
    numpy_fp32_ms: float
    faiss_flat_ms: float | None
    top1_equal: float
    added_rss_mib: float


def measure_search(rows: int, dims: int, runtime: Runtime, queries: int = 200) -> SearchFigures:
    """Search made-up rows, one query at a time. Raises: SearchSelfTestFailed."""
    with TemporaryDirectory(prefix="lapel-bench-") as name:
        folder = Path(name)
        keys = FileKey.create(folder / "bench.key")
        write_sealed(folder / "rows", [directions(block).data for block in _blocks(rows, dims)], keys, _PURPOSE)
        TfliteSearch(np.eye(32, dtype=np.int8), runtime)  # the runtime is not the list's
        before_mib = rss_mib()
        with SealedFile(folder / "rows", keys, _PURPOSE) as file:
            sealed = SealedRows(file, 0, rows, dims)
            engine = TfliteSearch(sealed, runtime)
            engine.shortlist(np.ones((1, dims), np.float32) / np.float32(dims**0.5), 1)
            added_mib = rss_mib() - before_mib
            plain = np.concatenate(list(_blocks(rows, dims)))
            ways = _ways(engine, plain, sealed[:])
            spent, found = _raced(ways, _queries(plain, queries))
    ms = {name: round(median(times) * 1000, 3) for name, times in spent.items()}
    equal = [ours == exact for ours, exact in zip(found["ours"], found["numpy"], strict=True)]
    faiss_ms = ms.get("faiss")
    share = sum(equal) / len(equal)
    return SearchFigures(rows, dims, ms["ours"], ms["read"], ms["numpy"], faiss_ms, share, round(added_mib, 1))


def _ways(
    engine: TfliteSearch, plain: NDArray[np.float32], kept: NDArray[np.int8]
) -> dict[str, Callable[[NDArray[np.float32]], int]]:
    """Each way to the best row of a query f32[1, d], by its name; faiss where it is installed."""
    words = kept.reshape(-1)[: kept.size // 8 * 8].view(np.uint64)
    ways: dict[str, Callable[[NDArray[np.float32]], int]] = {
        "read": lambda query: int(np.bitwise_xor.reduce(words)),
        "ours": lambda query: int(engine.shortlist(query, 1)[0]),
        "numpy": lambda query: int(np.argmax(plain @ query[0])),
    }
    if find_spec("faiss") is not None:
        faiss = importlib.import_module("faiss")
        faiss.omp_set_num_threads(1)  # as all the others
        flat = faiss.IndexFlatIP(plain.shape[1])
        flat.add(plain)
        ways["faiss"] = lambda query: int(flat.search(query, 1)[1][0, 0])
    return ways


def _raced(
    ways: dict[str, Callable[[NDArray[np.float32]], int]], queries: NDArray[np.float32]
) -> tuple[dict[str, list[float]], dict[str, list[int]]]:
    """Seconds and answers of each way: in turn, so that a busy machine is as unkind to one as to the others."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    found: dict[str, list[int]] = {name: [] for name in ways}
    for query in queries:
        for name, way in ways.items():
            seconds, best = timed(lambda way=way, query=query: way(query[None]))  # type: ignore[misc]
            spent[name].append(seconds)
            found[name].append(best)
    return spent, found


def _blocks(rows: int, dims: int) -> Iterator[NDArray[np.float32]]:
    """The same unit rows f32[rows, dims] at every call, in pieces."""
    for number, start in enumerate(range(0, rows, _BLOCK_ROWS)):
        random = np.random.default_rng((_SEED, number))
        yield unit(random.standard_normal((min(_BLOCK_ROWS, rows - start), dims), np.float32))


def _queries(plain: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    random = np.random.default_rng(_SEED)
    noise = random.standard_normal((count, plain.shape[1]), np.float32) * np.float32(_NOISE / plain.shape[1] ** 0.5)
    return unit(plain[random.integers(0, len(plain), count)] + noise)
