"""Holds a watch to its lease: looks beside the loop when there was contact last, and whether that is too long ago."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from math import inf
from pathlib import Path

from lapel.core.lease import Moment, Spent, spent, stricter
from lapel.core.updates import EPOCH
from lapel.errors import LapelError
from lapel.lookout import Lookout
from lapel.matching import Recall
from lapel.ports import Clock, KeyProvider
from lapel.store.contact import last_contact
from lapel.store.lease_spent import SpentLease
from lapel.store.trust import FILE, read_trust
from lapel.wiring.beside import looking
from lapel.wiring.stamps import Stamp, stamp_of

_LOOK_EVERY_S = 1.0
_KEEP_EVERY_S = 60.0


def now_at_least(clock: Clock, floor: datetime) -> Moment:
    """Now; a board without a battery clock starts in the past, but it is later than what it has seen signed."""
    at = max(datetime.fromtimestamp(clock.wall_ns() / 1e9, UTC), floor)
    return Moment(at, clock.boot_id(), clock.monotonic_ns())


class LeaseKeeper:
    """The lease of one state folder (port Lease): from the last contact on, for the ``hours`` of the site or of the
    list, whichever are fewer; 0 where neither has any. One thread looks, others ask.

    Without any contact yet, and where it cannot be read when that was, the lease has lapsed: which is said.
    """

    def __init__(
        self,
        state: Path,
        keys: KeyProvider,
        clock: Clock,
        site_hours: float,
        notice: Callable[[str], None],
        of_list: Callable[[], float] = lambda: 0,
    ) -> None:
        """``of_list`` gives the hours that the list itself demands: they count though what is trusted says nothing."""
        self.hours, self.has_lapsed = site_hours, True
        self._site_hours = site_hours
        self._state, self._keys, self._clock, self._notice = state, keys, clock, notice
        self._file = SpentLease(state, keys, "lookout-")
        self._known: Spent | None = None
        self._kept: Spent | None = None
        self._said = ""
        self._floor, self._of_list, self._of_trust = EPOCH, of_list, 0
        self._seen: Stamp | None = None
        try:
            self._known = self._file.kept()
        except LapelError as error:
            self._say(f"LEASE: {error}")
        self.look()

    def look(self) -> None:
        """See when there was contact last. Not in the loop's thread."""
        self._heed_trust()
        self.hours = stricter(self._site_hours, self._of_trust, self._of_list())
        if not self.hours:
            self.has_lapsed = False
            return
        now = now_at_least(self._clock, self._floor)
        try:
            contact = last_contact(self._state, self._keys)
        except LapelError as error:
            self._say(f"LEASE: {error}")
            contact = None
        if contact is None:
            self.has_lapsed = True
            return
        self._known = spent(contact, self._known, now)
        self.has_lapsed = self._known.seconds > self.hours * 3600
        self._keep(self._known)

    def _heed_trust(self) -> None:
        """Take the lease of the list that is held, and the time that was signed, where what is trusted has changed."""
        stamp = stamp_of(self._state / FILE)
        if stamp is None or stamp == self._seen:
            return
        try:
            trust = read_trust(self._state, self._keys)
        except LapelError as error:
            self._say(f"LEASE: {error}")
            return
        self._seen = stamp
        if trust is not None:
            self._floor = trust.floors.time
            self._of_trust = trust.held.lease_hours if trust.held is not None else 0

    def _keep(self, known: Spent) -> None:
        if known.seconds == inf:
            self._say("LEASE: what is used up of it was removed, or is of another contact: it counts as lapsed")
            return
        last = self._kept
        if last is not None and last.contact == known.contact and known.seconds - last.seconds < _KEEP_EVERY_S:
            return
        try:
            self._file.keep(known)
            self._kept = known
        except LapelError as error:
            self._say(f"LEASE: what is used up of it is not kept: {error}")

    def _say(self, text: str) -> None:
        if text != self._said:
            self._said = text
            self._notice(text)


def lease_hours_of(lookout: Lookout) -> float:
    """The lease that the list itself demands that is watched for; 0 for none."""
    charter = lookout.watchlist.listed.charter if isinstance(lookout.watchlist, Recall) else None
    return charter.lease_hours if charter is not None else 0


@contextmanager
def leased(
    state: Path,
    keys: KeyProvider,
    clock: Clock,
    hours: float,
    notice: Callable[[str], None],
    of_list: Callable[[], float] = lambda: 0,
) -> Iterator[LeaseKeeper]:
    """The lease for the time of a watch; ``hours`` are the site's, 0 for none."""
    keeper = LeaseKeeper(state, keys, clock, hours, notice, of_list)

    def look() -> None:
        try:
            keeper.look()
        except BaseException:
            keeper.has_lapsed = True  # where nobody looks any more, nothing may be looked for
            raise

    with looking("lease", _LOOK_EVERY_S, look):
        yield keeper
