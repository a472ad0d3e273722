"""What a device has of what is published, by hash: kept, so that of the next version only what is new has to travel.

Everything in it is as it travelled: metadata is signed, the rest encrypted. Files are renamed into their place and not
synced: one that a power cut spoilt is seen when its hash is taken, and is got again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from lapel.core.updates import LARGEST_LIST_BYTES, LARGEST_MESSAGE_BYTES, Why
from lapel.errors import StoreError, UpdateRefused
from lapel.store.atomic import discard, disk_error

PIECES = "pieces"
"""Its name in a state folder."""
QUOTA_BYTES = LARGEST_LIST_BYTES + (64 << 20)
"""The longest list, and what else is published of it."""
_MOST_SPOILT = 16
BESIDE_BYTES = 64 << 20
"""Above the quota, for what comes before a list's length is known: metadata, manifest, and the pages of its table."""
MOST_FILES = 1_000_000
_FREED = 16
"""One part of so many is freed at a time: whoever fills the folder must not have it looked through for each piece."""


class Pieces:
    """The folder, for one process at a time. What is over the quota goes before anything new comes: nobody is believed
    about what is worth keeping, least of all whoever holds the broker."""

    def __init__(self, folder: Path, quota_bytes: int = QUOTA_BYTES, most_files: int = MOST_FILES) -> None:
        self._folder, self._quota_bytes, self._most_files = folder, quota_bytes, most_files
        self._spoilt: dict[str, bytes] = {}
        self._kept: tuple[int, int] | None = None
        """Bytes and files, once they were counted."""

    def has(self, name: str) -> bool:
        """Whether a piece is there, whole; a spoilt one goes."""
        data = self._read(name)
        if data is not None and sha256(data).hexdigest() != name:
            discard(self._path(name))
            self._kept = None
            return False
        return data is not None

    def get(self, name: str) -> bytes | None:
        """A piece, or what was given in its place; None where there is neither. Not to be believed for that."""
        data = self._read(name)
        return self._spoilt.get(name) if data is None else data

    def put(self, name: str, data: bytes) -> None:
        """Keep a piece that has this hash, the oldest others going where there is no room; one that is longer than any
        message may be is spoilt. Raises: StoreFull, StoreError; nothing is left of it then."""
        if len(data) > LARGEST_MESSAGE_BYTES:
            self.spoil(name, data)
            return
        self._see_to_room(len(data))
        path = self._path(name)
        draft = path.with_name(f".{name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            draft.replace(path)
        except OSError as error:
            discard(draft)
            raise disk_error(path, error) from error
        self._spoilt.pop(name, None)

    def spoil(self, name: str, data: bytes) -> None:
        """Remember what was given in the place of a piece, for whoever refuses it to say so."""
        if len(self._spoilt) < _MOST_SPOILT:
            self._spoilt[name] = data[: LARGEST_MESSAGE_BYTES + 1]

    def forgive(self) -> None:
        """Forget what was spoilt: it is to be got again."""
        self._spoilt.clear()

    def make_room(self, wanted: Set[bytes], length: int) -> None:
        """See that these fit, by their hashes and their bytes in all: others go if they must.

        Raises: UpdateRefused where they are over the quota by themselves.
        """
        if length > self._quota_bytes:
            raise UpdateRefused(
                Why.OVERSIZE.value,
                f"the list has {length >> 10} KiB, and this device keeps {self._quota_bytes >> 10} of pieces; publish "
                "a shorter one, or give the link a larger --lists-mib",
            )
        others = sum(path.stat().st_size for path in self._files() if _sha256_of(path) not in wanted)
        if length + others > self._quota_bytes:
            self.keep_only(wanted)

    def keep_only(self, wanted: Set[bytes]) -> None:
        """Remove every other piece, and drafts that were cut off."""
        for path in self._files():
            if _sha256_of(path) not in wanted:
                discard(path)
        self._kept = None

    def _see_to_room(self, length: int) -> None:
        kept_bytes, files = self._kept or self._counted()
        most_bytes = self._quota_bytes + BESIDE_BYTES
        if kept_bytes + length > most_bytes or files >= self._most_files:
            self._free(most_bytes - length - most_bytes // _FREED, self._most_files - 1 - self._most_files // _FREED)
            kept_bytes, files = self._counted()
        self._kept = kept_bytes + length, files + 1

    def _counted(self) -> tuple[int, int]:
        sizes = [path.stat().st_size for path in self._files()]
        return sum(sizes), len(sizes)

    def _free(self, most_bytes: int, most_files: int) -> None:
        """Remove the oldest until no more than so much is left."""
        found = sorted((stat.st_mtime_ns, stat.st_size, path) for path in self._files() for stat in (path.stat(),))
        left_bytes, left = sum(size for _, size, _ in found), len(found)
        for _, size, path in found:
            if left_bytes <= most_bytes and left <= most_files:
                return
            discard(path)
            left_bytes, left = left_bytes - size, left - 1

    def _files(self) -> Iterator[Path]:
        yield from self._folder.glob("??/*")

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _read(self, name: str) -> bytes | None:
        path = self._path(name)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{path}: cannot be read: {error.strerror}; check the disk") from error


def _sha256_of(path: Path) -> bytes:
    """The hash that a file is named by; empty for what is no piece."""
    try:
        return bytes.fromhex(path.name)
    except ValueError:
        return b""


@dataclass(frozen=True, slots=True)
class Pulled:
    """Port Offer: pieces, and the hash of each metadata file as the news has it."""

    pieces: Pieces
    files: Mapping[str, str] = field(default_factory=dict)

    def metadata(self, name: str) -> bytes | None:
        """A file of metadata that the news names."""
        sha256 = self.files.get(name)
        return None if sha256 is None else self.pieces.get(sha256)

    def manifest(self, sha256: str) -> bytes | None:
        """A manifest."""
        return self.pieces.get(sha256)

    def chunk(self, sha256: str) -> bytes | None:
        """A chunk."""
        return self.pieces.get(sha256)
