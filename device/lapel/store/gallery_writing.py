"""Writes a watchlist file (store.gallery_layout) of a list that comes in parts, twice: to be counted, to be written.

So it need never be in memory: what is kept of it between the two are its tables, 24 bytes an entry and 40 a reference.
"""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lapel.core.buckets import Bucket
from lapel.core.codes import entries_by_code
from lapel.core.listed import Preface
from lapel.core.things import Entry, Reference
from lapel.ports import KeyProvider
from lapel.store.gallery_codes import encode_codes
from lapel.store.gallery_index import encode_entry
from lapel.store.gallery_layout import LENGTH, PURPOSE, Head, Places, aligned, encode_head, encode_points
from lapel.store.sealed_draft import SealedDraft

Parts = Callable[[], Iterable[Bucket]]
"""The same parts at each call. Entries come with their references, those of the same entry one after the other."""

_ENTRY, _REFERENCE = struct.Struct("<QIiI4x"), struct.Struct("<QIIIIIHHH6x")
"""ENTRY and REFERENCE of the layout."""
_AT_ONCE = 64


def write_parts(path: Path, preface: Preface, parts: Parts, keys: KeyProvider) -> int:
    """Seal a list in the place of ``path``, unless any part of it is refused; returns how many entries it has.

    Raises: StoreFull, StoreError, and what ``parts`` does; the old file stands then.
    """
    counted = _Counted()
    for entries, references in parts():
        counted.count(entries, references, preface.decoys)
    codes = encode_codes(entries_by_code(counted.codes))
    head = counted.head(preface, len(codes))
    encoded = encode_head(head)
    places = Places.of(head, len(encoded))
    with SealedDraft(path, places.end, keys, PURPOSE) as draft:
        for at, table in (
            (0, LENGTH.pack(len(encoded)) + encoded),
            (places.entries, counted.entries),
            (places.codes, codes),
            (places.references, counted.references),
        ):
            _Cursor(draft, at).write(table).pad()
        _write_content(draft, places, parts())
    return head.entries


def _write_content(draft: SealedDraft, places: Places, parts: Iterable[Bucket]) -> None:
    descriptors, aggregates = _Cursor(draft, places.descriptors), _Cursor(draft, places.aggregates)
    texts, blobs = _Cursor(draft, places.texts), _Cursor(draft, places.blobs)
    for entries, references in parts:
        texts.write(b"".join(map(_text, entries)))
        for at in range(0, len(references), _AT_ONCE):
            some = references[at : at + _AT_ONCE]
            descriptors.write(b"".join(reference.descriptors.tobytes() for reference in some))
            aggregates.write(b"".join(reference.aggregates.tobytes() for reference in some))
            blobs.write(b"".join(blob for reference in some for blob in _blob(reference)))
    for cursor in (descriptors, aggregates, texts, blobs):
        cursor.pad()


@dataclass(slots=True)
class _Cursor:
    """Writes one section of a file after the other's end."""

    draft: SealedDraft
    at: int

    def write(self, data: bytes | bytearray) -> _Cursor:
        self.draft.write(self.at, data)
        self.at += len(data)
        return self

    def pad(self) -> None:
        """To where the next section begins."""
        self.write(bytes(aligned(self.at) - self.at))


@dataclass(slots=True)
class _Counted:
    """What stands in the head and the tables."""

    entries: bytearray = field(default_factory=bytearray)
    references: bytearray = field(default_factory=bytearray)
    codes: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    purposes: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: int = 0
    width: int = 0
    aggregates: int = 0
    aggregate_width: int = 0
    texts: int = 0
    blobs: int = 0

    def count(self, entries: tuple[Entry, ...], references: tuple[Reference, ...], decoys: frozenset[str]) -> None:
        number, place = len(self.entries) // _ENTRY.size, len(self.references) // _REFERENCE.size
        numbers = {entry.id: number + index for index, entry in enumerate(entries)}
        pictured: dict[str, int] = {}
        for index, reference in enumerate(references):
            pictured.setdefault(reference.entry_id, place + index + 1)
            self._reference(reference, numbers[reference.entry_id])
        for entry in entries:
            length = len(_text(entry))
            line = (self.texts, length, entry.expires.toordinal(), pictured.get(entry.id, 0))
            self.entries += _ENTRY.pack(*line)
            self.texts += length
            if entry.codes:
                self.codes.append((numbers[entry.id], entry.codes))
            if entry.id not in decoys:
                self.purposes[entry.purpose, entry.authority] += 1

    def _reference(self, reference: Reference, number: int) -> None:
        features, picture = reference.features, len(reference.picture)
        points, code = features.descriptors.shape
        (crops, self.width), (aggregates, self.aggregate_width) = (
            reference.descriptors.shape,
            reference.aggregates.shape,
        )
        sizes = (picture, points, features.width, features.height)
        self.references += _REFERENCE.pack(self.blobs, number, *sizes, crops, aggregates, code)
        self.rows, self.aggregates = self.rows + crops, self.aggregates + aggregates
        self.blobs += points * (code + 4) + picture

    def head(self, preface: Preface, codes: int) -> Head:
        return Head(
            preface.terms,
            preface.model_sha256,
            preface.calibration,
            preface.decoys,
            tuple((purpose, authority, count) for (purpose, authority), count in sorted(self.purposes.items())),
            len(self.entries) // _ENTRY.size,
            codes,
            len(self.references) // _REFERENCE.size,
            self.rows,
            self.width,
            self.aggregates,
            self.aggregate_width,
            self.texts,
            self.blobs,
            preface.charter,
            shares_codes=True,
        )


def _blob(reference: Reference) -> Iterator[bytes]:
    yield encode_points(reference.features)
    yield reference.features.descriptors.tobytes()
    yield reference.picture


def _text(entry: Entry) -> bytes:
    return _json(encode_entry(entry))


def _json(item: object) -> bytes:
    return json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode()
