"""Stills as a Motion JPEG film in an AVI file: every player opens it, and no encoder is needed.

The JPEGs go in as they are. AVI knows one rate alone, here the average of the stills; their own times stand in the
clip's head. Source: Microsoft, AVI RIFF file reference (AVIMAINHEADER, AVISTREAMHEADER, BITMAPINFOHEADER, idx1).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

from lapel.core.clips import Still

_MICROSECONDS = 1_000_000
_HAS_INDEX = 0x10
_KEY_FRAME = 0x10
_CHUNK = b"00dc"
_ANY_QUALITY = 0xFFFFFFFF


def mjpeg_avi(stills: Sequence[Still]) -> bytes:
    """The film of at least one still, all of one size."""
    pictures = _list(b"movi", (_chunk(_CHUNK, still.jpeg) for still in stills))
    body = b"".join((_list(b"hdrl", _headers(stills)), pictures, _chunk(b"idx1", _index(stills))))
    return _chunk(b"RIFF", b"AVI " + body)


def _headers(stills: Sequence[Still]) -> Iterable[bytes]:
    first, largest = stills[0], max(len(still.jpeg) for still in stills)
    spent_s = stills[-1].at_s - first.at_s
    each_us = max(1, round(spent_s * _MICROSECONDS / max(1, len(stills) - 1))) if spent_s > 0 else _MICROSECONDS
    size = (first.width_px, first.height_px)
    rate = largest * _MICROSECONDS // each_us
    yield _chunk(
        b"avih", struct.pack("<14I", each_us, rate, 0, _HAS_INDEX, len(stills), 0, 1, largest, *size, *[0] * 4)
    )
    times = (0, each_us, _MICROSECONDS, 0, len(stills), largest, _ANY_QUALITY, 0)
    stream = struct.pack("<4s4sIHH8I4H", b"vids", b"MJPG", 0, 0, 0, *times, 0, 0, *size)
    picture = struct.pack("<IiiHH4sIiiII", 40, *size, 1, 24, b"MJPG", size[0] * size[1] * 3, 0, 0, 0, 0)
    yield _list(b"strl", (_chunk(b"strh", stream), _chunk(b"strf", picture)))


def _index(stills: Iterable[Still]) -> bytes:
    entries, at = [], 4  # offsets count from the list's type
    for still in stills:
        entries.append(struct.pack("<4sIII", _CHUNK, _KEY_FRAME, at, len(still.jpeg)))
        at += 8 + len(still.jpeg) + len(still.jpeg) % 2
    return b"".join(entries)


def _list(kind: bytes, parts: Iterable[bytes]) -> bytes:
    return _chunk(b"LIST", kind + b"".join(parts))


def _chunk(name: bytes, data: bytes) -> bytes:
    return b"".join((name, struct.pack("<I", len(data)), data, b"\0" * (len(data) % 2)))
