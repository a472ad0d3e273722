"""What each network answers to a drawn picture: whether this runtime computes on this board what it did elsewhere.

The picture is arithmetic, so that there is no file of it to be wrong. Of each output the manifest has the means of
``PARTS`` equal parts, taken on x86-64 with XNNPACK: means, since kernels round int8 differently, each value by a step
or two, but seldom all values of a part the same way.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lapel.errors import ConfigError, HardwareError
from lapel.infer.tflite import Model, Tensor, TensorSpec

PARTS = 32
FURTHEST = 0.25
"""How far figures may lie from the manifest's, as a part of how far those lie from their own mean.

Plain and reference kernels of LiteRT, and XNNPACK of tflite-runtime 2.14, lie .167 off at most (face's score; floats
0). Networks that get the picture mirrored, or with red and blue swapped, lie .345 off and more in one of their outputs;
those that see nothing 1.5 and more. On arm64 it was not measured."""

_UNITS = 256  # the picture is drawn on a square of so many, whatever its size


def figures(model: Model) -> tuple[NDArray[np.float64], ...]:
    """What a network answers to the drawn picture: for each output the means of its parts, f64[PARTS]."""
    answers = zip(model.outputs, model.invoke(_fed(model.input)), strict=True)
    return tuple(_means(spec.real(answer)) for spec, answer in answers)


def check_golden(model: Model, golden: tuple[tuple[float, ...], ...]) -> float:
    """How far the figures of a network are from those in the manifest at most. Raises: HardwareError above
    ``FURTHEST``, and where an output is no number; ConfigError where the manifest has none."""
    if len(golden) != len(model.outputs):
        raise ConfigError(
            f"the manifest has {len(golden)} golden answers for {len(model.outputs)} outputs; restore the committed one"
        )
    furthest = 0.0
    for spec, found, expected in zip(model.outputs, figures(model), golden, strict=True):
        distance = _distance(found, np.array(expected))
        if not distance <= FURTHEST:
            raise HardwareError(
                f"{spec.name}: lies {distance:.2f} from what it answers elsewhere to the same picture (at most "
                f"{FURTHEST} is rounding); use the other runtime in the profile, or another board"
            )
        furthest = max(furthest, distance)
    return furthest


def _means(real: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.array([part.mean(dtype=np.float64) for part in np.array_split(real.ravel(), PARTS)])


def _distance(found: NDArray[np.float64], expected: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected - expected.mean()))


def _fed(spec: TensorSpec) -> Tensor:
    """The picture as every network is fed: pixel - 128 where its input is int8, -1 to 1 where it is a float."""
    _, height, width, channels = spec.shape
    picture = _drawn(height, width)[..., :channels] - 128
    return (picture / 128.0 if spec.scale == 0 else picture).astype(spec.dtype)[np.newaxis]


def _drawn(height: int, width: int) -> NDArray[np.int64]:
    """A chequered slope, a disc, and strokes as of writing; i64[h, w, 3] of 0 to 255."""
    y, x = np.mgrid[0:height, 0:width]
    v, u = y * _UNITS // height, x * _UNITS // width
    disc = (u - 170) ** 2 + (v - 90) ** 2 < 60**2
    red = (u + (u // 32 + v // 32) % 2 * 64) % _UNITS
    green = np.where(disc, 230, v // 2 + 40)
    blue = np.where(disc, 40, u * v // _UNITS)
    picture = np.stack([red, green, blue], axis=-1)
    ink = (u * 7 // 5 % 9 < 2) | ((u // 9 * 5 + v // 8) % 5 == 0) & ((v - 160) % 19 < 5)
    writing = (v >= 160) & (v < 200)
    picture[writing] = 245
    picture[writing & ink] = 15
    return picture
