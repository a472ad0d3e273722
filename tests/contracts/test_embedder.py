"""One suite for every Embedder: the network and its double."""

import numpy as np
import pytest

from lapel.core.things import Pixels
from lapel.errors import CropTooSmall
from lapel.fakes.models import ColourEmbedder
from lapel.infer.embedder import TfliteEmbedder
from lapel.infer.manifest import ModelStore
from lapel.infer.tflite import Runtime
from lapel.ports import Embedder

pytestmark = pytest.mark.models


@pytest.fixture(params=["colour", "tflite"])
def embedder(request: pytest.FixtureRequest, runtime: Runtime) -> Embedder:
    return ColourEmbedder() if request.param == "colour" else TfliteEmbedder(ModelStore(runtime=runtime))


def patches(seed: int, side: int = 90) -> Pixels:
    """Coloured blocks, another arrangement for each seed."""
    blocks = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), np.uint8)
    return np.kron(blocks, np.ones((side // 6, side // 6, 1), np.uint8)).astype(np.uint8)


def test_descriptors_are_read_only_unit_rows(embedder: Embedder) -> None:
    rows = embedder.describe(patches(1))
    assert rows.dtype == np.float32
    assert rows.shape[1] == embedder.dimensions
    assert not rows.flags.writeable
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_the_same_picture_has_the_same_descriptor(embedder: Embedder) -> None:
    np.testing.assert_array_equal(embedder.describe(patches(1)), embedder.describe(patches(1)))


def test_a_picture_is_nearer_to_itself_than_to_another(embedder: Embedder) -> None:
    one, brighter, other = (
        embedder.describe(p)[0] for p in (patches(1), (patches(1) * 0.95).astype(np.uint8), patches(2))
    )
    assert one @ brighter > one @ other


def test_a_crop_of_a_few_pixels_is_refused(embedder: Embedder) -> None:
    with pytest.raises(CropTooSmall, match="15"):
        embedder.describe(patches(1)[:15])


def test_the_model_is_named_by_its_sha256(embedder: Embedder) -> None:
    assert len(embedder.model_sha256) == 64


def test_an_embedder_that_rests_holds_no_network_between_pictures_and_describes_as_before(runtime: Runtime) -> None:
    store, tidied = ModelStore(runtime=runtime), list[int]()
    embedder = TfliteEmbedder(store, lambda: tidied.append(len(store._opened)))
    before = embedder.describe(patches(1))
    embedder.rests = True
    for _ in range(2):
        np.testing.assert_array_equal(embedder.describe(patches(1)), before)
        assert "descriptor" not in store._opened
    assert tidied == [0, 0]  # each time, and once the network was gone
