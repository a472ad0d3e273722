"""Writes a watchlist as the parts of a file (store.gallery_layout)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lapel.core.gallery import Gallery
from lapel.core.things import Reference
from lapel.store.gallery_index import encode_entry
from lapel.store.gallery_layout import ENTRY, LENGTH, REFERENCE, Head, aligned, encode_head, encode_points


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """The parts of a list: what ``sealed_parts`` puts one after the other."""

    head: Head
    entries: NDArray[np.void]
    codes: bytes
    references: NDArray[np.void]
    descriptors: tuple[bytes, ...]
    aggregates: tuple[bytes, ...]
    texts: tuple[bytes, ...]
    blobs: tuple[bytes, ...]


def written(gallery: Gallery) -> Written:
    """A list as parts."""
    references = gallery.references
    texts = tuple(_json(encode_entry(entry)) for entry in gallery.entries)
    codes = _json(gallery.codes) if gallery.codes else b""
    blobs = tuple(part for reference in references for part in _blob(reference))
    lines = _reference_lines(gallery)
    head = Head(
        gallery.terms,
        gallery.model_sha256,
        gallery.calibration,
        gallery.decoys,
        gallery.purposes,
        len(texts),
        len(codes),
        len(references),
        int(lines["crops"].sum(dtype=np.int64)),
        references[0].descriptors.shape[1] if references else 0,
        int(lines["aggregates"].sum(dtype=np.int64)),
        references[0].aggregates.shape[1] if references else 0,
        sum(map(len, texts)),
        sum(map(len, blobs)),
    )
    return Written(
        head,
        _entry_lines(gallery, texts, lines["entry"]),
        codes,
        lines,
        tuple(reference.descriptors.tobytes() for reference in references),
        tuple(reference.aggregates.tobytes() for reference in references),
        texts,
        blobs,
    )


def sealed_parts(parts: Written) -> list[bytes]:
    """What is sealed, in order, each part padded to where the next begins."""
    head = encode_head(parts.head)
    return [
        *_padded([LENGTH.pack(len(head)), head]),
        *_padded([parts.entries.tobytes()]),
        *_padded([parts.codes]),
        *_padded([parts.references.tobytes()]),
        *_padded(parts.descriptors),
        *_padded(parts.aggregates),
        *_padded(parts.texts),
        *_padded(parts.blobs),
    ]


def _padded(pieces: Iterable[bytes]) -> Iterator[bytes]:
    length = 0
    for piece in pieces:
        length += len(piece)
        yield piece
    yield bytes(aligned(length) - length)


def _entry_lines(gallery: Gallery, texts: tuple[bytes, ...], owners: NDArray[np.uint32]) -> NDArray[np.void]:
    lines = np.zeros(len(texts), ENTRY)
    owned, first = np.unique(owners, return_index=True)
    lines["pictured"][owned] = first + 1
    lines["length"] = [len(text) for text in texts]
    lines["start"] = _starts(lines["length"])
    lines["expires"] = [entry.expires.toordinal() for entry in gallery.entries]
    return lines


def _reference_lines(gallery: Gallery) -> NDArray[np.void]:
    lines = np.zeros(len(gallery.references), REFERENCE)
    numbers = {entry.id: number for number, entry in enumerate(gallery.entries)}
    for line, reference in zip(lines, gallery.references, strict=True):
        features = reference.features
        line["entry"] = numbers[reference.entry_id]
        line["crops"], line["aggregates"] = len(reference.descriptors), len(reference.aggregates)
        line["points"], line["code"] = features.descriptors.shape
        line["width"], line["height"], line["picture"] = features.width, features.height, len(reference.picture)
    lines["start"] = _starts(lines["points"].astype(np.uint64) * (lines["code"] + np.uint64(4)) + lines["picture"])
    return lines


def _starts(lengths: NDArray[np.integer]) -> NDArray[np.uint64]:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.uint64)])[: len(lengths)].astype(np.uint64)


def _blob(reference: Reference) -> tuple[bytes, bytes, bytes]:
    return encode_points(reference.features), reference.features.descriptors.tobytes(), reference.picture


def _json(item: object) -> bytes:
    return json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode()
