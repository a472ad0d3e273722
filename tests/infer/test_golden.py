"""A runtime that computes as the others do is fine; one that computes something else is found out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lapel.errors import ConfigError, HardwareError
from lapel.infer.golden import check_golden
from lapel.infer.learned import LEARNED
from lapel.infer.manifest import ModelStore
from lapel.infer.tflite import Model, Tensor

pytestmark = pytest.mark.models
NETWORKS = ("detector", "descriptor", "prints", "face", "text_detector", "text_reader")


class Mistaken(Model):
    """A network on a runtime that computes it on something else than what it is fed."""

    def __init__(self, model: Model, mistake: Callable[[Tensor], Tensor]) -> None:
        self.input, self.outputs = model.input, model.outputs
        self._model, self._mistake = model, mistake

    def invoke(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """What it answers to something else."""
        return self._model.invoke(np.ascontiguousarray(self._mistake(tensor)))


def test_every_network_has_golden_answers(models: ModelStore) -> None:
    assert set(NETWORKS) == models.cards.keys() - LEARNED.keys()


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_answers_here_as_elsewhere(name: str, models: ModelStore) -> None:
    check_golden(models.open(name), models.card(name).golden)


@pytest.mark.parametrize(
    "mistake",
    [lambda tensor: tensor[:, :, ::-1], lambda tensor: tensor[:, ::-1], np.zeros_like],
    ids=["mirrored", "upside down", "nothing"],
)
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_that_computes_something_else_is_found_out(
    name: str, mistake: Callable[[Tensor], Tensor], models: ModelStore
) -> None:
    with pytest.raises(HardwareError, match="from what it answers elsewhere to the same picture"):
        check_golden(Mistaken(models.open(name), mistake), models.card(name).golden)


def test_a_manifest_without_golden_answers_is_said(models: ModelStore) -> None:
    with pytest.raises(ConfigError, match="0 golden answers for 2 outputs"):
        check_golden(models.open("detector"), ())
