"""What an authority publishes, as files: on a stick, on a server, or on the way there.

``metadata/NAME`` · ``lists/SHA256.json`` · ``chunks/ab/SHA256`` · ``software/SHA256.deb``. Beside a manifest,
``lists/SHA256.chunks`` names its chunks, for whoever brings them elsewhere: its own table is encrypted, and devices
never read that file. Nothing in it is trusted for being there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lapel.core.updates import LARGEST_MESSAGE_BYTES
from lapel.errors import StoreError
from lapel.store.atomic import disk_error, put_in_place, sync_folder, write_whole

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class PublishedFolder:
    """The published files under ``path``. What is read is cut off one byte above what may be: it is refused then."""

    path: Path

    def metadata(self, name: str) -> bytes | None:
        """A file of metadata; None where there is none. Raises: StoreError."""
        return _read(self.path / "metadata" / name)

    def manifest(self, sha256: str) -> bytes | None:
        """The manifest of a hash; None where there is none. Raises: StoreError."""
        return _read(self.path / "lists" / f"{sha256}.json")

    def chunk(self, sha256: str) -> bytes | None:
        """The chunk of a hash; None where there is none. Raises: StoreError."""
        return _read(self._chunk(sha256))

    def package(self, sha256: str) -> Path | None:
        """Where the package of a hash lies; None where it does not."""
        path = self._package(sha256)
        return path if path.is_file() else None

    def packages(self) -> tuple[str, ...]:
        """The hashes of the packages that lie there."""
        return tuple(sorted(path.stem for path in self.path.glob("software/*.deb")))

    def has_chunk(self, sha256: str) -> bool:
        """Whether a chunk lies there, whole or not."""
        return self._chunk(sha256).is_file()

    def manifests(self) -> tuple[str, ...]:
        """The hashes of the manifests that lie there."""
        return tuple(sorted(path.stem for path in self.path.glob("lists/*.json")))

    def chunks(self) -> tuple[str, ...]:
        """The hashes of the chunks that lie there."""
        return tuple(sorted(path.name for path in self.path.glob("chunks/??/*") if not path.name.startswith(".")))

    def chunks_of(self, manifest: str) -> tuple[str, ...]:
        """The hashes of a manifest's chunks; of a list published before they were noted, of all. Raises: StoreError."""
        path = self._index(manifest)
        try:
            return tuple(path.read_text(encoding="ascii").split())
        except FileNotFoundError:
            return self.chunks()
        except (OSError, ValueError) as error:
            raise StoreError(f"{path}: cannot be read; propose and publish the list again") from error

    def put_chunks_of(self, manifest: str, names: Iterable[str]) -> None:
        """Note which chunks a manifest has. Raises: StoreError."""
        _write(self._index(manifest), "\n".join(sorted(set(names))).encode())

    def put_metadata(self, name: str, data: bytes) -> None:
        """Publish metadata. Raises: StoreError."""
        _write(self.path / "metadata" / name, data)

    def put_manifest(self, sha256: str, data: bytes) -> None:
        """Publish a manifest. Raises: StoreError."""
        _write(self.path / "lists" / f"{sha256}.json", data)

    def put_chunk(self, sha256: str, data: bytes) -> None:
        """Publish a chunk. Raises: StoreError."""
        _write(self._chunk(sha256), data)

    def put_package(self, sha256: str, package: Path) -> None:
        """Publish a package: a copy of a file. Raises: StoreError."""
        path = self._package(sha256)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with package.open("rb") as file:
                write_whole(path, iter(partial(file.read, _BLOCK_BYTES), b""))
        except OSError as error:
            raise disk_error(path, error) from error

    def put_chunk_in_draft(self, sha256: str, data: bytes) -> None:
        """Write a chunk that a power cut may lose until the system has synced its disks. Raises: StoreError."""
        path = self._chunk(sha256)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise disk_error(path, error) from error

    def take_chunks(self, other: PublishedFolder) -> None:
        """Publish the chunks of a folder on the same disk: moved, not copied. Raises: StoreError."""
        folders: dict[Path, None] = {}
        for name in other.chunks():
            path = self._chunk(name)
            try:
                if path.parent not in folders:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    folders[path.parent] = None
                other._chunk(name).replace(path)
            except OSError as error:
                raise disk_error(path, error) from error
        for folder in (*folders, self.path / "chunks") if folders else ():
            sync_folder(folder)

    def _index(self, manifest: str) -> Path:
        return self.path / "lists" / f"{manifest}.chunks"

    def take_packages(self, other: PublishedFolder) -> None:
        """Publish the packages of a folder on the same disk: moved, not copied. Raises: StoreError."""
        for name in other.packages():
            path = self._package(name)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise disk_error(path, error) from error
            put_in_place(other._package(name), path)

    def _package(self, sha256: str) -> Path:
        return self.path / "software" / f"{sha256}.deb"

    def _chunk(self, sha256: str) -> Path:
        return self.path / "chunks" / sha256[:2] / sha256


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_MESSAGE_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}; check the disk or the stick") from error


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(path, error) from error
    write_whole(path, [data])
