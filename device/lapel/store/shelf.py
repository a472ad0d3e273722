"""What a device keeps for updates of its software: whom it trusts in that, packages by hash, and what became of them.

A folder of root's own, apart from the state folder: whoever installs packages is root, and must not have to believe
what a program that sees the network or a camera can write. It holds no secret, and needs no key to be opened.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import asdict, dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from lapel.core.software import APPLYING, FORMER, READY, Happened, Outcome, Release, happened_from
from lapel.core.updates import Floors, Why
from lapel.errors import StoreError, Tampered, UpdateRefused, UsageError
from lapel.store.atomic import discard, disk_error, put_in_place, sync_folder, write_whole
from lapel.store.trust import floors_in, floors_said

SOFTWARE_FILE = "software.json"
_MOST_HAPPENED = 50
_BLOCK_BYTES = 1 << 20
_AGAIN = "lapel update fetch FOLDER, or lapel update keep FILE.deb for what is installed"


@dataclass(frozen=True, slots=True)
class Software:
    """``packages`` are those that lie here, the one that was fetched last at the end, if one was; ``previous`` is the
    version before the installed one. What was put back is ``shunned``."""

    root: bytes = field(repr=False)
    floors: Floors = field(default_factory=Floors)
    packages: tuple[Release, ...] = ()
    fetched: Release | None = None
    previous: str = ""
    shunned: tuple[str, ...] = ()
    happened: tuple[Happened, ...] = ()

    def kept(self, version: str) -> Release | None:
        """The package of a version, if it lies here."""
        return next((each for each in self.packages if each.version == version), None)

    def encoded(self) -> bytes:
        """As JSON."""
        values = asdict(self) | {
            "root": base64.b64encode(self.root).decode(),
            "floors": floors_said(self.floors),
            "happened": [each.values() for each in self.happened[-_MOST_HAPPENED:]],
        }
        return json.dumps(values, indent=1).encode()


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder at ``path``, for one process at a time: whoever writes holds the lock of its file."""

    path: Path

    @property
    def file(self) -> Path:
        """What says all but the packages."""
        return self.path / SOFTWARE_FILE

    def read(self) -> Software:
        """What is kept. Raises: UsageError where no authority is trusted here, Tampered, StoreError."""
        try:
            return _decoded(self.file.read_bytes())
        except FileNotFoundError:
            raise UsageError(f"{self.file}: no authority is trusted with software; lapel update trust ROOT") from None
        except (KeyError, TypeError, ValueError) as error:
            raise Tampered(f"{self.file}: says nothing that this Lapel understands; lapel update trust anew") from error
        except OSError as error:
            raise StoreError(f"{self.file}: cannot be read: {error.strerror}; do it as root") from error

    def write(self, software: Software) -> None:
        """Keep it. Raises: StoreFull, StoreError."""
        write_whole(self.file, [software.encoded()])

    def package(self, release: Release) -> Path:
        """Where its package lies."""
        return self.path / f"{release.sha256}.deb"

    def put(self, release: Release, source: BinaryIO) -> None:
        """Copy a package that is what was signed, whole or not at all. Raises: UpdateRefused, StoreFull, StoreError."""
        path = self.package(release)
        draft = path.with_suffix(".part")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            with os.fdopen(descriptor, "wb") as file:
                _copy(release, source, file)
            put_in_place(draft, path)
        except (UpdateRefused, StoreError):
            raise
        except OSError as error:
            raise disk_error(path, error) from error
        finally:
            discard(draft)

    def check(self, release: Release) -> Path:
        """Where its package lies, read once more. Raises: UpdateRefused where it is not what it was."""
        path = self.package(release)
        try:
            with path.open("rb") as file:
                _copy(release, file, None)
        except UpdateRefused as error:
            raise UpdateRefused(error.why, f"{path}: {error}; {_AGAIN}") from error
        except OSError as error:
            raise UpdateRefused(Why.MISSING.value, f"{path}: {error.strerror}; {_AGAIN}") from error
        return path

    def is_whole(self, release: Release) -> bool:
        """Whether its package lies here as it was signed."""
        try:
            self.check(release)
        except UpdateRefused:
            return False
        return True

    def keep_only(self, software: Software) -> None:
        """Remove packages that are none of these, and what was cut off."""
        names = {self.package(each).name for each in software.packages}
        for path in (*self.path.glob("*.deb"), *self.path.glob("*.part")):
            if path.name not in names | {FORMER}:
                discard(path)

    def begin(self, coming: Happened, former: Release) -> None:
        """Mark that a version is being installed in the place of another: what will have happened once it works.

        Raises: StoreFull, StoreError.
        """
        draft = self.path / f".{FORMER}"
        discard(draft)
        try:
            os.link(self.package(former), draft)
        except OSError as error:
            raise disk_error(draft, error) from error
        put_in_place(draft, self.path / FORMER)
        write_whole(self.path / APPLYING, [json.dumps(coming.values()).encode()])

    def works(self) -> None:
        """Mark that what was being installed works: it is not taken back any more. Raises: StoreError."""
        put_in_place(self.path / APPLYING, self.path / READY)

    def marked(self, name: str) -> Happened | None:
        """What a mark says; None where it does not stand."""
        try:
            return happened_from(json.loads((self.path / name).read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, KeyError, TypeError, ValueError):
            return Happened(Outcome.APPLIED, "", "", "", "")  # the mark counts, not what it says

    def unmark(self, name: str) -> None:
        """Remove a mark, also for after a power cut. Raises: StoreError."""
        try:
            (self.path / name).unlink(missing_ok=True)
            sync_folder(self.path)
        except OSError as error:
            raise disk_error(self.path / name, error) from error


def _copy(release: Release, source: BinaryIO, out: Any) -> None:
    """Read a package to its end, into a file or nowhere. Raises: UpdateRefused where it is another, OSError."""
    digest, length = sha256(), 0
    for block in iter(partial(source.read, _BLOCK_BYTES), b""):
        length += len(block)
        if length > release.length:
            raise UpdateRefused(Why.OVERSIZE.value, f"software {release}: its package is longer than was signed")
        digest.update(block)
        if out is not None:
            out.write(block)
    if length < release.length or digest.hexdigest() != release.sha256:
        raise UpdateRefused(Why.TAMPERED.value, f"software {release}: its package is not the one that was signed")
    if out is not None:
        out.flush()
        os.fsync(out.fileno())


def _decoded(data: bytes) -> Software:
    values: dict[str, Any] = json.loads(data)
    return Software(
        root=base64.b64decode(values["root"]),
        floors=floors_in(values["floors"]),
        packages=tuple(Release(**each) for each in values["packages"]),
        fetched=None if values["fetched"] is None else Release(**values["fetched"]),
        previous=values["previous"],
        shunned=tuple(values["shunned"]),
        happened=tuple(map(happened_from, values["happened"])),
    )
