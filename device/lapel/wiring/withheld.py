"""What was withdrawn, as the watch knows it: from what this device trusts, where whoever heeds an authority keeps it.

So a withdrawal acts as soon as it was verified, however long the list is: nothing of it has to be written anew.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from lapel.core.withdrawals import Suspended
from lapel.errors import LapelError
from lapel.ports import KeyProvider
from lapel.store.staging import suspended_of
from lapel.store.trust import FILE, Trust, read_trust
from lapel.wiring.stamps import Stamp, stamp_of


class Withheld:
    """The withdrawals of one state folder. One thread looks, others ask."""

    def __init__(self, state: Path, keys: KeyProvider, notice: Callable[[str], None]) -> None:
        """Looks at once. ``notice`` is told where they cannot be read: what was known before stays."""
        self._state, self._keys, self._notice = state, keys, notice
        self._seen: Stamp | None = None
        self._trust: Trust | None = None
        self._out: dict[str, Suspended] = {}
        self.look()

    def look(self) -> None:
        """Read what is trusted where it has changed."""
        stamp = stamp_of(self._state / FILE)
        if stamp is None or stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._trust, self._out = read_trust(self._state, self._keys), {}
        except LapelError as error:
            self._notice(f"WITHDRAWALS CANNOT BE READ, those known before are heeded: {error}")

    def of(self, list_id: str) -> Suspended:
        """What of a list must not match now."""
        out, trust = self._out, self._trust
        if list_id not in out:
            out[list_id] = suspended_of(trust, list_id)
        return out[list_id]

    def asked_by(self, list_id: str) -> Callable[[], Suspended]:
        """The same, for whoever checks sightings against that list."""
        return partial(self.of, list_id)
