"""What a person brings to a device by hand: the root of an authority, and the folder that it publishes."""

from __future__ import annotations

from pathlib import Path

from lapel.core.updates import LARGEST_MESSAGE_BYTES
from lapel.errors import UsageError
from lapel.store.published import PublishedFolder


def brought_root(path: Path) -> bytes:
    """The bytes of a root. Raises: UsageError."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_MESSAGE_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}; give the authority's 1.root.json") from error


def brought_folder(path: Path) -> PublishedFolder:
    """The published folder at a path, or in it. Raises: UsageError."""
    folder = path if (path / "metadata").is_dir() else path / "public"
    if not (folder / "metadata").is_dir():
        raise UsageError(f"{path}: holds nothing published; give the authority's folder public, copied whole")
    return PublishedFolder(folder)
