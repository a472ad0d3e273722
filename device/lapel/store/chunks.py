"""Chunks: pieces of a list, encrypted, each named by the SHA-256 of what travels.

A chunk's key is made from its own content and a secret of the list: HMAC(secret, SHA-256(content)). So an unchanged
piece is the same chunk in every version and does not travel again, although every version of a list has a new key: that
one encrypts the table, which holds the keys of the chunks. What this gives away: whoever watches the broker sees how
much changed, not what, and a device that was revoked can still read the pieces that it could read before, which it had
anyway; those that changed have keys it never sees. Devices never have the secret, and nobody without it can tell
whether a list holds a content that they guess. It is renewed when an administrator who had it goes.

Each key encrypts one content only, which is why a nonce of zeros is right (RFC 8439, 4: never twice for one key).
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from lapel.core.updates import LARGEST_MESSAGE_BYTES, Why
from lapel.errors import UpdateRefused

SEED_BYTES = 16
TAG_BYTES = 16
PIECE_BYTES = LARGEST_MESSAGE_BYTES - TAG_BYTES
_NONCE = bytes(12)
_ROW = struct.Struct(">IH32s16s")
ROW_BYTES = _ROW.size


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: which part of the list a chunk is of (``number``; pieces of one part follow each other),
    its length in bytes, its SHA-256, and 128 bits from which its key is made."""

    number: int
    length: int
    sha256: bytes
    seed: bytes

    @property
    def name(self) -> str:
        """How the chunk is asked for."""
        return self.sha256.hex()


def pieces(content: bytes) -> tuple[bytes, ...]:
    """Content cut so that each piece is one message."""
    return tuple(content[at : at + PIECE_BYTES] for at in range(0, len(content), PIECE_BYTES))


def seal_chunk(secret: bytes, number: int, content: bytes) -> tuple[Row, bytes]:
    """The row and the bytes of a piece."""
    seed = hmac.digest(secret, sha256(content).digest(), "sha256")[:SEED_BYTES]
    sealed = _cipher(seed).encrypt(_NONCE, content, None)
    return Row(number, len(sealed), sha256(sealed).digest(), seed), sealed


def open_chunk(row: Row, data: bytes | None) -> bytes:
    """The content of a chunk. Raises: UpdateRefused for one that is missing or changed."""
    if data is None:
        raise UpdateRefused(Why.MISSING.value, f"chunk {row.name[:12]}: is not there; copy all of what was published")
    if len(data) != row.length or sha256(data).digest() != row.sha256:
        raise UpdateRefused(Why.TAMPERED.value, f"chunk {row.name[:12]}: was changed or cut off; copy it again")
    try:
        return _cipher(row.seed).decrypt(_NONCE, data, None)
    except InvalidTag as error:
        raise UpdateRefused(Why.TAMPERED.value, f"chunk {row.name[:12]}: its table has another key for it") from error


def encode_rows(rows: Iterable[Row]) -> bytes:
    """Rows as bytes, one after the other."""
    return b"".join(_ROW.pack(row.number, row.length, row.sha256, row.seed) for row in rows)


def decode_rows(data: bytes) -> tuple[Row, ...]:
    """The rows in bytes, whose numbers never fall. Raises: UpdateRefused."""
    if len(data) % ROW_BYTES:
        raise UpdateRefused(Why.MALFORMED.value, "the list's table is cut off")
    rows = tuple(Row(*fields) for fields in _ROW.iter_unpack(data))
    if any(later.number < row.number for row, later in pairwise(rows)):
        raise UpdateRefused(Why.MALFORMED.value, "the list's table is out of order")
    if any(not TAG_BYTES < row.length <= LARGEST_MESSAGE_BYTES for row in rows):
        raise UpdateRefused(Why.OVERSIZE.value, f"the list's table has a chunk of over {LARGEST_MESSAGE_BYTES} bytes")
    return rows


def seal_page(list_key: bytes, number: int, content: bytes) -> bytes:
    """A piece of the head, under the key of the version."""
    return ChaCha20Poly1305(list_key).encrypt(number.to_bytes(12, "big"), content, None)


def open_page(list_key: bytes, number: int, data: bytes) -> bytes:
    """The content of a piece of the head. Raises: UpdateRefused."""
    try:
        return ChaCha20Poly1305(list_key).decrypt(number.to_bytes(12, "big"), data, None)
    except InvalidTag as error:
        raise UpdateRefused(Why.KEY.value, f"page {number} of the list: is sealed with another key") from error


def _cipher(seed: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(sha256(b"lapel chunk" + seed).digest())
