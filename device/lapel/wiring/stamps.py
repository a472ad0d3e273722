"""Tells whether another file stands in a place."""

from __future__ import annotations

from pathlib import Path

Stamp = tuple[int, int, int]
"""Which file it is: inode, time of change in ns, bytes. A list is replaced by a rename, never written over."""


def stamp_of(path: Path) -> Stamp | None:
    """Which file stands there; None where none does, or nobody may look."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
