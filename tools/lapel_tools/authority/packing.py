"""Packs a list into chunks, its table, and the manifest that is to be signed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from lapel.core.buckets import BUCKETS_PER_PAGE, Bucket
from lapel.core.calibration import Calibration
from lapel.core.manifest import MOST_PAGES, Manifest, Page
from lapel.errors import UsageError
from lapel.store.bucket import encode_bucket
from lapel.store.chunks import Row, encode_rows, pieces, seal_chunk, seal_page
from lapel.store.gallery_terms import encode_calibration
from lapel.store.key_pages import SealedKey, encode_key_pages
from lapel.store.list_keys import seal_to
from lapel.store.unpacking import LIST_KEY_BYTES, encode_head

SECRET_BYTES = 32
Put = Callable[[str, bytes], None]
"""Takes the SHA-256 in hexadecimal and the bytes of what is to be published."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What a manifest lists of a content: the pages of its head, and how much was counted on the way."""

    pages: tuple[Page, ...]
    entries: int
    references: int


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who may open a list; ``name`` with the kind before it, ``sealing`` an X25519 key in hexadecimal. An administrator
    gets the list's secret as well, to make the next version with."""

    name: str
    sealing: str
    is_administrator: bool


def pack(
    buckets: Iterable[tuple[int, Bucket]],
    calibration: Calibration | None,
    decoys: frozenset[str],
    secret: bytes,
    list_key: bytes,
    put: Put,
) -> Packed:
    """Seal buckets, which come by number, one at a time. Raises: UsageError for a list of too many pages."""
    entries = references = 0
    table: list[Row] = []
    page: list[Row] = []

    def close_page() -> None:
        if page:
            table.extend(_sealed(secret, page[0].number // BUCKETS_PER_PAGE, encode_rows(page), put))
            page.clear()

    for number, bucket in buckets:
        if page and page[0].number // BUCKETS_PER_PAGE != number // BUCKETS_PER_PAGE:
            close_page()
        entries, references = entries + len(bucket[0]), references + len(bucket[1])
        page.extend(_sealed(secret, number, encode_bucket(bucket), put))
    close_page()
    said = None if calibration is None else encode_calibration(calibration)
    head = pieces(encode_head(said, sorted(decoys), encode_rows(table)))
    if len(head) > MOST_PAGES:
        raise UsageError(f"the list has {len(head)} pages, and a manifest at most {MOST_PAGES}; divide it")
    sealed = [seal_page(list_key, number, content) for number, content in enumerate(head)]
    return Packed(tuple(_put_page(data, "", put) for data in sealed), entries, references)


def seal_keys(
    recipients: Iterable[Recipient], list_key: bytes, secret: bytes, list_id: str, version: int, put: Put
) -> tuple[Page, ...]:
    """Seal the list's key for each, and return the pages of the keys."""
    keys = []
    for each in recipients:
        content = list_key + secret if each.is_administrator else list_key
        keys.append(SealedKey(each.name, each.sealing, seal_to(bytes.fromhex(each.sealing), content, list_id, version)))
    return tuple(_put_page(data, first, put) for first, data in encode_key_pages(keys))


def new_list_key() -> bytes:
    """A key for one version."""
    return secrets.token_bytes(LIST_KEY_BYTES)


def new_secret() -> bytes:
    """A secret for a list, from which the keys of its chunks are made."""
    return secrets.token_bytes(SECRET_BYTES)


def put_manifest(manifest: Manifest, put: Put) -> tuple[str, int]:
    """Publish a manifest; returns its SHA-256 and length."""
    data = manifest.encoded()
    name = sha256(data).hexdigest()
    put(name, data)
    return name, len(data)


def _sealed(secret: bytes, number: int, content: bytes, put: Put) -> list[Row]:
    rows = []
    for piece in pieces(content):
        row, data = seal_chunk(secret, number, piece)
        put(row.name, data)
        rows.append(row)
    return rows


def _put_page(data: bytes, first: str, put: Put) -> Page:
    name = sha256(data).hexdigest()
    put(name, data)
    return Page(name, len(data), first)
