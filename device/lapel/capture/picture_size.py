"""The size of a picture from its first bytes, so that an absurd one is refused before anything is decoded.

Sources: ITU-T T.81 B.2.2 (JPEG), W3C PNG 11.2.2, RFC 9649 2.4-2.7 (WebP), MS-WMF 2.2.2.3 (BMP).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

# Start-of-frame markers: C0..CF without DHT (C4), JPG (C8) and DAC (CC).
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_WITHOUT_LENGTH = frozenset(range(0xD0, 0xD9)) | {0x01}
_JPEG_SCAN = 0xDA


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture file says of itself, before any rotation; ``is_complete`` when its end is there."""

    width_px: int
    height_px: int
    is_complete: bool


def read_header(data: bytes) -> Header | None:
    """The header of a JPEG, PNG, WebP or BMP file's bytes; None for anything else, or when it is cut short."""
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg(data)
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            width, height = struct.unpack_from(">II", data, 16)
            return Header(width, height, b"IEND" in data[16:])
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _webp(data)
        if data.startswith(b"BM"):
            width, height = struct.unpack_from("<ii", data, 18)
            return Header(abs(width), abs(height), len(data) >= struct.unpack_from("<I", data, 2)[0])
    except struct.error:
        return None
    return None


def _jpeg(data: bytes) -> Header | None:
    size: tuple[int, int] | None = None
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF or marker in _JPEG_WITHOUT_LENGTH:
            at += 1 if marker == 0xFF else 2
            continue
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            size = width, height
        if marker == _JPEG_SCAN and size is not None:
            return Header(*size, is_complete=data.find(b"\xff\xd9", at) >= 0)
        at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])
    return Header(*size, is_complete=False) if size is not None else None


def _webp(data: bytes) -> Header | None:
    is_complete = len(data) >= 8 + struct.unpack_from("<I", data, 4)[0]
    chunk = data[12:16]
    if chunk == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return Header(width, height, is_complete)
    if chunk == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return Header((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, is_complete)
    if chunk == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Header(width & 0x3FFF, height & 0x3FFF, is_complete)
    return None
