"""How a watchlist file of format 3 is laid out inside its seal, so that any entry and any reference is read alone.

Length of the head u32 | head, JSON | then, each from a multiple of 8 bytes on: a line ENTRY of each entry | codes,
JSON: the number of the entry of each, or a list of several | a line REFERENCE of each reference | descriptors
i8[rows, d] | aggregates i8[rows, e] | the entries, JSON | of each reference its points u16[n, 2] (65535 is the
picture's longer side), codes i8[n, w] and picture.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lapel.core.calibration import Calibration
from lapel.core.charter import Charter
from lapel.core.listed import Purposes, Terms
from lapel.core.things import Features
from lapel.store.gallery_index import NEWEST, decode_terms, encode_terms
from lapel.store.gallery_terms import (
    CALIBRATION,
    CHARTER,
    DECOYS,
    decode_calibration,
    decode_charter,
    decode_decoys,
    encode_calibration,
    encode_charter,
)

PURPOSE = "watchlist"
LENGTH = struct.Struct("<I")
ALIGNMENT = 8
_STEPS = 65535
ENTRY = np.dtype([("start", "<u8"), ("length", "<u4"), ("expires", "<i4"), ("pictured", "<u4"), ("unused", "<u4")])
"""Where an entry's JSON is among all of it, its last day (``date.toordinal``), and one more than the place of its first
reference, 0 where it has none."""
REFERENCE = np.dtype(
    [
        ("start", "<u8"),
        ("entry", "<u4"),
        ("picture", "<u4"),
        ("points", "<u4"),
        ("width", "<u4"),
        ("height", "<u4"),
        ("crops", "<u2"),
        ("aggregates", "<u2"),
        ("code", "<u2"),
        ("unused", "<u2", (3,)),
    ]
)
"""Where a reference's bytes are among all of them, the number of its entry, and how many there are of what."""
_SHARES_CODES = "shares_codes"
_COUNTS = ("entries", "code_bytes", "references", "rows", "width", "aggregates", "aggregate_width", "texts", "blobs")


class Content(Protocol):
    """What is inside the seal, read where it is asked for."""

    @property
    def length(self) -> int:
        """Bytes."""
        ...

    def read(self, start: int, count: int) -> bytes | bytearray:
        """``count`` bytes from ``start``. Raises: ValueError beyond the end; what opening the seal raises."""
        ...


@dataclass(frozen=True, slots=True)
class Head:
    """What a list says of itself. Numbers of lines: ``entries``, ``references``; of rows and their width: ``rows``,
    ``width``, ``aggregates``, ``aggregate_width``; of bytes: ``code_bytes``, ``texts``, ``blobs``. ``shares_codes``: a
    code leads to each entry on which it stands; in lists that an older Lapel wrote, to the last one."""

    terms: Terms
    model_sha256: str
    calibration: Calibration | None
    decoys: frozenset[str]
    purposes: Purposes
    entries: int
    code_bytes: int
    references: int
    rows: int
    width: int
    aggregates: int
    aggregate_width: int
    texts: int
    blobs: int
    charter: Charter | None = None
    shares_codes: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """Where each part begins, and where the last one ends."""

    entries: int
    codes: int
    references: int
    descriptors: int
    aggregates: int
    texts: int
    blobs: int
    end: int

    @classmethod
    def of(cls, head: Head, head_bytes: int) -> Places:
        """The places of the parts that follow a head of so many bytes."""
        parts = (
            LENGTH.size + head_bytes,
            head.entries * ENTRY.itemsize,
            head.code_bytes,
            head.references * REFERENCE.itemsize,
            head.rows * head.width,
            head.aggregates * head.aggregate_width,
            head.texts,
            head.blobs,
        )
        return cls(*accumulate(aligned(part) for part in parts))


def aligned(count: int) -> int:
    """The multiple of 8 at which the next part begins."""
    return -(-count // ALIGNMENT) * ALIGNMENT


def encode_points(features: Features) -> bytes:
    """Where feature points are, u16[n, 2]: 65535 is the picture's longer side."""
    steps = np.rint(features.points * (_STEPS / max(features.width, features.height, 1)))
    return bytes(np.clip(steps, 0, _STEPS).astype("<u2").tobytes())


def decode_points(data: memoryview, longest_px: int) -> NDArray[np.float32]:
    """Feature points f32[n, 2] in pixels of a picture whose longer side is so long; read-only."""
    steps = np.frombuffer(data, "<u2").astype(np.float32).reshape(-1, 2)
    points = np.asarray(steps * np.float32(longest_px / _STEPS), np.float32)
    points.setflags(write=False)
    return points


def encode_head(head: Head) -> bytes:
    """A head as JSON, UTF-8."""
    item: dict[str, object] = {
        "format": NEWEST,
        "terms": encode_terms(head.terms),
        "model_sha256": head.model_sha256,
        "purposes": head.purposes,
        **{name: getattr(head, name) for name in _COUNTS},
    }
    item |= {CALIBRATION: encode_calibration(head.calibration)} if head.calibration else {}
    item |= {DECOYS: sorted(head.decoys)} if head.decoys else {}
    item |= {CHARTER: encode_charter(head.charter)} if head.charter else {}
    item |= {_SHARES_CODES: True} if head.shares_codes else {}
    return json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode()


def decode_head(item: dict[str, Any]) -> Head:
    """The head in JSON's values. Raises: ValueError naming what is missing or no value."""
    for name in (*_COUNTS, "terms", "model_sha256", "purposes"):
        if name not in item:
            raise ValueError(f"its head has no {name}; enrol the list again")
    for name in _COUNTS:
        if type(item[name]) is not int or not 0 <= item[name] < 2**40:
            raise ValueError(f"its head's {name}: {item[name]!r} is no count")
    if not isinstance(item["model_sha256"], str):
        raise ValueError("its head's model_sha256 is no text")
    return Head(
        decode_terms(item["terms"]),
        item["model_sha256"],
        decode_calibration(item.get(CALIBRATION)),
        decode_decoys(item.get(DECOYS, [])),
        _purposes(item["purposes"]),
        charter=decode_charter(item.get(CHARTER)),
        shares_codes=item.get(_SHARES_CODES) is True,
        **{name: item[name] for name in _COUNTS},
    )


def _purposes(item: object) -> Purposes:
    if not isinstance(item, list) or any(not _is_purpose(line) for line in item):
        raise ValueError("its head's purposes are none; enrol the list again")
    return tuple((purpose, authority, count) for purpose, authority, count in item)


def _is_purpose(line: object) -> bool:
    return isinstance(line, list) and [type(value) for value in line] == [str, str, int]
