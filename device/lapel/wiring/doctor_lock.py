"""Whether a device that its phone unlocks is unlocked, as its lookout says."""

from __future__ import annotations

from pathlib import Path

from lapel.errors import DeviceLocked, HardwareError
from lapel.store.attempts import Attempts
from lapel.wiring.lent_keys import REMEDY, LentKeys


def examine_lock(state: Path) -> str:
    """That it is unlocked. Raises: DeviceLocked, HardwareError (no lookout runs), StoreError."""
    is_locked, wrong = LentKeys(state).is_locked, Attempts(state).read().wrong
    if is_locked is None:
        raise HardwareError(
            f"{state}: no lookout runs, so that nobody can unlock it; start lapel-lookout, then {REMEDY}"
        )
    if is_locked:
        said = f", {wrong} wrong passphrase{'' if wrong == 1 else 's'} since it was" if wrong else ""
        raise DeviceLocked(f"{state}: LOCKED{said}: nothing is looked at; {REMEDY}")
    return "unlocked; its lookout lends keys to its other processes"
