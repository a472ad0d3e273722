"""A bucket of a list as bytes: always the same for the same entries, whatever version of the list they stand in.

Length of the index u32 | index, JSON | arrays and pictures as in a watchlist file.
"""

from __future__ import annotations

import json
import struct

from lapel.core.buckets import Bucket
from lapel.store.gallery_blobs import blobs_of, padded, placements_of, references_in, widths_of
from lapel.store.gallery_index import decode_entry, decode_placement, encode_entry, encode_placement

_LENGTH = struct.Struct("<I")
_KEYS = frozenset({"entries", "references", "widths"})


def encode_bucket(bucket: Bucket) -> bytes:
    """The bytes of a bucket."""
    entries, references = bucket
    index = json.dumps(
        {
            "entries": [encode_entry(entry) for entry in entries],
            "references": [encode_placement(placed) for placed in placements_of(references)],
            "widths": widths_of(references),
        },
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    ).encode()
    return b"".join(padded([_LENGTH.pack(len(index)) + index, *blobs_of(references)]))


def decode_bucket(data: bytes) -> Bucket:
    """The bucket in bytes. Raises: ValueError for bytes that are none."""
    if len(data) < _LENGTH.size:
        raise ValueError("a bucket of the list is cut off")
    (length,) = _LENGTH.unpack_from(data)
    try:
        index = json.loads(data[_LENGTH.size : _LENGTH.size + length])
    except RecursionError as error:
        raise ValueError("a bucket of the list is nested beyond measure") from error
    if not isinstance(index, dict) or index.keys() != _KEYS or not all(isinstance(v, list) for v in index.values()):
        raise ValueError("a bucket of the list has no index")
    entries = tuple(decode_entry(item, number) for number, item in enumerate(index["entries"]))
    placements = tuple(decode_placement(item) for item in index["references"])
    widths = index["widths"]
    if len(widths) != 2 or not all(type(width) is int and 0 <= width <= 4096 for width in widths):
        raise ValueError(f"a bucket of the list has descriptors of widths {widths!r:.80}")
    references = references_in(bytearray(data), _LENGTH.size + length, placements, widths[0], widths[1])
    return entries, references
