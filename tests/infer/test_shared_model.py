"""One network that two threads run, redaction and the loop: each gets the answer to what it asked."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lapel.infer.manifest import ModelStore

pytestmark = pytest.mark.models

ROUNDS = 15


def test_two_threads_get_their_own_answers_of_one_network(models: ModelStore) -> None:
    model = models.open("detector")
    asked = [np.full(model.input.shape, value, model.input.dtype) for value in (-90, 60)]
    expected = [model.invoke(tensor)[0] for tensor in asked]
    assert (expected[0] != expected[1]).any()

    def is_answered(which: int) -> bool:
        return all((model.invoke(asked[which])[0] == expected[which]).all() for _ in range(ROUNDS))

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(is_answered, range(2))) == [True, True]
