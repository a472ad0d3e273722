"""What was withdrawn, as the watch knows it: from what this device trusts, where whoever heeds an authority keeps it.

So a withdrawal acts as soon as it was verified, however long the list is: nothing of it has to be written anew. Where
what is trusted was taken away, or an older copy put in its place, nothing is looked for (core.charter).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path

from lapel.core.charter import Charter, Mark, wanting
from lapel.core.listed import Listed
from lapel.core.records import Event, RecordKind
from lapel.core.withdrawals import EVERYTHING, NOTHING, Suspended
from lapel.errors import LapelError, StoreError
from lapel.ports import Clock, KeyProvider
from lapel.store.trust import FILE, Trust, read_trust, suspended_of
from lapel.wiring.stamps import Stamp, stamp_of

REMEDY = "have the link bring what is newest, or trust the authority anew and import its list (lapel watchlist trust)"


def without_trust(demanded: tuple[Mark | None, ...], trust: Trust | None) -> str:
    """Why a list must not be looked for, by what it and the journal demand to be trusted; empty where it may."""
    mark = trust.mark if trust is not None else None
    return next((why for each in demanded if each is not None and (why := wanting(each, mark))), "")


class Withheld:
    """The withdrawals of one state folder. One thread looks, others ask."""

    def __init__(
        self,
        state: Path,
        keys: KeyProvider,
        notice: Callable[[str], None],
        stop: Callable[[], None] = lambda: None,
        known: Mark | None = None,
        keep: Callable[[Event], object] = lambda event: None,
    ) -> None:
        """Looks at once. ``notice`` is told where they cannot be read: what was known before stays, and where nothing
        was known everything is withheld. ``stop`` is called where this device was ordered to be wiped. ``known`` is how
        far its trust was by the journal; where it is not so far, ``keep`` is given a record of that."""
        self._state, self._keys, self._notice, self._stop = state, keys, notice, stop
        self._known, self._keep = known, keep
        self._seen: Stamp | None = None
        self._trust: Trust | None = None
        self._out: dict[tuple[str, int, Charter | None], Suspended] = {}
        self._is_unknown = self._is_stopped = False
        self._said = self._refused = ""
        self.look()

    def look(self) -> None:
        """Read what is trusted where it has changed."""
        stamp = stamp_of(self._state / FILE)
        if stamp is None or stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._take(read_trust(self._state, self._keys))
        except LapelError as error:
            if isinstance(error, StoreError):
                self._seen = None  # the disk may answer the next time
            self._is_unknown = self._trust is None
            heeded = "so that nothing of the list is told of" if self._is_unknown else "those known before are heeded"
            self._say(f"WITHDRAWALS CANNOT BE READ, {heeded}: {error}")

    def _take(self, trust: Trust | None) -> None:
        before = self._trust
        if before is not None and (why := wanting(before.mark, trust.mark if trust is not None else None)):
            self._say(f"WITHDRAWALS: {why}; those known before are heeded until Lapel is started again")
            return
        self._trust, self._out, self._is_unknown = trust, {}, False
        self._heed_order(trust)

    def of(self, list_id: str, version: int, charter: Charter | None = None) -> Suspended:
        """What of a version of a list must not match now; ``charter`` is what it demands."""
        if self._is_unknown:
            return EVERYTHING
        out, trust, asked = self._out, self._trust, (list_id, version, charter)
        if asked not in out:
            why = without_trust((charter.mark if charter is not None else None, self._known), trust)
            out[asked] = EVERYTHING if why else suspended_of(trust, list_id, version)
            self._tell(why)
        return out[asked]

    def today(self, clock: Clock) -> date:
        """The date, UTC: by the clock, and never before what this device has seen signed. A clock that is set back
        makes nothing match that has ended."""
        signed = self._trust.floors.time if self._trust is not None else datetime.min
        return max(clock.today(), signed.date())

    def _tell(self, why: str) -> None:
        if why == self._refused:
            return
        self._refused = why
        if not why:
            self._notice("the watchlist is looked for again: what this device trusts is as new as it must be")
            return
        self._notice(f"WATCHLIST SILENT, NOTHING IS LOOKED FOR: {why}; {REMEDY}")
        self._keep(Event(RecordKind.REFUSAL, (("what", "watchlist"), ("why", why))))

    def _heed_order(self, trust: Trust | None) -> None:
        if trust is not None and trust.wipe is not None and not self._is_stopped:
            self._is_stopped = True
            self._say(f"THIS DEVICE IS WIPED, {trust.wipe.why}: the watch ends, and nothing is told of any more")
            self._stop()

    def _say(self, text: str) -> None:
        if text != self._said:
            self._said = text
            self._notice(text)


def asked_of(withheld: Withheld | None, listed: Listed) -> Callable[[], Suspended]:
    """What is asked of a list at every check; nothing is withheld where there is no state to ask."""
    if withheld is None:
        return lambda: NOTHING
    return partial(withheld.of, listed.terms.list_id, listed.terms.version, listed.charter)
