"""The parts that see, shared by several lists at a time."""

from dataclasses import replace
from datetime import date
from typing import Any, cast

import numpy as np
import pytest

from lapel.core.calibrate import WATCHING
from lapel.core.gallery import made_by
from lapel.core.rows import StoredRows
from lapel.core.search import NumpySearch
from lapel.fakes.models import ColourEmbedder, ColourFeatures, PlainPrints
from lapel.infer.tflite import Runtime
from lapel.matching import COMPARED_WHOLE, Shortlists
from lapel.wiring.seeing import Seeing
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


def test_a_short_list_beside_a_long_one_does_not_keep_the_network_in_memory() -> None:
    parts: tuple[Any, ...] = (Embedder(), Details(), PlainPrints())
    seeing = Seeing(cast(Any, None), Runtime.LITERT, (), cast(Any, None), *parts)
    rows = NumpySearch(np.zeros((0, 32), np.int8))
    for entries, rests in ((1, False), (COMPARED_WHOLE, True), (1, True)):
        listed = replace(crates(entries), model_sha256=made_by(parts[0].model_sha256, parts[1].model_sha256))
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
