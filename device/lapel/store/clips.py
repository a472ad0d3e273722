"""The folder of clips: sealed files, each named by its clip, each whole or not there."""

from __future__ import annotations

import re
from pathlib import Path

from lapel.core.clip_records import ClipHead, KeptClip, parse_head
from lapel.errors import StoreError, Tampered, UsageError
from lapel.ports import KeyProvider
from lapel.store.atomic import disk_error, sync_folder
from lapel.store.sealed import read_sealed, sealed_bytes, write_sealed

PURPOSE = "clip"
FOLDER = "clips"
ENDING = ".clip"
_NAME = re.compile(r"[0-9a-f]{32}")
_LENGTH_BYTES = 4


class SealedClips:
    """Clips in ``folder``, sealed as watchlists are. Content of a file: length of the head u32 | head | film.

    The lookout alone writes; whoever holds the key reads and removes. Raises: StoreError.
    """

    def __init__(self, folder: Path, keys: KeyProvider) -> None:
        self.folder, self._keys = folder, keys

    def keep(self, head: ClipHead, film: bytes) -> None:
        """Seal a clip into its file, whole or not at all. Raises: StoreFull, StoreError."""
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise disk_error(self.folder, error) from error
        said = head.encoded()
        write_sealed(self._path(head.id), (len(said).to_bytes(_LENGTH_BYTES, "big"), said, film), self._keys, PURPOSE)

    @staticmethod
    def file_bytes(head: ClipHead) -> int:
        """How large the file of a clip is."""
        return sealed_bytes(_LENGTH_BYTES + len(head.encoded()) + head.film_bytes)

    def read(self, clip: str) -> tuple[ClipHead, bytes]:
        """What a clip is, and its film. Raises: UsageError (no such clip), Tampered, WrongKey, StoreError."""
        path = self._path(clip)
        if not path.exists():
            raise UsageError(f"clip {clip}: there is no such file in {self.folder}; see lapel clip list")
        content = memoryview(read_sealed(path, self._keys, PURPOSE))
        begins = _LENGTH_BYTES + int.from_bytes(content[:_LENGTH_BYTES], "big")
        try:
            head = parse_head(bytes(content[_LENGTH_BYTES:begins]))
        except ValueError as error:
            raise Tampered(f"{path}: {error}; it was not written by this Lapel") from error
        if head.id != clip:
            raise Tampered(f"{path}: holds clip {head.id}; it was renamed, give it its own name back")
        return head, bytes(content[begins:])

    def kept(self) -> tuple[KeptClip, ...]:
        """The clips that are there, the oldest first. Raises: StoreError."""
        found = []
        try:
            for path in self.folder.iterdir() if self.folder.is_dir() else ():
                if path.suffix == ENDING and _NAME.fullmatch(path.stem):
                    stat = path.stat()
                    found.append(KeptClip(path.stem, stat.st_size, stat.st_mtime_ns))
        except OSError as error:
            raise StoreError(f"{self.folder}: cannot be read: {error.strerror}; check who owns it") from error
        return tuple(sorted(found, key=lambda each: (each.made_ns, each.clip)))

    def remove(self, clip: str) -> None:
        """Remove a clip's file; one that is gone already is fine. Raises: StoreError."""
        path = self._path(clip)
        try:
            path.unlink(missing_ok=True)
            sync_folder(self.folder)
        except OSError as error:
            raise disk_error(path, error) from error

    def remove_drafts(self) -> None:
        """Remove what a killed writer left half-written. For the writer alone. Raises: StoreError."""
        for draft in self.folder.glob(f".*{ENDING}.*.part"):
            try:
                draft.unlink(missing_ok=True)
            except OSError as error:
                raise disk_error(draft, error) from error

    def _path(self, clip: str) -> Path:
        if not _NAME.fullmatch(clip):
            raise UsageError(f"clip {clip!r}: is no clip's name; see lapel clip list")
        return self.folder / f"{clip}{ENDING}"
