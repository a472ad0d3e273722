"""A search finds a marked face in whatever a program may write, and finds none where there is none."""

import base64
import bz2
import gzip
import html
import io
import json
import lzma
import pickle
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from footage import noise, street_clip
from lapel.core.things import Pixels
from lapel.hunt.face import drawn
from lapel.hunt.scene import scenes
from lapel.hunt.search import Search
from lapel.infer.manifest import models_folder

Writes = Callable[[Pixels], bytes]


def marked() -> Pixels:
    return next(scenes(1))


def encoded(suffix: str, quality: int = 85) -> Writes:
    options = [cv2.IMWRITE_JPEG_QUALITY, quality] if suffix == ".jpg" else []
    return lambda pixels: bytes(cv2.imencode(suffix, pixels[..., ::-1], options)[1])


jpeg = encoded(".jpg")


def face_alone(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(pixels[110:, 230:370])


def array_file(pixels: Pixels) -> bytes:
    file = io.BytesIO()
    np.save(file, pixels)
    return file.getvalue()


def array_archive(pixels: Pixels) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, crop=pixels)
    return file.getvalue()


def converted(code: int) -> Writes:
    return lambda pixels: cv2.cvtColor(pixels, code).tobytes()


def printed(pixels: Pixels) -> bytes:
    with np.printoptions(threshold=sys.maxsize):
        return repr(face_alone(pixels)).encode()


def smaller(pixels: Pixels, scale: float) -> Pixels:
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


WAYS: dict[str, Writes] = {
    **{f"file {suffix}": encoded(suffix) for suffix in (".jpg", ".png", ".bmp", ".webp", ".ppm", ".tiff")},
    "JPEG of quality 60": encoded(".jpg", 60),
    "JPEG cut off while it was written": lambda pixels: jpeg(pixels)[:-1500],
    "JPEG inside other bytes": lambda pixels: noise(40, 40).tobytes() + jpeg(pixels) + noise(40, 40, 1).tobytes(),
    "base64 in a line of a log": lambda p: b'{"event":"seen","crop":"' + base64.b64encode(jpeg(p)) + b'"}\n',
    "base64 in many lines": lambda pixels: base64.encodebytes(jpeg(pixels)),
    "base64 of compressed pixels": lambda p: base64.urlsafe_b64encode(zlib.compress(face_alone(p).tobytes())),
    "hexadecimal": lambda pixels: b"facts: " + jpeg(pixels).hex().encode(),
    "bytes as Python prints them": lambda pixels: f"ValueError: {jpeg(pixels)!r}".encode(),
    "an array as numpy prints it": printed,
    "lists of numbers": lambda pixels: json.dumps(face_alone(pixels).tolist()).encode(),
    "a data URI in a comment": lambda p: f"<!-- data:image/jpeg;base64,{html.escape(_text(p))} -->".encode(),
    "numpy file": array_file,
    "compressed numpy archive": array_archive,
    "pickle": lambda pixels: pickle.dumps({"frame": pixels}),
    "gzip": lambda pixels: gzip.compress(array_file(pixels)),
    "bzip2": lambda pixels: bz2.compress(jpeg(pixels)),
    "xz": lambda pixels: lzma.compress(jpeg(pixels)),
    "bare RGB": lambda pixels: pixels.tobytes(),
    "bare BGR, somewhere": lambda pixels: bytes(1234) + pixels[..., ::-1].tobytes() + bytes(999),
    "bare RGBA": converted(cv2.COLOR_RGB2RGBA),
    "bare grey": converted(cv2.COLOR_RGB2GRAY),
    "bare YUV 4:2:0": converted(cv2.COLOR_RGB2YUV_I420),
    "bare YUV 4:2:2": converted(cv2.COLOR_RGB2YUV_YUY2),
    "planes one after the other": lambda pixels: np.ascontiguousarray(pixels.transpose(2, 0, 1)).tobytes(),
    "bare floating point numbers": lambda pixels: (pixels / 255).astype(np.float32).tobytes(),
    "what a network takes": lambda p: (cv2.resize(p, (192, 192)).astype(np.int16) - 128).astype(np.int8).tobytes(),
    "a grey copy of a quarter's size": lambda p: smaller(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), 0.25).tobytes(),
    "mirrored": lambda pixels: jpeg(pixels[:, ::-1]),
}


def _text(pixels: Pixels) -> str:
    return base64.b64encode(jpeg(pixels)).decode()


@pytest.mark.parametrize("write", WAYS.values(), ids=WAYS)
def test_a_face_is_found_however_it_was_written(write: Writes) -> None:
    assert next(Search().content("it", write(marked())), None) is not None


@pytest.mark.parametrize("suffix", [".mp4", ".avi", ".mkv"])
def test_a_face_is_found_in_a_film(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    film = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*("MJPG" if suffix == ".avi" else "mp4v")), 25, (400, 224))
    for frame in scenes(3):
        film.write(np.ascontiguousarray(frame[..., ::-1]))
    film.release()
    leak = next(Search().folder(tmp_path))
    assert leak.where.startswith(f"film{suffix} › ")


def test_a_face_of_a_large_picture_is_found_in_its_bare_pixels() -> None:
    wall = np.asarray(cv2.resize(noise(16, 9), (1280, 720), interpolation=cv2.INTER_CUBIC), np.uint8)
    assert next(Search().content("it", drawn(120).on(wall, 500, 300).tobytes()), None) is not None


def test_where_a_leak_is_said_to_be_leads_to_it() -> None:
    packed = gzip.compress(b"crop: " + base64.b64encode(jpeg(marked())))
    leak = next(Search().content("lapel.log.1.gz", packed))
    assert leak.where == "lapel.log.1.gz › gzip at 0 › base64 at 6 › JPEG at 0"


CLEAN: dict[str, Callable[[], bytes]] = {
    "ciphertext": lambda: noise(400, 400).tobytes(),
    "a model": lambda: (models_folder() / "face.tflite").read_bytes(),
    "a program": lambda: Path(sys.executable).read_bytes()[:500_000],
    "prose": lambda: Path(__file__).read_bytes() * 20,
    "a scene whose faces were destroyed": lambda: _destroyed().tobytes(),
    "a film of the street": lambda: street_clip().read_bytes()[:200_000],
}


def _destroyed() -> Pixels:
    frame = marked()
    frame[80:, 60:] = 127
    return frame


@pytest.mark.parametrize("read", CLEAN.values(), ids=CLEAN)
def test_nothing_is_found_where_no_face_is(read: Callable[[], bytes]) -> None:
    assert list(Search().content("it", read())) == []


def test_a_search_says_how_much_it_looked_at(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(_destroyed()))
    (tmp_path / "same.jpg").write_bytes(jpeg(_destroyed()))
    search = Search()
    assert list(search.folder(tmp_path)) == []
    assert (search.files, search.pictures) == (2, 1)
    assert search.octets == 2 * (tmp_path / "a.jpg").stat().st_size
