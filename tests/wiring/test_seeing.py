"""The parts that see, shared by several lists at a time."""

from dataclasses import replace
from datetime import date
from typing import Any, cast

import numpy as np
import pytest

from lapel.config.profile import load_profile
from lapel.core.calibrate import WATCHING
from lapel.core.gallery import made_by
from lapel.core.rows import StoredRows
from lapel.core.search import NumpySearch
from lapel.fakes.models import ColourEmbedder, ColourFeatures, PlainPrints
from lapel.health.memory import Libraries
from lapel.infer.tflite import Runtime
from lapel.matching import COMPARED_WHOLE, Shortlists
from lapel.wiring.bench import with_runtime
from lapel.wiring.seeing import SPARING_ABOVE, Seeing, open_seeing
from published_rig import crates


class Prints(PlainPrints):
    """Notes when it was told to rest."""

    def __init__(self, order: list[str]) -> None:
        self.rest = lambda: order.append("rest")  # type: ignore[method-assign]


class Embedder(ColourEmbedder):
    rests = False


class Details(ColourFeatures):
    is_lean = False

    def spare_memory(self) -> None:
        self.is_lean = True


def test_only_above_20_000_references_do_looks_spare_memory_and_then_for_short_lists_beside_it_too() -> None:
    parts: tuple[Any, ...] = (Embedder(), Details(), PlainPrints())
    seeing = Seeing(cast(Any, None), Runtime.LITERT, (), cast(Any, None), *parts)
    rows = NumpySearch(np.zeros((0, 32), np.int8))
    one = replace(crates(1), model_sha256=made_by(parts[0].model_sha256, parts[1].model_sha256))
    assert SPARING_ABOVE == 20_000
    for references, rests in ((1, False), (20_000, False), (20_001, True), (1, True)):
        listed = replace(one, references=one.references[:1] * references)
        seeing.recall_by(Shortlists(rows, rows), listed, WATCHING, date.today)
        assert (seeing.embedder.rests, parts[1].is_lean) == (rests, rests)


def test_the_network_for_prints_is_gone_before_a_long_list_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    order = list[str]()
    parts: tuple[Any, ...] = (Embedder(), Details(), Prints(order))
    seeing = Seeing(cast(Any, None), Runtime.LITERT, (), cast(Any, None), *parts)
    listed = replace(crates(COMPARED_WHOLE + 1), model_sha256=made_by(parts[0].model_sha256, parts[1].model_sha256))

    def built(rows: StoredRows, *_: object) -> NumpySearch:
        order.append("built")
        return NumpySearch(rows)

    monkeypatch.setattr("lapel.wiring.seeing.search_engine", built)
    seeing.recall(listed, WATCHING, date.today)
    assert order[:3] == ["rest", "built", "built"]


@pytest.mark.models
def test_pages_of_libraries_are_kept_where_memory_is_not_short(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = list[bool]()
    monkeypatch.setattr(Libraries, "give_back", lambda _: given.append(True))
    seeing = open_seeing(with_runtime(load_profile("ci-video"), runtime.value))
    picture = np.zeros((64, 64, 3), np.uint8)
    for rests, times in ((False, 0), (True, 2)):
        seeing.embedder.rests = rests
        seeing.prints.rest()
        seeing.embedder.describe(picture)
        seeing.prints.describe(picture)
        assert len(given) == times
