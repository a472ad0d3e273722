"""Makes a list of what was published of it: opens its head, its table and its chunks, and believes none of them."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from lapel.core.buckets import BUCKETS_PER_PAGE, Bucket, bucket_of
from lapel.core.calibration import Calibration
from lapel.core.listed import Preface, Terms
from lapel.core.listing import Inspection
from lapel.core.manifest import Manifest, Page
from lapel.core.updates import LARGEST_LIST_BYTES, Why
from lapel.errors import UpdateRefused
from lapel.store.bucket import decode_bucket
from lapel.store.chunks import Row, decode_rows, open_chunk, open_page
from lapel.store.gallery_terms import decode_calibration, decode_decoys
from lapel.store.key_pages import decode_key_page, key_of, page_of
from lapel.store.list_keys import open_from

LIST_KEY_BYTES = 32
_LENGTH = struct.Struct(">I")

FetchChunk = Callable[[str], bytes | None]
"""The chunk of a SHA-256 in hexadecimal; None where there is none."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a list says beside its entries, and the rows of its table's pages."""

    calibration: Calibration | None
    decoys: frozenset[str]
    rows: tuple[Row, ...]


def encode_head(calibration: dict[str, object] | None, decoys: list[str], rows: bytes) -> bytes:
    """The bytes of a head."""
    said = json.dumps({"calibration": calibration, "decoys": decoys}, ensure_ascii=False, sort_keys=True).encode()
    return _LENGTH.pack(len(said)) + said + rows


def opened_key(manifest: Manifest, name: str, private: X25519PrivateKey, fetch: FetchChunk) -> bytes:
    """What was sealed for a name: the list's key, and whatever stands behind it. Raises: UpdateRefused."""
    keys = decode_key_page(page_content(page_of(manifest, name), fetch))
    secret = open_from(private, key_of(keys, name).sealed, manifest.list_id, manifest.version)
    if len(secret) < LIST_KEY_BYTES:
        raise UpdateRefused(Why.KEY.value, f"list {manifest.list_id}: its key is too short; propose the list again")
    return secret


def head_of(manifest: Manifest, list_key: bytes, fetch: FetchChunk) -> Head:
    """The head of a list. Raises: UpdateRefused."""
    pages = enumerate(manifest.pages)
    data = b"".join(open_page(list_key, number, page_content(page, fetch)) for number, page in pages)
    try:
        (length,) = _LENGTH.unpack_from(data)
        said = json.loads(data[_LENGTH.size : _LENGTH.size + length])
        calibration, decoys = decode_calibration(said["calibration"]), decode_decoys(said["decoys"])
    except (struct.error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UpdateRefused(Why.MALFORMED.value, f"list {manifest.list_id}: its head is none") from error
    return Head(calibration, decoys, decode_rows(data[_LENGTH.size + length :]))


def rows_of(manifest: Manifest, head: Head, fetch: FetchChunk) -> Iterator[tuple[Row, ...]]:
    """The rows of all chunks, by bucket, a page of the table at a time. Raises: UpdateRefused, also where they would
    fill the device."""
    length = 0
    for number, content in _parts(head.rows, fetch):
        page = decode_rows(content)
        if any(row.number // BUCKETS_PER_PAGE != number or row.number >= manifest.buckets for row in page):
            raise UpdateRefused(Why.MALFORMED.value, f"list {manifest.list_id}: its table has rows of another page")
        length += sum(row.length for row in page)
        if length > LARGEST_LIST_BYTES:
            raise UpdateRefused(
                Why.OVERSIZE.value, f"list {manifest.list_id}: is over {LARGEST_LIST_BYTES >> 20} MiB long"
            )
        yield page


@dataclass(frozen=True, slots=True, eq=False)
class Unpacked:
    """A published list that can be opened: bucket by bucket, so that it need never be in memory."""

    manifest: Manifest
    head: Head
    fetch: FetchChunk

    @classmethod
    def of(cls, manifest: Manifest, list_key: bytes, fetch: FetchChunk) -> Unpacked:
        """Open the head of a list. Raises: UpdateRefused."""
        return cls(manifest, head_of(manifest, list_key, fetch), fetch)

    @property
    def preface(self) -> Preface:
        """What the list says before its entries."""
        of = self.manifest
        terms = Terms(of.list_id, of.version, of.created, of.expires)
        return Preface(terms, of.model_sha256, self.head.calibration, self.head.decoys)

    def buckets(self) -> Iterator[tuple[int, Bucket]]:
        """Number and content of each bucket, as they were signed, not looked through. Raises: UpdateRefused."""
        for page in rows_of(self.manifest, self.head, self.fetch):
            for number, content in _parts(page, self.fetch):
                yield number, _bucket(number, content, self.manifest)

    def of_numbers(self, numbers: Collection[int]) -> Iterator[tuple[int, Bucket]]:
        """Only the buckets of some numbers, not looked through. Raises: UpdateRefused."""
        pages = {number // BUCKETS_PER_PAGE for number in numbers}
        head = replace(self.head, rows=tuple(row for row in self.head.rows if row.number in pages))
        for page in rows_of(self.manifest, head, self.fetch):
            for number, content in _parts(tuple(row for row in page if row.number in numbers), self.fetch):
                yield number, _bucket(number, content, self.manifest)

    def rows(self) -> dict[int, tuple[bytes, ...]]:
        """The chunks of each bucket: what each is, and what opens it. Raises: UpdateRefused."""
        found: dict[int, tuple[bytes, ...]] = {}
        for page in rows_of(self.manifest, self.head, self.fetch):
            for row in page:
                found[row.number] = (*found.get(row.number, ()), row.sha256 + row.seed)
        return found

    def check(self, bucket: Bucket) -> Bucket:
        """A bucket, refused unless all of it may be on this list. Raises: UpdateRefused."""
        self._refuse(Inspection(replace(self.preface, decoys=frozenset())).flaws_of(*bucket))
        return bucket

    def inspected(self) -> Iterator[tuple[int, Bucket]]:
        """The same, each looked through, and all of them at the end. Raises: UpdateRefused."""
        manifest, inspection = self.manifest, Inspection(self.preface)
        entries = references = 0
        for number, bucket in self.buckets():
            self._refuse(inspection.flaws_of(*bucket))
            entries, references = entries + len(bucket[0]), references + len(bucket[1])
            yield number, bucket
        if (entries, references) != (manifest.entries, manifest.references):
            raise UpdateRefused(
                Why.MALFORMED.value,
                f"list {manifest.list_id}: holds {entries} entries and {references} references, "
                f"and its manifest says {manifest.entries} and {manifest.references}",
            )
        self._refuse(inspection.at_end())

    def _refuse(self, wrong: Iterator[str]) -> None:
        for flaw in wrong:
            raise UpdateRefused(Why.FLAWED.value, f"list {self.manifest.list_id}: {flaw}")


def page_content(page: Page, fetch: FetchChunk) -> bytes:
    """The bytes of a page that the manifest lists. Raises: UpdateRefused."""
    data = fetch(page.sha256)
    if data is None:
        raise UpdateRefused(Why.MISSING.value, f"page {page.sha256[:12]}: is not there; copy all of what was published")
    if len(data) != page.length or sha256(data).hexdigest() != page.sha256:
        raise UpdateRefused(Why.TAMPERED.value, f"page {page.sha256[:12]}: was changed or cut off; copy it again")
    return data


def _parts(rows: tuple[Row, ...], fetch: FetchChunk) -> Iterator[tuple[int, bytes]]:
    """Number and content of each part, its pieces put together."""
    number, content = -1, list[bytes]()
    for row in rows:
        if row.number != number and content:
            yield number, b"".join(content)
            content = []
        number = row.number
        content.append(open_chunk(row, fetch(row.name)))
    if content:
        yield number, b"".join(content)


def _bucket(number: int, content: bytes, manifest: Manifest) -> Bucket:
    try:
        bucket = decode_bucket(content)
    except ValueError as error:
        raise UpdateRefused(Why.MALFORMED.value, f"list {manifest.list_id}: {error}") from error
    for entry in bucket[0]:
        if bucket_of(entry.id, manifest.buckets) != number:
            raise UpdateRefused(Why.MALFORMED.value, f"list {manifest.list_id}: entry {entry.id!r} is out of its place")
    return bucket
