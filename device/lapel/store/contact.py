"""When the device last heard of those who answer for its list: the station's ack, or newly signed metadata.

One small file of the state folder, authenticated by the device's key, so that nobody who has the card can say that
there was contact; whoever puts an older copy back only shortens the lease. The link writes it, the lookout reads it.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lapel.errors import StoreError, Tampered
from lapel.ports import Clock, KeyProvider
from lapel.store.atomic import write_whole
from lapel.store.vouched import SALT_BYTES, proof

CONTACT = "contact.json"
"""Its name in a state folder."""
_PURPOSE = "contact"
_EVERY_NS = 60 * 10**9


@dataclass(frozen=True, slots=True)
class Contact:
    """``at`` is wall-clock time (UTC) and never falls. ``boot`` and ``monotonic_ns`` say when in that boot it was, so
    that within one boot a clock that is set changes nothing about how long ago it was."""

    at: datetime
    boot: str
    monotonic_ns: int


class Contacts:
    """Keeps the last contact of one state folder. One process writes; at most one write a minute."""

    def __init__(self, state: Path, keys: KeyProvider, clock: Clock) -> None:
        self._path, self._keys, self._clock = state / CONTACT, keys, clock
        self._salt = secrets.token_bytes(SALT_BYTES)
        self._last: Contact | None = None

    def note(self) -> None:
        """There is contact now. Raises: StoreFull, StoreError."""
        boot, monotonic_ns = self._clock.boot_id(), self._clock.monotonic_ns()
        last = self._last
        if last is not None and last.boot == boot and monotonic_ns - last.monotonic_ns < _EVERY_NS:
            return
        try:
            last = last or last_contact(self._path.parent, self._keys)
        except Tampered:
            last = None  # what somebody else wrote counts for nothing, and there is contact now
        at = datetime.fromtimestamp(self._clock.wall_ns() / 1e9, UTC)
        contact = Contact(max(at, last.at) if last else at, boot, monotonic_ns)
        said = {"at": contact.at.isoformat(), "boot": boot, "monotonic_ns": monotonic_ns}
        shown = proof(_PURPOSE, said, self._salt, self._keys)
        data = json.dumps(said | {"salt": self._salt.hex(), "proof": shown}).encode()
        write_whole(self._path, [data])
        self._last = contact


def last_contact(state: Path, keys: KeyProvider) -> Contact | None:
    """The last contact; None where there never was any. Raises: Tampered, StoreError."""
    path = state / CONTACT
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}; check who may read it") from error
    try:
        values = json.loads(data)
        shown, salt = str(values.pop("proof")), bytes.fromhex(values.pop("salt"))
        contact = Contact(datetime.fromisoformat(values["at"]), str(values["boot"]), int(values["monotonic_ns"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise Tampered(f"{path}: is damaged; it counts as no contact at all") from error
    if not hmac.compare_digest(shown.encode(errors="replace"), proof(_PURPOSE, values, salt, keys).encode()):
        raise Tampered(f"{path}: was not written by this device's link; it counts as no contact at all")
    return contact
