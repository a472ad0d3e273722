"""A watchlist file: a Gallery, sealed.

Inside the seal: length of the index u32 | index, JSON | descriptors f32[rows, d] | for each reference its feature
points f32[n, 2], feature descriptors u8[n, 128] and picture. Each part begins at a multiple of 8 bytes, so that the
arrays of an opened gallery are views of the one buffer it was decrypted into: 10,000 references are never copied.
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


def write_gallery(path: Path, gallery: Gallery, keys: KeyProvider) -> None:
    """Seal a gallery in the place of ``path``; the old file stands until the new one is whole.

    Raises: EnrolmentRefused for what may not be a watchlist (core.listing), StoreFull, StoreError.
    """
    wrong = flaws(gallery)
    if wrong:
        raise EnrolmentRefused(f"{path}: {_first(wrong)}")
    placements = tuple(_placement(reference) for reference in gallery.references)
    width = gallery.references[0].descriptors.shape[1] if gallery.references else 0
    index = encode_index(Index(gallery.terms, gallery.model_sha256, width, gallery.entries, placements))
    parts = [_LENGTH.pack(len(index)) + index]
    parts[0] += _padding(len(parts[0]))
    for reference in gallery.references:
        parts.append(reference.descriptors.astype("<f4").tobytes())
    parts.append(_padding(sum(map(len, parts))))
    for reference in gallery.references:
        features = reference.features
        for blob in (features.points.astype("<f4").tobytes(), features.descriptors.tobytes(), reference.picture):
            parts += [blob, _padding(len(blob))]
    write_sealed(path, parts, keys, PURPOSE)


def read_gallery(path: Path, keys: KeyProvider, model_sha256: str | None = None) -> Gallery:
    """The watchlist in a file, refused unless all of it may be used; expired entries stand in it, and cannot match.

    ``model_sha256`` is the descriptor model that is loaded: references made by another are refused. Raises:
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
    gallery = Gallery(index.terms, index.model_sha256, index.entries, references)
    wrong = flaws(gallery)
    if wrong:
        raise Refused(f"{path}: {_first(wrong)}")
    if model_sha256 is not None and references and index.model_sha256 != model_sha256:
        raise ForeignModel(
            f"{path}: its references were made by model {index.model_sha256[:12]}, but model {model_sha256[:12]} "
            "is loaded; enrol the list again with this Lapel's lapel-admin, or install the model it was made by"
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

    def floats(self, rows: int, width: int) -> NDArray[np.float32]:
        return np.frombuffer(self.bytes(rows * width * 4), "<f4").astype(np.float32, copy=False).reshape(rows, width)

    def octets(self, rows: int, width: int) -> NDArray[np.uint8]:
        return np.frombuffer(self.bytes(rows * width), np.uint8).reshape(rows, width)


def _references(cursor: _Cursor, index: Index) -> tuple[Reference, ...]:
    matrix = cursor.floats(sum(placed.crops for placed in index.placements), index.width)
    references, row = [], 0
    for placed in index.placements:
        points = cursor.floats(placed.points, 2)
        features = Features(points, cursor.octets(placed.points, placed.feature_bytes), placed.width, placed.height)
        picture = bytes(cursor.bytes(placed.picture_bytes))
        references.append(Reference(placed.entry_id, matrix[row : row + placed.crops], features, picture))
        row += placed.crops
    if len(cursor.content) - cursor.at >= _ALIGNMENT:
        raise ValueError(f"{len(cursor.content) - cursor.at} bytes are left over")
    return tuple(references)


def _placement(reference: Reference) -> Placement:
    features = reference.features
    points, width = features.descriptors.shape
    return Placement(
        reference.entry_id,
        len(reference.descriptors),
        points,
        width,
        features.width,
        features.height,
        len(reference.picture),
    )


def _padding(length: int) -> bytes:
    return bytes(-length % _ALIGNMENT)


def _first(wrong: tuple[str, ...]) -> str:
    return wrong[0] if len(wrong) == 1 else f"{wrong[0]} (and {len(wrong) - 1} more)"
