"""The file of a pack: a zip that any laptop opens, of which there is one way only to write given files. Pure.

Stored, never compressed, without times, owners or comments (APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16). It
is read by writing what was found anew and comparing: so no byte of it is outside of what is checked.
"""

from __future__ import annotations

import struct
from zlib import crc32

MOST_BYTES = 1 << 30
_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_HEAD = struct.Struct("<4sHHHHHIIIHH")
_ENTRY = struct.Struct("<4sHHHHHHIIIHHHHHII")
_TAIL = struct.Struct("<4sHHHHIIH")
_VERSION, _NO_TIME, _FIRST_DAY = 20, 0, 0x21  # 1980-01-01
_MOST_FILES = 64

Files = dict[str, bytes]


def packed(files: Files) -> bytes:
    """The bytes of a pack with these files, in their order. Raises: ValueError for more than a pack holds."""
    if len(files) > _MOST_FILES or sum(map(len, files.values())) > MOST_BYTES:
        raise ValueError(f"a pack holds at most {_MOST_FILES} files and {MOST_BYTES >> 20} MiB")
    heads, directory, at = [], [], 0
    for name, content in files.items():
        coded = name.encode("ascii")
        said = (_VERSION, 0, 0, _NO_TIME, _FIRST_DAY, crc32(content), len(content), len(content), len(coded), 0)
        heads += [_HEAD.pack(_LOCAL, *said), coded, content]
        directory += [_ENTRY.pack(_CENTRAL, _VERSION, *said, 0, 0, 0, 0, at), coded]
        at += _HEAD.size + len(coded) + len(content)
    listed = b"".join(directory)
    tail = _TAIL.pack(_END, 0, 0, len(files), len(files), len(listed), at, 0)
    return b"".join(heads) + listed + tail


def unpacked(data: bytes) -> Files:
    """The files of a pack. Raises: ValueError unless ``packed`` would write exactly these bytes."""
    files: Files = {}
    at = 0
    try:
        while data[at : at + 4] == _LOCAL and len(files) <= _MOST_FILES:
            *_, length, name_length, _ = _HEAD.unpack_from(data, at)
            name_at = at + _HEAD.size
            at = name_at + name_length + length
            files[data[name_at : name_at + name_length].decode("ascii")] = data[name_at + name_length : at]
        if packed(files) == data:
            return files
    except (struct.error, UnicodeError) as error:
        raise ValueError(f"not a pack: {error}") from error
    raise ValueError("not a pack: something was changed, added or cut off")
