"""A watchlist file: a Gallery, sealed (store.gallery_layout).

Whoever changes a list reads all of it; a watch opens it, and what is not searched stays sealed on disk. Lists of
format 2 are still read: length of the index u32 | index, JSON | descriptors i8[rows, d] | aggregates i8[rows, e] | for
each reference its feature points u16[n, 2] (65535 is the picture's longer side), feature descriptors i8[n, w] and
picture, each part from a multiple of 8 bytes on.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from lapel.core.gallery import Gallery
from lapel.core.listed import Listed
from lapel.core.listing import flaws
from lapel.errors import EnrolmentRefused, ForeignModel, Refused, Tampered
from lapel.ports import KeyProvider
from lapel.store.gallery_blobs import references_in
from lapel.store.gallery_index import NEWEST, decode_index, parse_index
from lapel.store.gallery_layout import LENGTH, PURPOSE, Content, decode_head
from lapel.store.gallery_writing import write_parts
from lapel.store.opened_gallery import OpenedGallery
from lapel.store.sealed import SealedFile, read_sealed

_LOOKED_THROUGH = 2_000
_CHECKED_WHOLE = 64 * 2**20


def write_gallery(path: Path, gallery: Gallery, keys: KeyProvider) -> None:
    """Seal a gallery in the place of ``path``; the old file stands until the new one is whole.

    Raises: EnrolmentRefused for what may not be a watchlist (core.listing), StoreFull, StoreError.
    """
    wrong = flaws(gallery)
    if wrong:
        raise EnrolmentRefused(f"{path}: {_first(wrong)}")
    write_parts(path, gallery.preface, lambda: [(gallery.entries, gallery.references)], keys)


def read_gallery(path: Path, keys: KeyProvider, model_sha256: str | None = None) -> Gallery:
    """The watchlist in a file, refused unless all of it may be used; expired entries stand in it, and cannot match.

    ``model_sha256`` names the models that are loaded: references made by others are refused. Raises:
    UsageError (no such file), StoreError, WrongKey, Tampered, ForeignModel, Refused (each flaw with its entry).
    """
    content = _InMemory(read_sealed(path, keys, PURPOSE))
    found = _listed(path, content)
    gallery = found.whole() if isinstance(found, OpenedGallery) else found
    wrong = flaws(gallery)
    if wrong:
        raise Refused(f"{path}: {_first(wrong)}")
    _check_models(path, gallery, model_sha256)
    return gallery


def open_gallery(path: Path, keys: KeyProvider, model_sha256: str | None = None, checked_whole: bool = False) -> Listed:
    """The watchlist in a file, to watch for: as ``read_gallery``, but only what is searched is read at once.

    The seal of a file of up to 64 MiB is checked whole, or of any (``checked_whole``), and a list of up to 2,000
    entries and references is looked through; of a longer one each entry and each reference is, when something in view
    may be it.
    """
    file = SealedFile(path, keys, PURPOSE)
    try:
        if checked_whole or file.length <= _CHECKED_WHOLE:
            file.check()
        found = _listed(path, file)
        _check_models(path, found, model_sha256)
        if isinstance(found, OpenedGallery):
            wrong = found.flaws() if found.entry_count + found.reference_count <= _LOOKED_THROUGH else ()
        else:
            wrong = flaws(found)
        if wrong:
            raise Refused(f"{path}: {_first(wrong)}")
    except BaseException:
        file.close()
        raise
    return found


def verified_gallery(path: Path, keys: KeyProvider, model_sha256: str | None = None) -> Listed:
    """The watchlist in a file of any length, refused unless all of it may be used: read through, and not kept.

    Raises: as ``read_gallery``.
    """
    found = open_gallery(path, keys, model_sha256, checked_whole=True)
    if isinstance(found, OpenedGallery) and (wrong := found.flaws()):
        raise Refused(f"{path}: {_first(wrong)}")
    return found


def _listed(path: Path, content: Content) -> OpenedGallery | Gallery:
    """A list of any format that is read, its references not yet. Raises: Tampered, Refused."""
    try:
        (length,) = LENGTH.unpack(content.read(0, min(LENGTH.size, content.length)))
        index = bytes(content.read(LENGTH.size, length))
    except (struct.error, ValueError) as error:
        raise Tampered(f"{path}: holds no index; copy it again from where it was made") from error
    try:
        head = parse_index(index)
        if head.get("format") == NEWEST:
            return OpenedGallery(path, content, decode_head(head), length)
        old = decode_index(head)
    except ValueError as error:
        raise Refused(f"{path}: {error}") from error
    try:
        whole = bytearray(content.read(0, content.length))
        references = references_in(whole, LENGTH.size + length, old.placements, old.width, old.aggregate_width)
    except ValueError as error:
        raise Tampered(f"{path}: its index does not fit its content: {error}; enrol the list again") from error
    return Gallery(old.terms, old.model_sha256, old.entries, references, old.calibration, old.decoys)


def _check_models(path: Path, listed: Listed, model_sha256: str | None) -> None:
    if model_sha256 is not None and listed.reference_count and listed.model_sha256 != model_sha256:
        raise ForeignModel(
            f"{path}: its references were made by models {listed.model_sha256[:12]}, but models {model_sha256[:12]} "
            "are loaded; enrol the list again with this Lapel's lapel-admin, or install the models it was made by"
        )


@dataclass(frozen=True, slots=True)
class _InMemory:
    """What was inside a seal, decrypted."""

    content: bytearray

    @property
    def length(self) -> int:
        return len(self.content)

    def read(self, start: int, count: int) -> bytes:
        if not 0 <= start <= start + count <= len(self.content):
            raise ValueError(f"{count} bytes wanted at {start} of {len(self.content)}")
        return bytes(memoryview(self.content)[start : start + count])


def _first(wrong: tuple[str, ...]) -> str:
    return wrong[0] if len(wrong) == 1 else f"{wrong[0]} (and {len(wrong) - 1} more)"
