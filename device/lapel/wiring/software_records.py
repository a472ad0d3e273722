"""Has what became of updates of the software recorded in the device's journal, as soon as that can be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lapel.errors import LapelError
from lapel.ports import KeyProvider
from lapel.wiring.owner import as_owner_of
from lapel.wiring.recording import record
from lapel.wiring.software import SoftwareUpdates


def record_happened(updates: SoftwareUpdates, state: Path, keys: Callable[[], KeyProvider]) -> str:
    """Record what is not recorded yet; why that could not be, empty where it was.

    It stays to be recorded then: software is updated on a locked device, and on one that was not set up yet, as well.
    """
    for what in updates.shelf.read().happened:
        if not what.is_recorded:
            try:
                with as_owner_of(state):
                    record(state, keys(), updates.clock, what.event())
                updates.recorded(what)
            except LapelError as error:
                return str(error)
    return ""
