"""When the device last heard of those who answer for its list: the station's ack, or newly signed metadata.

One small file of the state folder, vouched for by the device's key, so that nobody who has the card can say that there
was contact; whoever puts an older copy back only shortens the lease. It is bound to the key that was drawn when an
authority was trusted: that of another device with the same passphrase counts for nothing. The link writes it, the
lookout reads it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from lapel.core.lease import Moment, moment_from, moment_values, spent
from lapel.errors import Refused, Tampered
from lapel.ports import Clock, KeyProvider
from lapel.store.lease_spent import SpentLease
from lapel.store.trust import read_trust
from lapel.store.vouched import VouchedFile

CONTACT = "contact.json"
"""Its name in a state folder."""
_PURPOSE, _WRITER = "contact", "link-"
_EVERY_NS = 60 * 10**9


class Contacts:
    """Keeps the last contact of one state folder, and that the lease begins. One process writes; at most one write a
    minute."""

    def __init__(self, state: Path, keys: KeyProvider, clock: Clock) -> None:
        self._state, self._keys, self._clock = state, keys, clock
        self._lease = SpentLease(state, keys, _WRITER)
        self._file: VouchedFile | None = None
        self._purpose = ""
        self._last: Moment | None = None

    def note(self) -> None:
        """There is contact now; it is not kept where what is trusted cannot be read. Raises: StoreFull, StoreError."""
        boot, monotonic_ns = self._clock.boot_id(), self._clock.monotonic_ns()
        last = self._last
        if last is not None and last.boot == boot and monotonic_ns - last.monotonic_ns < _EVERY_NS:
            return
        try:
            purpose = _purpose(self._state, self._keys)
        except Refused:
            return
        if self._file is None or purpose != self._purpose:  # kept else, as a new salt may cost half a second
            self._file, self._purpose = VouchedFile(self._state / CONTACT, self._keys, purpose, _WRITER), purpose
        try:
            last = last or last_contact(self._state, self._keys)
        except Tampered:
            last = None  # what somebody else wrote counts for nothing, and there is contact now
        at = datetime.fromtimestamp(self._clock.wall_ns() / 1e9, UTC)
        contact = Moment(max(at, last.at) if last else at, boot, monotonic_ns)
        self._file.write(moment_values(contact))
        self._lease.keep(spent(contact, None, contact))
        self._last = contact


def last_contact(state: Path, keys: KeyProvider) -> Moment | None:
    """The last contact, its wall-clock time never falling; None where there never was any. Raises: Tampered, WrongKey,
    StoreError."""
    values = VouchedFile(state / CONTACT, keys, _purpose(state, keys)).read()
    return None if values is None else moment_from(values)


def _purpose(state: Path, keys: KeyProvider) -> str:
    trust = read_trust(state, keys)
    return _PURPOSE if trust is None else f"{_PURPOSE} {trust.sealing}"
