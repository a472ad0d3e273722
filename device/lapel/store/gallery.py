"""A watchlist file: a Gallery, sealed.

Inside the seal: length of the index u32 | index, JSON | descriptors i8[rows, d] | aggregates i8[rows, e] | for each
reference its feature points u16[n, 2] (65535 is the picture's longer side), feature descriptors i8[n, w] and picture.
Each part begins at a multiple of 8 bytes. All but the points are views of the one buffer that the file was decrypted
into: 10,000 references are never copied.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lapel.core.gallery import Gallery
from lapel.core.listing import flaws
from lapel.core.things import Features, Reference
from lapel.errors import EnrolmentRefused, ForeignModel, Refused, Tampered
from lapel.ports import KeyProvider
from lapel.store.gallery_index import Index, Placement, decode_index, encode_index
from lapel.store.sealed import read_sealed, write_sealed

PURPOSE = "watchlist"
_LENGTH = struct.Struct("<I")
_ALIGNMENT = 8
_STEPS = 65535


def write_gallery(path: Path, gallery: Gallery, keys: KeyProvider) -> None:
    """Seal a gallery in the place of ``path``; the old file stands until the new one is whole.

    Raises: EnrolmentRefused for what may not be a watchlist (core.listing), StoreFull, StoreError.
    """
    wrong = flaws(gallery)
    if wrong:
        raise EnrolmentRefused(f"{path}: {_first(wrong)}")
    placements = tuple(_placement(reference) for reference in gallery.references)
    width, aggregate_width = _widths(gallery.references)
    index = encode_index(
        Index(
            gallery.terms,
            gallery.model_sha256,
            width,
            aggregate_width,
            gallery.entries,
            placements,
            gallery.calibration,
            gallery.decoys,
        )
    )
    head = _LENGTH.pack(len(index)) + index
    blobs = [
        head,
        b"".join(reference.descriptors.tobytes() for reference in gallery.references),
        b"".join(reference.aggregates.tobytes() for reference in gallery.references),
    ]
    for reference in gallery.references:
        blobs += [_placed(reference.features), reference.features.descriptors.tobytes(), reference.picture]
    write_sealed(path, [part for blob in blobs for part in (blob, _padding(len(blob)))], keys, PURPOSE)


def read_gallery(path: Path, keys: KeyProvider, model_sha256: str | None = None) -> Gallery:
    """The watchlist in a file, refused unless all of it may be used; expired entries stand in it, and cannot match.

    ``model_sha256`` names the models that are loaded: references made by others are refused. Raises:
    UsageError (no such file), StoreError, WrongKey, Tampered, ForeignModel, Refused (each flaw with its entry).
    """
    content = read_sealed(path, keys, PURPOSE)
    try:
        (length,) = _LENGTH.unpack_from(content)
        index = decode_index(bytes(memoryview(content)[_LENGTH.size : _LENGTH.size + length]))
    except struct.error as error:
        raise Tampered(f"{path}: holds no index; copy it again from where it was made") from error
    except ValueError as error:
        raise Refused(f"{path}: {error}") from error
    try:
        references = _references(_Cursor(content, _LENGTH.size + length), index)
    except ValueError as error:
        raise Tampered(f"{path}: its index does not fit its content: {error}; enrol the list again") from error
    gallery = Gallery(index.terms, index.model_sha256, index.entries, references, index.calibration, index.decoys)
    wrong = flaws(gallery)
    if wrong:
        raise Refused(f"{path}: {_first(wrong)}")
    if model_sha256 is not None and references and index.model_sha256 != model_sha256:
        raise ForeignModel(
            f"{path}: its references were made by models {index.model_sha256[:12]}, but models {model_sha256[:12]} "
            "are loaded; enrol the list again with this Lapel's lapel-admin, or install the models it was made by"
        )
    return gallery


@dataclass(slots=True)
class _Cursor:
    """Walks over a buffer, handing out read-only views of it."""

    content: bytearray
    at: int

    def bytes(self, count: int) -> memoryview:
        self.at = -(-self.at // _ALIGNMENT) * _ALIGNMENT
        view = memoryview(self.content)[self.at : self.at + count].toreadonly()
        if count < 0 or len(view) != count:
            raise ValueError(f"{count} bytes wanted at {self.at}, {len(view)} are there")
        self.at += count
        return view

    def places(self, count: int, longest_px: int) -> NDArray[np.float32]:
        steps = np.frombuffer(self.bytes(count * 4), "<u2").astype(np.float32).reshape(count, 2)
        points = np.asarray(steps * np.float32(longest_px / _STEPS), np.float32)
        points.setflags(write=False)
        return points

    def octets(self, rows: int, width: int) -> NDArray[np.int8]:
        return np.frombuffer(self.bytes(rows * width), np.int8).reshape(rows, width)


def _references(cursor: _Cursor, index: Index) -> tuple[Reference, ...]:
    descriptors = cursor.octets(sum(placed.crops for placed in index.placements), index.width)
    aggregates = cursor.octets(sum(placed.aggregates for placed in index.placements), index.aggregate_width)
    references, row, other = [], 0, 0
    for placed in index.placements:
        points = cursor.places(placed.points, max(placed.width, placed.height))
        features = Features(points, cursor.octets(placed.points, placed.feature_bytes), placed.width, placed.height)
        picture = bytes(cursor.bytes(placed.picture_bytes))
        ours, together = descriptors[row : row + placed.crops], aggregates[other : other + placed.aggregates]
        references.append(Reference(placed.entry_id, ours, together, features, picture))
        row, other = row + placed.crops, other + placed.aggregates
    if len(cursor.content) - cursor.at >= _ALIGNMENT:
        raise ValueError(f"{len(cursor.content) - cursor.at} bytes are left over")
    return tuple(references)


def _placement(reference: Reference) -> Placement:
    features = reference.features
    points, width = features.descriptors.shape
    return Placement(
        reference.entry_id,
        len(reference.descriptors),
        len(reference.aggregates),
        points,
        width,
        features.width,
        features.height,
        len(reference.picture),
    )


def _widths(references: tuple[Reference, ...]) -> tuple[int, int]:
    """Lengths of a descriptor and of an aggregate; core.listing has seen to it that all are of one length."""
    if not references:
        return 0, 0
    return references[0].descriptors.shape[1], references[0].aggregates.shape[1]


def _placed(features: Features) -> bytes:
    steps = np.rint(features.points * (_STEPS / max(features.width, features.height, 1)))
    return bytes(np.clip(steps, 0, _STEPS).astype("<u2").tobytes())


def _padding(length: int) -> bytes:
    return bytes(-length % _ALIGNMENT)


def _first(wrong: tuple[str, ...]) -> str:
    return wrong[0] if len(wrong) == 1 else f"{wrong[0]} (and {len(wrong) - 1} more)"
