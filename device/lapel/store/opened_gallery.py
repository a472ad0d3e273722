"""A watchlist file of format 3, open: tables are checked at once, an entry or a reference when it is looked at."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lapel.core.calibration import Calibration
from lapel.core.charter import Charter
from lapel.core.gallery import Gallery
from lapel.core.listed import Census, Preface, Purposes, ShownBy, Terms, Vectors, expected_of
from lapel.core.listing import Inspection, flaws_of_entry, flaws_of_expiries, flaws_of_reference, flaws_of_terms
from lapel.core.rows import Rows
from lapel.core.things import Entry, Expected, Features, Reference
from lapel.errors import Refused, Tampered
from lapel.store.gallery_codes import Codes, codes_of_entries, decode_codes
from lapel.store.gallery_index import decode_entry, said_id
from lapel.store.gallery_layout import ENTRY, REFERENCE, Content, Head, Places, decode_points
from lapel.store.sealed_rows import SealedRows

_MISFIT = "enrol the list again"
_READ_THROUGH_BYTES = 1 << 20


class OpenedGallery:
    """A list whose entries and references stay inside their seal until they are asked for (port Listed).

    Raises at construction: Tampered (tables that do not fit), Refused (terms that no list may have); when something is
    read: Tampered, Refused naming the entry, StoreError.
    """

    def __init__(self, path: Path, content: Content, head: Head, head_bytes: int) -> None:
        self._path, self._content, self._head = path, content, head
        self._places = Places.of(head, head_bytes)
        if self._places.end != content.length:
            raise self._misfit(f"ends at {self._places.end} of {content.length} bytes")
        entries = self._table(ENTRY, self._places.entries, head.entries)
        references = self._table(REFERENCE, self._places.references, head.references)
        self._check(entries, references)
        self.codes = self._codes(entries)
        can_match = entries["pictured"] > 0
        can_match[[number for numbers in self.codes.values() for number in numbers]] = True
        self._census = Census(entries["expires"].astype(np.int32), can_match)
        self.descriptors = self._vectors(self._places.descriptors, references["crops"], head.rows, head.width)
        self.aggregates = self._vectors(
            self._places.aggregates, references["aggregates"], head.aggregates, head.aggregate_width
        )

    @property
    def terms(self) -> Terms:
        """Under which the list may be used."""
        return self._head.terms

    @property
    def model_sha256(self) -> str:
        """The models that made every reference."""
        return self._head.model_sha256

    @property
    def calibration(self) -> Calibration | None:
        """What was measured of the list."""
        return self._head.calibration

    @property
    def decoys(self) -> frozenset[str]:
        """The ids of those entries that cannot be met."""
        return self._head.decoys

    @property
    def charter(self) -> Charter | None:
        """What the list demands where it came under an authority."""
        return self._head.charter

    @property
    def purposes(self) -> Purposes:
        """How many entries stand there for which purpose and under which authority, as whoever wrote it counted."""
        return self._head.purposes

    @property
    def entry_count(self) -> int:
        """How many things are listed."""
        return self._head.entries

    @property
    def reference_count(self) -> int:
        """How many pictures there are of them."""
        return self._head.references

    def expected(self) -> Expected | None:
        """How many false alerts the list is expected to give, if that was measured for this version of it."""
        return expected_of(self.calibration, self.terms)

    def census(self) -> Census:
        """What all entries allow."""
        return self._census

    def among(self, ids: frozenset[str]) -> frozenset[str]:
        """Which of some ids are listed: what all entries say is read through. Raises: Tampered, StoreError."""
        wanted = {said_id(entry_id): entry_id for entry_id in ids}
        longest = max(map(len, wanted), default=0)
        found, before, end = set[str](), b"", self._places.texts + self._head.texts
        for start in range(self._places.texts, end if wanted else 0, _READ_THROUGH_BYTES):
            text = before + self._content.read(start, min(_READ_THROUGH_BYTES, end - start))
            found |= {entry_id for said, entry_id in wanted.items() if said in text}
            before = text[-longest:]
        return frozenset(found)

    def entry_at(self, number: int) -> Entry:
        """The entry of that number. Raises: Tampered, Refused, StoreError."""
        line = self._line(ENTRY, self._places.entries, number)
        text = self._content.read(self._places.texts + int(line["start"]), int(line["length"]))
        try:
            entry = decode_entry(json.loads(text), number)
        except (ValueError, RecursionError) as error:
            raise Refused(f"{self._path}: {error}") from error
        wrong = flaws_of_entry(entry, self.terms)
        if entry.expires.toordinal() != int(line["expires"]):
            wrong = (*wrong, f"entry {entry.id!r}: expires {entry.expires}, and not when the list's table says")
        self._refuse(wrong)
        return entry

    def reference(self, place: int) -> Reference:
        """The reference of that place. Raises: Tampered, Refused, StoreError."""
        line = self._line(REFERENCE, self._places.references, place)
        points, code = int(line["points"]), int(line["code"])
        count = points * (code + 4) + int(line["picture"])
        blob = memoryview(self._content.read(self._places.blobs + int(line["start"]), count)).toreadonly()
        width, height = int(line["width"]), int(line["height"])
        placed = decode_points(blob[: points * 4], max(width, height))
        codes = np.frombuffer(blob[points * 4 : points * (code + 4)], np.int8).reshape(points, code)
        reference = Reference(
            self.entry_at(int(line["entry"])).id,
            _rows(self.descriptors, place),
            _rows(self.aggregates, place),
            Features(placed, codes, width, height),
            bytes(blob[points * (code + 4) :]),
        )
        self._refuse(flaws_of_reference(reference))
        return reference

    def owner(self, place: int) -> Entry:
        """The entry that a reference shows. Raises: Tampered, Refused, StoreError."""
        return self.entry_at(int(self._line(REFERENCE, self._places.references, place)["entry"]))

    def owners(self) -> NDArray[np.uint32]:
        """The number of the entry that each reference shows, u32[references]. Raises: Tampered, StoreError."""
        return self._table(REFERENCE, self._places.references, self._head.references)["entry"].astype(np.uint32)

    def picture_of(self, number: int) -> bytes:
        """The first picture of an entry; empty where it has none. Raises: Tampered, Refused, StoreError."""
        pictured = int(self._line(ENTRY, self._places.entries, number)["pictured"])
        return self.reference(pictured - 1).picture if pictured else b""

    def whole(self) -> Gallery:
        """All of the list, in memory. Raises: Tampered, Refused, StoreError."""
        entries = tuple(self.entry_at(number) for number in range(self.entry_count))
        references = tuple(self.reference(place) for place in range(self.reference_count))
        gallery = Gallery(
            self.terms, self.model_sha256, entries, references, self.calibration, self.decoys, self.charter
        )
        self._check_purposes(gallery.purposes)
        return gallery

    def flaws(self) -> tuple[str, ...]:
        """Why the list must not be used, all of it read, one entry after the other. Raises: as ``whole``."""
        return tuple(self._flaws())

    def _flaws(self) -> Iterator[str]:
        inspection = Inspection(Preface(self.terms, self.model_sha256, self.calibration, self.decoys))
        shown_by = ShownBy(self.owners(), self.entry_count)
        counts, ids = Counter[tuple[str, str]](), Counter[str]()
        for number in range(self.entry_count):
            entry = self.entry_at(number)
            ids[entry.id] += 1
            if entry.id not in self.decoys:
                counts[entry.purpose, entry.authority] += 1
            yield from inspection.flaws_of((entry,), map(self.reference, shown_by.places(number)))
        for entry_id in (entry_id for entry_id, count in ids.items() if count > 1):
            yield f"entry {entry_id!r}: listed {ids[entry_id]} times; an id belongs to one entry"
        yield from inspection.at_end()
        self._check_purposes(tuple((purpose, by, count) for (purpose, by), count in sorted(counts.items())))

    def _check_purposes(self, counted: Purposes) -> None:
        if counted != self.purposes:
            raise self._misfit("counts other purposes than its entries have")

    def _check(self, entries: NDArray[np.void], references: NDArray[np.void]) -> None:
        """That no table points beyond what there is, and that every date may stand on a list."""
        self._refuse((*flaws_of_terms(self.terms), *flaws_of_expiries(entries["expires"], self.terms)))
        if (entries["start"] + entries["length"] > self._head.texts).any():
            raise self._misfit("has entries beyond its end")
        features = references["points"].astype(np.uint64) * (references["code"] + np.uint64(4))
        if (references["start"] + features + references["picture"] > self._head.blobs).any():
            raise self._misfit("has references beyond its end")
        if (references["entry"] >= self._head.entries).any() or (entries["pictured"] > self._head.references).any():
            raise self._misfit("has references of no entry, or entries of no reference")
        if not references["crops"].all():
            raise self._misfit("has references without a descriptor")
        for name, rows in (("crops", self._head.rows), ("aggregates", self._head.aggregates)):
            if references[name].sum(dtype=np.int64) != rows:
                raise self._misfit(f"has {rows} {name}, and not those of its references")
        if len(references) and not self.model_sha256:
            self._refuse(("references name no model; enrol them again",))

    def _codes(self, entries: NDArray[np.void]) -> Codes:
        try:
            codes = decode_codes(self._content.read(self._places.codes, self._head.code_bytes), self._head.entries)
        except ValueError as error:
            raise self._misfit(str(error)) from error
        is_whole = self._head.shares_codes or not codes
        return codes if is_whole else codes_of_entries(self._content, self._places.texts, entries)

    def _table(self, line: np.dtype[np.void], start: int, count: int) -> NDArray[np.void]:
        return np.frombuffer(self._content.read(start, count * line.itemsize), line)

    def _line(self, line: np.dtype[np.void], start: int, number: int) -> np.void:
        found: np.void = self._table(line, start + number * line.itemsize, 1)[0]
        return found

    def _vectors(self, start: int, counts: NDArray[np.uint16], rows: int, width: int) -> Vectors:
        return Vectors(SealedRows(self._content, start, rows, width), Rows.of(counts))

    def _refuse(self, wrong: tuple[str, ...]) -> None:
        if wrong:
            raise Refused(f"{self._path}: {wrong[0]}" + (f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""))

    def _misfit(self, how: str) -> Tampered:
        return Tampered(f"{self._path}: its index does not fit its content: it {how}; {_MISFIT}")


def _rows(vectors: Vectors, place: int) -> NDArray[np.int8]:
    of_place = vectors.rows.of_place(place)
    return vectors.stored[of_place.start : of_place.stop]
