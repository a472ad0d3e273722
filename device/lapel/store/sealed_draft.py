"""A sealed file of a length that is known, written in any order: for content that comes part by part, and lies apart.

Nothing but the chunks that are not complete yet is in memory, however long the file is.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from lapel.errors import StoreError
from lapel.ports import KeyProvider
from lapel.store.atomic import discard, disk_error, put_in_place
from lapel.store.sealed import CHUNK_BYTES, new_seal, place_of_chunk


@dataclass(slots=True)
class _Chunk:
    """``missing`` bytes were not written yet."""

    room: bytearray
    missing: int


class SealedDraft:
    """A sealed file, which takes the place of ``path`` when it is left, and is removed when it is left with an error.

    Each byte is to be written once. Raises: StoreFull, StoreError; the old file stands then.
    """

    def __init__(self, path: Path, length: int, keys: KeyProvider, purpose: str) -> None:
        self._path, self._length = path, length
        self._draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        self._seal, self._header = new_seal(length, keys, purpose)
        self._chunks: dict[int, _Chunk] = {}
        try:
            self._file = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise disk_error(path, error) from error

    def __enter__(self) -> SealedDraft:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            if kind is None:
                self._finish()
        except StoreError:  # itself an OSError, and said already
            raise
        except OSError as failed:
            raise disk_error(self._path, failed) from failed
        finally:
            os.close(self._file)
            discard(self._draft)

    def write(self, at: int, data: bytes | bytearray | memoryview) -> None:
        """Put bytes at a place of the content. Raises: StoreFull, StoreError; ValueError beyond the content."""
        left = memoryview(data).cast("B")
        if not 0 <= at <= at + len(left) <= self._length:
            raise ValueError(f"{len(left)} bytes at {at} of {self._length}")
        while left:
            number, skipped = divmod(at, CHUNK_BYTES)
            chunk = self._chunks.get(number) or self._begun(number)
            part = left[: len(chunk.room) - skipped]
            chunk.room[skipped : skipped + len(part)] = part
            chunk.missing -= len(part)
            if not chunk.missing:
                self._put(place_of_chunk(number), self._seal(number, self._chunks.pop(number).room))
            at, left = at + len(part), left[len(part) :]

    def _begun(self, number: int) -> _Chunk:
        size = min(CHUNK_BYTES, self._length - number * CHUNK_BYTES)
        chunk = self._chunks[number] = _Chunk(bytearray(size), size)
        return chunk

    def _put(self, at: int, sealed: bytes) -> None:
        left = memoryview(sealed)
        try:
            while left:  # a disk that becomes full takes a part first
                written = os.pwrite(self._file, left, at)
                at, left = at + written, left[written:]
        except OSError as error:
            raise disk_error(self._path, error) from error

    def _finish(self) -> None:
        if self._chunks:
            missing = sum(chunk.missing for chunk in self._chunks.values())
            raise StoreError(f"{self._path}: {missing} bytes of it were never written; report this")
        if not self._length:
            self._put(place_of_chunk(0), self._seal(0, b""))
        self._put(0, self._header)
        os.fsync(self._file)
        put_in_place(self._draft, self._path)
