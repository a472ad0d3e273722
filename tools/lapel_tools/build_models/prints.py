"""models/prints.tflite: XFeat, which places and describes the corners of a print.

Its weights are read from the archive that PyTorch wrote, and the network is built again from them, without PyTorch.
The matcher that the source has for refining pairs is left out.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from lapel_tools.build_models import flatbuffer, pictures, quantize
from lapel_tools.build_models.pins import PRINTS
from lapel_tools.build_models.sources import read

SIZE_PX = 512
GREY_RANGE = (-4.0, 4.0)
"""Grey less its mean, in standard deviations."""
CORNER_RANGE = (-12.0, 12.0)
RELIABLE_RANGE = (-8.0, 8.0)

Array = NDArray[np.float32]


def floating(cache: Path) -> flatbuffer.Model:
    """The source model in fp32, with outputs ``features``, ``corners`` and ``reliable``."""
    network = _Network(_weights(read(PRINTS, cache)))
    shape = tf.TensorSpec([1, SIZE_PX, SIZE_PX, 1], tf.float32)
    traced = tf.function(network.run).get_concrete_function(shape)
    model = flatbuffer.load(tf.lite.TFLiteConverter.from_concrete_functions([traced]).convert())
    flatbuffer.settle(model)
    graph = model.subgraphs[0]
    depth = {int(graph.tensors[i].shape[-1]): int(i) for i in graph.outputs}
    flatbuffer.cut(model, [depth[64], depth[65], depth[1]])
    flatbuffer.rename(model, ["picture"], ["features", "corners", "reliable"])
    return model


def build(cache: Path) -> bytes:
    """The committed file's bytes."""
    model = quantize.calibrated(
        floating(cache),
        (_fed(view) for scene in pictures.scenes(cache, every=20) for view in pictures.views(scene)),
    )
    quantize.fix(model, {"picture": GREY_RANGE, "corners": CORNER_RANGE, "reliable": RELIABLE_RANGE})
    return quantize.quantized(model)


def _fed(picture: pictures.Picture) -> Array:
    """A picture as the device feeds it: see ``lapel.infer.prints``."""
    height, width = picture.shape[:2]
    scale = SIZE_PX / max(height, width)
    size = (round(width * scale), round(height * scale))
    grey = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA)
    even = np.zeros((1, SIZE_PX, SIZE_PX, 1), np.float32)
    even[0, : size[1], : size[0], 0] = (grey - grey.mean()) / max(float(grey.std()), 1.0)
    return even.clip(*GREY_RANGE)


class _Network:
    """XFeat as its source has it, batch normalisation folded into the weights. Potje et al., CVPR 2024."""

    def __init__(self, weights: dict[str, Array]) -> None:
        self._weights = weights

    def run(self, picture: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Descriptions, corners and how reliable they are, each of cells of 8 × 8 pixels."""
        skipped = self._plain(tf.nn.avg_pool2d(picture, 4, 4, "VALID"), "skip1.1")
        near = self._chain(picture, "block1", (1, 2, 1, 2)) + skipped
        third = self._chain(self._chain(near, "block2", (1, 1)), "block3", (2, 1, 1))
        fourth = self._chain(third, "block4", (2, 1, 1))
        fifth = self._chain(fourth, "block5", (2, 1, 1, 1))
        joined = third + _enlarged(fourth, third) + _enlarged(fifth, third)
        features = self._plain(self._chain(joined, "block_fusion", (1, 1)), "block_fusion.2")
        reliable = self._plain(self._chain(features, "heatmap_head", (1, 1)), "heatmap_head.2")
        cells = tf.nn.space_to_depth(picture, 8)
        corners = self._plain(self._chain(cells, "keypoint_head", (1, 1, 1)), "keypoint_head.3")
        return features, corners, reliable

    def _chain(self, values: tf.Tensor, block: str, strides: tuple[int, ...]) -> tf.Tensor:
        for index, stride in enumerate(strides):
            values = self._normalised(values, f"{block}.{index}.layer", stride)
        return values

    def _normalised(self, values: tf.Tensor, layer: str, stride: int) -> tf.Tensor:
        mean, variance = self._weights[f"{layer}.1.running_mean"], self._weights[f"{layer}.1.running_var"]
        gain = 1 / np.sqrt(variance + np.float32(1e-5))
        kernel = self._weights[f"{layer}.0.weight"] * gain[:, None, None, None]
        return tf.nn.relu(_convolved(values, kernel, -mean * gain, stride))

    def _plain(self, values: tf.Tensor, layer: str) -> tf.Tensor:
        return _convolved(values, self._weights[f"{layer}.weight"], self._weights[f"{layer}.bias"], 1)


def _convolved(values: tf.Tensor, kernel: Array, bias: Array, stride: int) -> tf.Tensor:
    pad = kernel.shape[2] // 2
    padded = tf.pad(values, [[0, 0], [pad, pad], [pad, pad], [0, 0]]) if pad else values
    return tf.nn.conv2d(padded, kernel.transpose(2, 3, 1, 0), stride, "VALID") + bias


def _enlarged(values: tf.Tensor, like: tf.Tensor) -> tf.Tensor:
    return tf.compat.v1.image.resize_bilinear(values, like.shape[1:3], half_pixel_centers=True)


def _weights(content: bytes) -> dict[str, Array]:
    """Arrays by name, of an archive that ``torch.save`` wrote; whatever else it asks for is refused."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = archive.namelist()[0].split("/")[0]
        loaded: dict[str, Array] = _Archive(archive, root).load()
    return loaded


class _Archive(pickle.Unpickler):
    def __init__(self, archive: zipfile.ZipFile, root: str) -> None:
        super().__init__(io.BytesIO(archive.read(f"{root}/data.pkl")))
        self._archive, self._root = archive, root

    def find_class(self, module: str, name: str) -> Any:
        """Only what a dictionary of tensors is made of. Raises: UnpicklingError."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _STORED:
            return _STORED[name]
        raise pickle.UnpicklingError(f"{module}.{name}: not a part of stored weights; was the source package changed?")

    def persistent_load(self, pid: Any) -> NDArray[Any]:
        """The numbers of one tensor."""
        _, dtype, key, _, _ = pid
        return np.frombuffer(self._archive.read(f"{self._root}/data/{key}"), dtype)


def _tensor(
    stored: NDArray[Any], start: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> NDArray[Any]:
    steps = [stride * stored.itemsize for stride in strides]
    return np.lib.stride_tricks.as_strided(stored[start:], shape, steps).copy()


_STORED = {"FloatStorage": np.float32, "LongStorage": np.int64}
