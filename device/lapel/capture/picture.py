"""A picture file's raw pixels, refused when it is not one or of an absurd size."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from lapel.capture.opencv import rgb_of
from lapel.capture.picture_size import read_header
from lapel.capture.raw import RawFrame
from lapel.errors import MediaError

LARGEST_PICTURE_PX = 100_000_000
LARGEST_FILE_BYTES = 256 * 2**20
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})


def read_picture(path: Path, number: int = 0, at_s: float = 0.0) -> RawFrame:
    """A picture, upright as its EXIF orientation says. The size is checked before decoding. Raises: MediaError."""
    data = _bytes_of(path)
    header = read_header(data)
    if header is None:
        raise MediaError(f"{path}: not a picture; give a JPEG, PNG, WebP or BMP file")
    size = f"{header.width_px}×{header.height_px} px"
    if header.width_px * header.height_px == 0:
        raise MediaError(f"{path}: {size} is no picture; save it again")
    if header.width_px * header.height_px >= LARGEST_PICTURE_PX:
        raise MediaError(f"{path}: {size} is 100 megapixels or more; scale it down")
    if not header.is_complete:
        raise MediaError(f"{path}: truncated: its end is missing; copy it again")
    try:
        bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise MediaError(f"{path}: damaged: cannot be decoded; save it again") from error
    if bgr is None:
        raise MediaError(f"{path}: damaged: cannot be decoded; save it again")
    pixels = rgb_of(np.asarray(bgr, np.uint8))
    bgr.fill(0)
    return RawFrame(pixels, number, at_s)


def _bytes_of(path: Path) -> bytes:
    if not path.exists():
        raise MediaError(f"{path}: no such file; check the path")
    if not path.is_file():
        raise MediaError(f"{path}: not a file; name a picture")
    try:
        length = path.stat().st_size
        if length == 0:
            raise MediaError(f"{path}: the file is empty (0 bytes); copy it again")
        if length > LARGEST_FILE_BYTES:
            raise MediaError(f"{path}: {length // 2**20} MiB is more than {LARGEST_FILE_BYTES // 2**20}; scale it down")
        return path.read_bytes()
    except OSError as error:
        if isinstance(error, MediaError):
            raise
        raise MediaError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
