"""Acts as the user whose folder it is, for as long as that takes: what root wrote there others could not open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lapel.errors import StoreError


@contextmanager
def as_owner_of(folder: Path) -> Iterator[None]:
    """Be that user, where this is root. Raises: StoreError where there is no such folder."""
    try:
        owner = folder.stat()
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror}; name the device's state folder by --state") from error
    if os.geteuid() != 0 or owner.st_uid == 0:
        yield
        return
    group = os.getegid()
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
