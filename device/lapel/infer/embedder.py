"""The descriptor of a thing: one unit vector from a quantised network, reduced."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lapel.core.aggregate import unit_rows
from lapel.core.things import Pixels
from lapel.errors import CropTooSmall
from lapel.infer.feed import fed
from lapel.infer.learned import read_reduction
from lapel.infer.manifest import ModelStore
from lapel.infer.shard import tidy_memory
from lapel.infer.tflite import Model

_SMALLEST_PX = 16
# The whole crop sees the outline, its middle sees the print; their mean beats either (+.08 true positives).
_CENTRE_SHARE = 0.7


class PooledNetwork:
    """EfficientNet-Lite0, its last map pooled, on a crop and on its centre: the mean of both."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def describe(self, pixels: Pixels) -> NDArray[np.float32]:
        """One unit row f32[1, 1280] of RGB u8[h, w, 3]."""
        vectors = unit_rows(np.stack([self._vector(pixels), self._vector(centre(pixels))]))
        return unit_rows(vectors.mean(axis=0, keepdims=True))

    def _vector(self, pixels: Pixels) -> NDArray[np.float32]:
        output = self._model.invoke(fed(self._model, pixels))[0]
        return _pooled(self._model.outputs[0].real(output[0]))


class TfliteEmbedder:
    """The pooled network, reduced by a learned map (port Embedder). ``tidy`` gives memory back when it rests."""

    rests = False
    """Whether the network, 7 MiB, is let go after each picture and opened for the next one, which takes 5 ms."""

    def __init__(self, store: ModelStore, tidy: Callable[[], None] = tidy_memory) -> None:
        self._store, self._tidy = store, tidy
        self._network: PooledNetwork | None = self._opened()
        self._reduction = read_reduction(store)
        self._sha256 = store.descriptor_sha256

    @property
    def model_sha256(self) -> str:
        """The network's file and the map's, in hexadecimal: vectors of two models are never compared."""
        return self._sha256

    @property
    def dimensions(self) -> int:
        """Length of a descriptor."""
        return self._reduction.dimensions

    def describe(self, pixels: Pixels) -> NDArray[np.float32]:
        """One descriptor f32[1, d], a unit row, of RGB u8[h, w, 3] with h, w >= 16. Raises: CropTooSmall."""
        height, width = pixels.shape[:2]
        if min(height, width) < _SMALLEST_PX:
            raise CropTooSmall(f"crop: {width}×{height} px; a descriptor wants at least {_SMALLEST_PX} px a side")
        network = self._network = self._network or self._opened()
        unit = self._reduction.unit(network.describe(pixels))
        unit.setflags(write=False)
        if self.rests:
            del network
            self._network = None
            self._tidy()
        return unit

    def _opened(self) -> PooledNetwork:
        return PooledNetwork(self._store.open("descriptor"))


def _pooled(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Generalised mean over the cells of a map f32[h, w, d], all >= 0: strong features outweigh a wide background.

    Source: Radenović, Tolias & Chum, TPAMI 2019; an exponent of 2 chosen by measurement (models/descriptor.md).
    """
    cells = features.reshape(-1, features.shape[-1])
    return np.asarray(np.sqrt((cells * cells).mean(axis=0)), np.float32)


def centre(pixels: Pixels) -> Pixels:
    """The middle of a picture: 70% of each side."""
    height, width = pixels.shape[:2]
    dy, dx = int(height * (1 - _CENTRE_SHARE) / 2), int(width * (1 - _CENTRE_SHARE) / 2)
    return pixels[dy : height - dy, dx : width - dx]
