"""A film for the hunt: drawn faces that move before and beside a thing and a barcode, both of which can be listed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import cos, pi, sin
from pathlib import Path

import cv2
import numpy as np
import zxingcpp

from lapel.core.things import Pixels
from lapel.errors import MediaError
from lapel.hunt.face import drawn

CODE = "9506000134352"
"""A GTIN of GS1's own examples. An alert of a code shows the whole frame."""
WIDTH_PX, HEIGHT_PX, FPS = 400, 224, 25.0
_THING_PX, _THING_AT, _CODE_AT = (184, 138), (4, 12), (236, 6)
_PERIOD, _SHOWN = 150, 100
_QUALITY = 92


@lru_cache(maxsize=1)
def thing() -> Pixels:
    """The picture of the thing: squares of many colours."""
    squares = np.random.default_rng(3).integers(0, 255, (15, 20, 3), np.uint8)
    return np.asarray(cv2.resize(squares, (320, 240), interpolation=cv2.INTER_NEAREST), np.uint8)


def scenes(count: int, seed: int = 0) -> Iterator[Pixels]:
    """``count`` frames RGB u8[h, w, 3]: one face before a corner of the thing, one beside it, both always in view.
    Thing and barcode go for two seconds after every four, so that each time they come is an alert."""
    wall, still = _wall(seed), _without_faces(seed)
    phase = float(np.random.default_rng(seed).uniform(0, 2 * pi))
    for number in range(count):
        turn = number / 60 * 2 * pi / 3 + phase
        near, far = 72 + round(6 * sin(turn / 2)), 88 + round(10 * sin(turn / 3))
        shown = still if number % _PERIOD < _SHOWN else wall
        frame = drawn(near).on(shown, 96 + round(12 * cos(turn)), 84 + round(6 * sin(2 * turn)))
        yield drawn(far, is_mirrored=number // 400 % 2 == 1).on(frame, 246 + round(14 * sin(turn)), 104)


def write_film(path: Path, count: int, seed: int = 0) -> Path:
    """The scenes as Motion JPEG (.avi). Raises: MediaError."""
    film = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (WIDTH_PX, HEIGHT_PX))
    if not film.isOpened():
        raise MediaError(f"{path}: a film cannot be written; check the folder")
    film.set(cv2.VIDEOWRITER_PROP_QUALITY, _QUALITY)
    for frame in scenes(count, seed):
        film.write(np.ascontiguousarray(frame[..., ::-1]))
    film.release()
    return path


def _wall(seed: int) -> Pixels:
    rough = np.random.default_rng(seed).integers(70, 150, (7, 12, 3), np.uint8)
    return np.asarray(cv2.resize(rough, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_CUBIC), np.uint8)


def _without_faces(seed: int) -> Pixels:
    frame = _wall(seed)
    bars = np.asarray(zxingcpp.create_barcode(CODE, zxingcpp.BarcodeFormat.EAN13).to_image(scale=1), np.uint8)
    for picture, (x, y) in ((cv2.resize(thing(), _THING_PX), _THING_AT), (bars[..., None], _CODE_AT)):
        frame[y : y + len(picture), x : x + picture.shape[1]] = picture
    return frame
