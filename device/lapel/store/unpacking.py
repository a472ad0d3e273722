"""Makes a list of what was published of it: opens its head, its table and its chunks, and believes none of them."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from lapel.core.buckets import BUCKETS_PER_PAGE, Bucket, bucket_of
from lapel.core.calibration import Calibration
from lapel.core.gallery import Gallery, Terms
from lapel.core.listing import flaws
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


def rows_of(manifest: Manifest, head: Head, fetch: FetchChunk) -> tuple[Row, ...]:
    """The rows of all chunks, by bucket. Raises: UpdateRefused, also where they would fill the device."""
    rows: list[Row] = []
    for number, content in _parts(head.rows, fetch):
        page = decode_rows(content)
        if any(row.number // BUCKETS_PER_PAGE != number or row.number >= manifest.buckets for row in page):
            raise UpdateRefused(Why.MALFORMED.value, f"list {manifest.list_id}: its table has rows of another page")
        rows += page
    if sum(row.length for row in rows) > LARGEST_LIST_BYTES:
        raise UpdateRefused(Why.OVERSIZE.value, f"list {manifest.list_id}: is over {LARGEST_LIST_BYTES >> 20} MiB long")
    return tuple(rows)


def gallery_from(manifest: Manifest, list_key: bytes, fetch: FetchChunk) -> Gallery:
    """The whole list, as several signed it. Raises: UpdateRefused."""
    head = head_of(manifest, list_key, fetch)
    buckets = [_bucket(number, content, manifest) for number, content in _parts(rows_of(manifest, head, fetch), fetch)]
    entries = tuple(entry for listed, _ in buckets for entry in listed)
    references = tuple(reference for _, described in buckets for reference in described)
    if (len(entries), len(references)) != (manifest.entries, manifest.references):
        raise UpdateRefused(
            Why.MALFORMED.value,
            f"list {manifest.list_id}: holds {len(entries)} entries and {len(references)} references, "
            f"and its manifest says {manifest.entries} and {manifest.references}",
        )
    terms = Terms(manifest.list_id, manifest.version, manifest.created, manifest.expires)
    gallery = Gallery(terms, manifest.model_sha256, entries, references, head.calibration, head.decoys)
    if wrong := flaws(gallery):
        raise UpdateRefused(Why.FLAWED.value, f"list {manifest.list_id}: {wrong[0]}")
    return gallery


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
