"""Has what became of updates of the software recorded in the device's journal, as soon as that can be."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lapel.errors import LapelError, StoreError
from lapel.ports import KeyProvider
from lapel.wiring.recording import record
from lapel.wiring.software import SoftwareUpdates


def record_happened(updates: SoftwareUpdates, state: Path, keys: Callable[[], KeyProvider]) -> str:
    """Record what is not recorded yet; why that could not be, empty where it was.

    It stays to be recorded then: software is updated on a locked device, and on one that was not set up yet, as well.
    """
    for what in updates.shelf.read().happened:
        if not what.is_recorded:
            try:
                with _as_owner_of(state):
                    record(state, keys(), updates.clock, what.event())
                updates.recorded(what)
            except LapelError as error:
                return str(error)
    return ""


@contextmanager
def _as_owner_of(state: Path) -> Iterator[None]:
    """Be the user whose state folder it is: what root wrote there the lookout could not open. Raises: StoreError."""
    try:
        owner = state.stat()
    except OSError as error:
        raise StoreError(f"{state}: {error.strerror}; name the device's state folder by --state") from error
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
