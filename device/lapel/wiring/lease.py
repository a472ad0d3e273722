"""Holds a watch to its lease: looks beside the loop when there was contact last, and whether that is too long ago."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from lapel.core.lease import Moment, Spent, spent
from lapel.core.updates import EPOCH
from lapel.errors import LapelError
from lapel.ports import Clock, KeyProvider
from lapel.store.contact import last_contact
from lapel.store.lease_spent import SpentLease
from lapel.store.trust import read_trust
from lapel.wiring.beside import looking

_LOOK_EVERY_S = 1.0
_KEEP_EVERY_S = 60.0


class LeaseKeeper:
    """The lease of one state folder (port Lease): ``hours`` from the last contact on. One thread looks, others ask.

    Without any contact yet, and where it cannot be read when that was, the lease has lapsed: which is said.
    """

    def __init__(
        self, state: Path, keys: KeyProvider, clock: Clock, hours: float, notice: Callable[[str], None]
    ) -> None:
        self.hours, self.has_lapsed = hours, True
        self._state, self._keys, self._clock, self._notice = state, keys, clock, notice
        self._file = SpentLease(state, keys)
        self._known: Spent | None = None
        self._kept: Spent | None = None
        self._said = ""
        self._floor = EPOCH
        try:
            self._known = self._file.kept()
            trust = read_trust(state, keys)
            self._floor = trust.floors.time if trust is not None else EPOCH
        except LapelError as error:
            self._say(f"LEASE: {error}")
        self.look()

    def look(self) -> None:
        """See when there was contact last. Not in the loop's thread."""
        clock = self._clock
        # A board without a battery clock starts in the past: it is later than what it has seen signed.
        at = max(datetime.fromtimestamp(clock.wall_ns() / 1e9, UTC), self._floor)
        now = Moment(at, clock.boot_id(), clock.monotonic_ns())
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

    def _keep(self, known: Spent) -> None:
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


@contextmanager
def leased(
    state: Path, keys: KeyProvider, clock: Clock, hours: float, notice: Callable[[str], None]
) -> Iterator[LeaseKeeper | None]:
    """The lease for the time of a watch; None where the site asks for none (0 hours)."""
    if not hours:
        yield None
        return
    keeper = LeaseKeeper(state, keys, clock, hours, notice)

    def look() -> None:
        try:
            keeper.look()
        except BaseException:
            keeper.has_lapsed = True  # where nobody looks any more, nothing may be looked for
            raise

    with looking("lease", _LOOK_EVERY_S, look):
        yield keeper
