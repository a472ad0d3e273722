"""Pictures and films with a format of their own, wherever in some bytes they begin."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.hunt.wrappings import places

Grey = NDArray[np.uint8]

_SIGNS = {
    "JPEG": b"\xff\xd8\xff",
    "PNG": b"\x89PNG\r\n\x1a\n",
    "GIF": b"GIF8",
    "TIFF": b"II*\x00",
    "TIFF big-endian": b"MM\x00*",
    "JPEG 2000": b"\x00\x00\x00\x0cjP  ",
    "Radiance": b"#?RADIANCE",
    "PFM": b"PF\n",
}
_WEBP = re.compile(rb"RIFF....WEBP", re.DOTALL)
_BMP = re.compile(rb"BM.{4}\x00\x00\x00\x00.{4}[\x28\x6c\x7c]\x00\x00\x00", re.DOTALL)
_NETPBM = re.compile(rb"P[2356]\s(?:#[^\n]*\n)?\d{1,5}\s\d{1,5}\s\d{1,5}\s")
_STREAM = b"\x00\x00\x00\x01"
_FILM = re.compile(rb"....ftyp|RIFF....AVI |\x1a\x45\xdf\xa3|" + _STREAM + rb"[\x67\x27\x47]", re.DOTALL)
_MOST_BYTES, _MOST_PIXELS, _MOST_FRAMES = 8 * 1024 * 1024, 32_000_000, 3000
_HEADERS_BYTES = 512
_JPEG_END = b"\xff\xd9"
_NPY = b"\x93NUMPY"
_FLAGS = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION


def pictures(data: bytes) -> Iterator[tuple[str, Grey]]:
    """Still pictures: what each is and where it begins, and its grey pixels u8[h, w]."""
    for name, at in _starts(data):
        # A JPEG without its end is one that was cut off while it was written, and shows most of its picture.
        picture = _decoded(np.frombuffer(data[at : at + _MOST_BYTES] + _JPEG_END, np.uint8))
        if picture is not None and picture.size <= _MOST_PIXELS:
            yield f"{name} at {at}", picture
    for at in places(data, _NPY):
        yield from ((f"array at {at}", grey) for grey in _of_array(data[at:]))


def films(data: bytes) -> Iterator[tuple[str, Grey]]:
    """Every frame of every film; of a bare stream, which has a sign at every key frame, all at once. A film made of
    JPEGs is none here: ``pictures`` sees those."""
    for match in _FILM.finditer(data):
        if b"MJPG" in data[match.start() : match.start() + _HEADERS_BYTES]:
            continue
        frames = _frames(memoryview(data)[match.start() :])
        yield from ((f"film at {match.start()}, frame {number}", grey) for number, grey in enumerate(frames))
        if frames and match.group().startswith(_STREAM):
            return


def _starts(data: bytes) -> Iterator[tuple[str, int]]:
    for name, sign in _SIGNS.items():
        yield from ((name, at) for at in places(data, sign))
    for name, pattern in (("WebP", _WEBP), ("BMP", _BMP), ("Netpbm", _NETPBM)):
        yield from ((name, match.start()) for match in pattern.finditer(data))


def _decoded(data: Grey) -> Grey | None:
    try:
        with _without_complaints():
            picture = cv2.imdecode(data, _FLAGS)
    except cv2.error:
        return None
    return None if picture is None else np.asarray(picture, np.uint8)


def _of_array(data: bytes) -> Iterator[Grey]:
    try:
        array = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, OSError, EOFError):
        return
    if array.ndim < 2 or array.size > _MOST_PIXELS * 3 or array.dtype.kind not in "buif":
        return
    values = array.astype(np.float32)
    values -= float(np.nanmin(values))
    values *= 255 / max(float(np.nanmax(values)), 1e-6)
    planes = np.nan_to_num(values).astype(np.uint8)
    if planes.ndim > 2 and planes.shape[-1] <= 4:
        planes = np.moveaxis(planes, -1, 0)
    yield from planes.reshape(-1, *planes.shape[-2:])


def _frames(data: memoryview) -> list[Grey]:
    # In memory: what is searched was sealed, and a file of it would be a leak of its own.
    with os.fdopen(os.memfd_create("film"), "wb") as file, _without_complaints():
        file.write(data)
        file.flush()
        capture = cv2.VideoCapture(f"/proc/self/fd/{file.fileno()}", cv2.CAP_FFMPEG)
        frames: list[Grey] = []
        while len(frames) < _MOST_FRAMES:
            is_there, frame = capture.read()
            if not is_there:
                break
            frames.append(np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8))
        capture.release()
        return frames


@contextmanager
def _without_complaints() -> Iterator[None]:
    """Decoders print what they think of bytes that are no picture; there are many such, and nobody asked."""
    before = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
