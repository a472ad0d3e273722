"""A watchlist file: a Gallery, sealed.

Inside the seal: length of the index u32 | index, JSON | descriptors i8[rows, d] | aggregates i8[rows, e] | for each
reference its feature points u16[n, 2] (65535 is the picture's longer side), feature descriptors i8[n, w] and picture.
Each part begins at a multiple of 8 bytes. All but the points are views of the one buffer that the file was decrypted
into: 10,000 references are never copied.
"""

from __future__ import annotations

import struct
from pathlib import Path

from lapel.core.gallery import Gallery
from lapel.core.listing import flaws
from lapel.errors import EnrolmentRefused, ForeignModel, Refused, Tampered
from lapel.ports import KeyProvider
from lapel.store.gallery_blobs import blobs_of, padded, placements_of, references_in, widths_of
from lapel.store.gallery_index import Index, decode_index, encode_index
from lapel.store.sealed import read_sealed, write_sealed

PURPOSE = "watchlist"
_LENGTH = struct.Struct("<I")


def write_gallery(path: Path, gallery: Gallery, keys: KeyProvider) -> None:
    """Seal a gallery in the place of ``path``; the old file stands until the new one is whole.

    Raises: EnrolmentRefused for what may not be a watchlist (core.listing), StoreFull, StoreError.
    """
    wrong = flaws(gallery)
    if wrong:
        raise EnrolmentRefused(f"{path}: {_first(wrong)}")
    placements = placements_of(gallery.references)
    width, aggregate_width = widths_of(gallery.references)
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
    blobs = [head, *blobs_of(gallery.references)]
    write_sealed(path, padded(blobs), keys, PURPOSE)


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
        references = references_in(content, _LENGTH.size + length, index.placements, index.width, index.aggregate_width)
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


def _first(wrong: tuple[str, ...]) -> str:
    return wrong[0] if len(wrong) == 1 else f"{wrong[0]} (and {len(wrong) - 1} more)"
