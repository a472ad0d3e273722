"""What bytes may be wrapped in: compressed, written as text, or in a container of arrays."""

from __future__ import annotations

import base64
import binascii
import bz2
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator

MOST_UNPACKED_BYTES = 64 * 1024 * 1024
_SHORTEST_TEXT = 256
"""Characters: no picture with a mark in it is smaller."""

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{60,}(?:(?:\\n|\r?\n)[ \t]*[A-Za-z0-9+/_-]+)*={0,2}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}[ :,]?){%d,}" % (_SHORTEST_TEXT // 2))
_ESCAPED = re.compile(rb"(?:\\x[0-9a-fA-F]{2}|\\[nrt'\"\\abfv0]|[ -\[\]-~]){%d,}" % _SHORTEST_TEXT)
_NUMBERS = re.compile(rb"\d{1,3}(?:[\s,;()\[\]]+\d{1,3}){%d,}" % _SHORTEST_TEXT)
_NOT_BASE64 = re.compile(rb"\\n|[^A-Za-z0-9+/]")
_ONE_ESCAPE = re.compile(rb"\\x[0-9a-fA-F]{2}")


def unwrapped(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Everything that is packed or written out in ``data``: what it was, where, and the bytes in it."""
    yield from _packed(data)
    yield from _spelt(data)


def _packed(data: bytes) -> Iterator[tuple[str, bytes]]:
    view = memoryview(data)
    openers: tuple[tuple[str, bytes, Callable[[memoryview], bytes]], ...] = (
        ("gzip", b"\x1f\x8b\x08", lambda d: zlib.decompressobj(31).decompress(d, MOST_UNPACKED_BYTES)),
        ("zlib", b"\x78\x01", _inflated),
        ("zlib", b"\x78\x9c", _inflated),
        ("zlib", b"\x78\xda", _inflated),
        ("bzip2", b"BZh", lambda d: bz2.BZ2Decompressor().decompress(d, MOST_UNPACKED_BYTES)),
        ("xz", b"\xfd7zXZ\x00", lambda d: lzma.LZMADecompressor().decompress(d, MOST_UNPACKED_BYTES)),
    )
    for name, sign, opened in openers:
        for at in places(data, sign):
            try:
                content = opened(view[at:])
            except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError):
                continue
            if len(content) >= _SHORTEST_TEXT:
                yield f"{name} at {at}", content
    if (at := data.find(b"PK\x03\x04")) >= 0:
        yield from _zipped(data[at:])


def _inflated(data: memoryview) -> bytes:
    return zlib.decompressobj().decompress(data, MOST_UNPACKED_BYTES)


def _zipped(data: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                if entry.file_size <= MOST_UNPACKED_BYTES:
                    yield f"zip {entry.filename}", archive.read(entry)
    except (zipfile.BadZipFile, OSError, ValueError, zlib.error, NotImplementedError, RuntimeError):
        return


def _spelt(data: bytes) -> Iterator[tuple[str, bytes]]:
    for match in _HEX.finditer(data):
        digits = re.sub(rb"[^0-9a-fA-F]", b"", match.group())
        yield f"hex at {match.start()}", binascii.unhexlify(digits[: len(digits) // 2 * 2])
    for match in _BASE64.finditer(data):
        text = _NOT_BASE64.sub(b"", match.group().translate(bytes.maketrans(b"-_", b"+/")))
        if len(text) >= _SHORTEST_TEXT:
            whole = text[:-1] if len(text) % 4 == 1 else text
            yield f"base64 at {match.start()}", base64.b64decode(whole + b"=" * (-len(whole) % 4))
    for match in _NUMBERS.finditer(data):
        values = [int(number) for number in re.findall(rb"\d+", match.group())]
        yield f"numbers at {match.start()}", bytes(value for value in values if value < 256)
    for match in _ESCAPED.finditer(data):
        if len(_ONE_ESCAPE.findall(match.group())) > _SHORTEST_TEXT // 8:
            yield f"escapes at {match.start()}", match.group().decode("unicode_escape").encode("latin-1", "replace")


def places(data: bytes, sign: bytes) -> Iterator[int]:
    """Where a sign occurs."""
    at = data.find(sign)
    while at >= 0:
        yield at
        at = data.find(sign, at + 1)
