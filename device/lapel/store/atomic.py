"""A file is replaced whole or not at all, and stays replaced after a power cut."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from lapel.errors import StoreError, StoreFull

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write_whole(path: Path, parts: Iterable[bytes], writer: str = "") -> None:
    """Put ``parts`` in the place of ``path``: a new file, synced, renamed, its folder synced; mode 0600.

    A reader sees the old file or the new one. ``writer`` begins the name of the draft, so that of several programs each
    may discard its own. Raises: StoreFull, StoreError; the old file stands then.
    """
    draft = path.with_name(f".{path.name}.{writer}{secrets.token_hex(4)}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        discard(draft)
        raise disk_error(path, error) from error
    except BaseException:
        discard(draft)
        raise


def put_in_place(draft: Path, path: Path) -> None:
    """Make a written, synced file stand at a path, also after a power cut. Raises: StoreFull, StoreError."""
    try:
        draft.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise disk_error(path, error) from error


def discard(draft: Path) -> None:
    """Remove a draft if it is there. What keeps it from being removed has already failed the write, and is said there:
    a read-only disk refuses even to remove a file that it does not have."""
    with suppress(OSError):
        draft.unlink(missing_ok=True)


def discard_cut_off(path: Path, writer: str = "") -> None:
    """Remove drafts of a file that a kill or a power cut left: only where nobody else writes that file, or as that
    writer."""
    for draft in path.parent.glob(f".{path.name}.{writer}*.part"):
        discard(draft)


def sync_folder(folder: Path) -> None:
    """Make names in a folder survive a power cut. Raises: OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def disk_error(path: Path, error: OSError) -> StoreError:
    """What a failed write means to the person who must act."""
    if error.errno in _FULL:
        return StoreFull(f"{path}: disk is full ({error.strerror}); make room or enlarge the partition")
    if error.errno == errno.EROFS:
        return StoreError(f"{path}: disk is read-only; remount it writable")
    return StoreError(f"{path}: cannot be written: {error.strerror}; check that {path.parent} is this user's to write")
