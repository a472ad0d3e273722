"""A sealed file: encrypted in chunks, of which none can be changed, moved, dropped or cut off unnoticed.

Any part of it can be read alone: the chunks that hold it are decrypted, each bound to its place and to this file.

ChaCha20-Poly1305 (RFC 8439) in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015): the nonce
of a chunk is prefix (7 bytes) | counter (4) | 1 in the last chunk, else 0; the header is every chunk's associated
data. ChaCha20 because a Pi 4 has no AES instructions.

Header: magic 8 bytes | format u16 | length of the content u64 | salt 16 | nonce prefix 7 | key check 16 | checksum 8.
The key check tells a wrong key from a changed file, the length a truncated one, the checksum a damaged header.
"""

from __future__ import annotations

import hmac
import os
import secrets
import struct
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from lapel.errors import Refused, StoreError, Tampered, UsageError, WrongKey
from lapel.ports import KeyProvider
from lapel.store.atomic import write_whole

MAGIC = b"LAPELSF\x00"
FORMAT = 2
# Small, since a search wants single rows; half of what decrypting 8 KiB takes is the call.
CHUNK_BYTES = 8 * 1024
_CHUNK_BYTES = {1: 64 * 1024, FORMAT: CHUNK_BYTES}
_CHUNKS_AT_ONCE = 64
_PIECE = 2**20
_TAG_BYTES = 16
_FIELDS = struct.Struct(">8sHQ16s7s16s")
_CHECKSUM_BYTES = 8
HEADER_BYTES = _FIELDS.size + _CHECKSUM_BYTES
_AGAIN = "copy it again from where it was made"


@dataclass(frozen=True, slots=True)
class _Header:
    length: int
    salt: bytes
    prefix: bytes
    check: bytes
    version: int = FORMAT

    def encoded(self) -> bytes:
        fields = _FIELDS.pack(MAGIC, self.version, self.length, self.salt, self.prefix, self.check)
        return fields + _checksum(fields)

    def nonce(self, number: int) -> bytes:
        return self.prefix + number.to_bytes(4, "big") + bytes([number == self.chunks - 1])

    @property
    def chunk_bytes(self) -> int:
        return _CHUNK_BYTES[self.version]

    @property
    def chunks(self) -> int:
        return max(1, -(-self.length // self.chunk_bytes))

    @property
    def file_bytes(self) -> int:
        return HEADER_BYTES + self.length + self.chunks * _TAG_BYTES


def write_sealed(path: Path, parts: Sequence[bytes | memoryview], keys: KeyProvider, purpose: str) -> None:
    """Seal ``parts``, one after the other, in the place of ``path``. Atomic. Raises: StoreFull, StoreError."""
    seal, header = new_seal(sum(memoryview(part).nbytes for part in parts), keys, purpose)
    write_whole(path, chain([header], (seal(number, chunk) for number, chunk in enumerate(_chunks(parts)))))


Seal = Callable[[int, bytes | bytearray], bytes]
"""Seals the chunk of a number; each only once."""


def new_seal(length: int, keys: KeyProvider, purpose: str) -> tuple[Seal, bytes]:
    """What seals the chunks of a new file with so much content, and the header that it begins with."""
    salt = secrets.token_bytes(16)
    key = keys.derive(purpose, salt)
    header = _Header(length, salt, secrets.token_bytes(7), _key_check(key))
    cipher, associated = ChaCha20Poly1305(key), header.encoded()
    return lambda number, chunk: cipher.encrypt(header.nonce(number), chunk, associated), associated


def sealed_bytes(length: int) -> int:
    """How large a new file with so much content is."""
    return _Header(length, b"", b"", b"").file_bytes


def place_of_chunk(number: int) -> int:
    """Where a chunk of a new file begins in it."""
    return HEADER_BYTES + number * (CHUNK_BYTES + _TAG_BYTES)


def read_sealed(path: Path, keys: KeyProvider, purpose: str) -> bytearray:
    """The content of a sealed file, checked completely. Raises: what ``SealedFile`` raises."""
    with SealedFile(path, keys, purpose) as file:
        return file.read(0, file.length)


class SealedFile:
    """A sealed file, open to read parts of it; what was opened stays readable when another takes its place.

    Raises: UsageError (no such file), StoreError (unreadable), Refused (no sealed file, or of another format),
    WrongKey, Tampered (changed, damaged or truncated): of a part that is not read, only that its length is right.
    """

    def __init__(self, path: Path, keys: KeyProvider, purpose: str) -> None:
        self._path = path
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise UsageError(f"{path}: no such file; check the path") from error
        except OSError as error:
            raise _unreadable(path, error) from error
        # A list is dropped when the next one takes its place: nobody is left then to close its file.
        self._closing = weakref.finalize(self, os.close, self._file)
        try:
            self._header = _checked_header(path, self._sealed(0, HEADER_BYTES), os.fstat(self._file).st_size)
            key = keys.derive(purpose, self._header.salt)
            if not hmac.compare_digest(self._header.check, _key_check(key)):
                raise WrongKey(f"{path}: this key or passphrase does not open it; use the one that sealed it")
            self._cipher, self._associated = ChaCha20Poly1305(key), self._header.encoded()
            if not self._header.length:
                for number, sealed in self._chunks(0, 0):
                    self._open(number, sealed, bytearray())  # nothing to read, but its seal can be broken
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> SealedFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def length(self) -> int:
        """Bytes of content."""
        return self._header.length

    def close(self) -> None:
        """Read no more of it."""
        self._closing()

    def check(self) -> None:
        """Open every seal of it, and keep nothing. Raises: Tampered, StoreError."""
        for at in range(0, self.length, _PIECE):
            self.read(at, min(_PIECE, self.length - at))

    def read(self, start: int, count: int) -> bytearray:
        """``count`` bytes of content from ``start``. Raises: Tampered, StoreError; ValueError beyond the content."""
        if not 0 <= start <= start + count <= self.length:
            raise ValueError(f"{count} bytes wanted at {start} of {self.length}")
        # The only copy: a list may be larger than what a small board can spare twice.
        out, size = bytearray(count), self._header.chunk_bytes
        view, at = memoryview(out), 0
        while at < count:
            first, skipped = divmod(start + at, size)
            last = min((start + count - 1) // size, first + _CHUNKS_AT_ONCE - 1)
            for number, sealed in self._chunks(first, last):
                whole = min(size, self.length - number * size)
                wanted = min(whole - skipped, count - at)
                if wanted == whole:
                    self._open(number, sealed, view[at : at + wanted])
                else:
                    chunk = bytearray(whole)
                    self._open(number, sealed, chunk)
                    view[at : at + wanted] = memoryview(chunk)[skipped : skipped + wanted]
                at, skipped = at + wanted, 0
        return out

    def _chunks(self, first: int, last: int) -> Iterator[tuple[int, memoryview]]:
        """Numbers and sealed bytes of chunks, read at once."""
        step, length = self._header.chunk_bytes + _TAG_BYTES, self._header.length
        span = memoryview(self._sealed(HEADER_BYTES + first * step, (last + 1 - first) * step))
        for number in range(first, last + 1):
            at = (number - first) * step
            yield number, span[at : at + min(step, length - number * self._header.chunk_bytes + _TAG_BYTES)]

    def _open(self, number: int, sealed: memoryview, room: memoryview | bytearray) -> None:
        try:
            self._cipher.decrypt_into(self._header.nonce(number), sealed, self._associated, room)
        except (InvalidTag, ValueError) as error:  # ValueError: the file became shorter while it was read
            at = HEADER_BYTES + number * (self._header.chunk_bytes + _TAG_BYTES)
            raise Tampered(f"{self._path}: was changed near byte {at}; {_AGAIN}") from error

    def _sealed(self, at: int, count: int) -> bytes:
        try:
            return os.pread(self._file, count, at)
        except OSError as error:
            raise _unreadable(self._path, error) from error


def _unreadable(path: Path, error: OSError) -> StoreError:
    return StoreError(f"{path}: cannot be read: {error.strerror}; check the disk and who may read it")


def _checked_header(path: Path, head: bytes, file_bytes: int) -> _Header:
    if not head:
        raise Tampered(f"{path}: is empty; {_AGAIN}")
    if head[: len(MAGIC)] != MAGIC[: len(head)]:
        raise Refused(f"{path}: is not a sealed Lapel file (begins with {head[:8]!r}); give one that Lapel made")
    if len(head) < HEADER_BYTES:
        raise Tampered(f"{path}: is truncated at {len(head)} bytes, inside its header; {_AGAIN}")
    fields = head[: _FIELDS.size]
    if _checksum(fields) != head[_FIELDS.size :]:
        raise Tampered(f"{path}: its header was changed or damaged; {_AGAIN}")
    _, version, length, salt, prefix, check = _FIELDS.unpack(fields)
    if version not in _CHUNK_BYTES:
        raise Refused(f"{path}: sealed in format {version}, this Lapel reads {FORMAT}; install the matching Lapel")
    header = _Header(length, salt, prefix, check, version)
    if file_bytes < header.file_bytes:
        raise Tampered(f"{path}: is truncated at {file_bytes} of {header.file_bytes} bytes; {_AGAIN}")
    if file_bytes > header.file_bytes:
        raise Tampered(f"{path}: {file_bytes - header.file_bytes} bytes were added at its end; {_AGAIN}")
    return header


def _chunks(parts: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """The same bytes in pieces of CHUNK_BYTES, only the last one shorter; one empty piece for no bytes."""
    waiting, any_yet = bytearray(), False
    for part in parts:
        waiting += part
        whole = len(waiting) - len(waiting) % CHUNK_BYTES
        for at in range(0, whole, CHUNK_BYTES):
            any_yet = True
            yield bytes(waiting[at : at + CHUNK_BYTES])
        del waiting[:whole]
    if waiting or not any_yet:
        yield bytes(waiting)


def _key_check(key: bytes) -> bytes:
    return hmac.digest(key, b"lapel sealed file key check", "sha256")[:16]


def _checksum(fields: bytes) -> bytes:
    return sha256(fields).digest()[:_CHECKSUM_BYTES]
