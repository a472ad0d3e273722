"""Unlocks and locks a device from its console, as its page does it from a phone."""

from __future__ import annotations

import json
from pathlib import Path

from lapel.errors import HardwareError, Refused
from lapel.store.envelope import seal
from lapel.store.keys import overwrite
from lapel.wiring.companion import Lookout

BY_CONSOLE = "whoever has its console"


def locked_key(socket: Path) -> str | None:
    """The public key for which a passphrase is to be sealed; None where the device is not locked. Raises:
    HardwareError where no lookout answers, or it does not know this user."""
    view = Lookout(socket).view(0)
    if view is None:
        raise HardwareError(f"{socket}: no lookout answers; start lapel-lookout, and ask as root or as its user")
    locked = json.loads(view).get("locked")
    return str(locked["key"]) if locked else None


def unlock(socket: Path, key: str, passphrase: bytearray) -> None:
    """Give the passphrase, which is overwritten here. Raises: Refused saying why it was not taken."""
    try:
        sealed = seal(key, passphrase)
    finally:
        overwrite(passphrase)
    _done(socket, Lookout(socket).unlock({"point": sealed.point, "box": sealed.box}, BY_CONSOLE).trouble)


def lock(socket: Path) -> None:
    """Lock it. Raises: Refused where it is locked already."""
    _done(socket, Lookout(socket).lock(BY_CONSOLE).trouble)


def _done(socket: Path, trouble: str) -> None:
    if trouble:
        raise Refused(f"{socket}: {trouble}")
