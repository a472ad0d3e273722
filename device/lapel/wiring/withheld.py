"""What was withdrawn, as the watch knows it: from what this device trusts, where whoever heeds an authority keeps it.

So a withdrawal acts as soon as it was verified, however long the list is: nothing of it has to be written anew.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from lapel.core.withdrawals import EVERYTHING, NOTHING, Suspended
from lapel.errors import LapelError, StoreError
from lapel.ports import KeyProvider
from lapel.store.trust import FILE, Trust, read_trust, suspended_of
from lapel.wiring.stamps import Stamp, stamp_of


class Withheld:
    """The withdrawals of one state folder. One thread looks, others ask."""

    def __init__(
        self,
        state: Path,
        keys: KeyProvider,
        notice: Callable[[str], None],
        stop: Callable[[], None] = lambda: None,
    ) -> None:
        """Looks at once. ``notice`` is told where they cannot be read: what was known before stays, and where nothing
        was known everything is withheld. ``stop`` is called where this device was ordered to be wiped."""
        self._state, self._keys, self._notice, self._stop = state, keys, notice, stop
        self._seen: Stamp | None = None
        self._trust: Trust | None = None
        self._out: dict[tuple[str, int], Suspended] = {}
        self._is_unknown = self._is_stopped = False
        self._said = ""
        self.look()

    def look(self) -> None:
        """Read what is trusted where it has changed."""
        stamp = stamp_of(self._state / FILE)
        if stamp is None or stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._trust, self._out = read_trust(self._state, self._keys), {}
            self._is_unknown = False
            self._heed_order(self._trust)
        except LapelError as error:
            if isinstance(error, StoreError):
                self._seen = None  # the disk may answer the next time
            self._is_unknown = self._trust is None
            heeded = "so that nothing of the list is told of" if self._is_unknown else "those known before are heeded"
            self._say(f"WITHDRAWALS CANNOT BE READ, {heeded}: {error}")

    def of(self, list_id: str, version: int) -> Suspended:
        """What of a version of a list must not match now."""
        if self._is_unknown:
            return EVERYTHING
        out, trust, asked = self._out, self._trust, (list_id, version)
        if asked not in out:
            out[asked] = suspended_of(trust, *asked)
        return out[asked]

    def _heed_order(self, trust: Trust | None) -> None:
        if trust is not None and trust.wipe is not None and not self._is_stopped:
            self._is_stopped = True
            self._say(f"THIS DEVICE IS WIPED, {trust.wipe.why}: the watch ends, and nothing is told of any more")
            self._stop()

    def _say(self, text: str) -> None:
        if text != self._said:
            self._said = text
            self._notice(text)


def asked_of(withheld: Withheld | None, list_id: str, version: int) -> Callable[[], Suspended]:
    """What is asked of a version of a list at every check; nothing is withheld where there is no state to ask."""
    return (lambda: NOTHING) if withheld is None else partial(withheld.of, list_id, version)
