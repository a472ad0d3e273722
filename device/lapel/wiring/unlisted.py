"""A live watch whose first list has still to come waits for it, where the authority that its device trusts sends one.

Until then nothing is looked at and no camera opened; console, page, light and systemd say so.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from threading import Event as Flag

from lapel.alert.body import Body
from lapel.core.body import Capture
from lapel.core.handed import LONGEST_BYTES, handed_event
from lapel.core.records import Event, RecordKind
from lapel.errors import LapelError
from lapel.health.beat import Beat
from lapel.health.clock import SystemClock
from lapel.ports import Clock, KeyProvider
from lapel.store.envelope import Sealed
from lapel.store.trust import FILE, WATCHLIST
from lapel.store.wiping import refuse_wiped
from lapel.wiring.desk import NEVER_LOCKED, NOTHING, UNLOCKED_SAID, answered, trouble
from lapel.wiring.local import page_answered
from lapel.wiring.locked_desk import FETCH_ONE, NO_LIST, view_without_list
from lapel.wiring.recording import record

_TICK_S = 1.0
_UNHEARD = f"{NO_LIST}: nothing can be said of it"


def can_come(watchlist: Path, state: Path) -> bool:
    """Whether a list that is not there comes by itself, or by ``lapel watchlist import``: to one place, where an
    authority is trusted."""
    return watchlist.name == WATCHLIST and watchlist.parent.resolve() == state.resolve() and (state / FILE).exists()


def until_listed(
    watchlist: Path, state: Path, beat: Beat, body: Body | None, notice: Callable[[str], None], ended: Flag
) -> None:
    """Wait for a list, or for ``ended``; say so. Raises: Refused once the device was wiped, HardwareError where its
    light fails."""
    if not watchlist.is_file():
        notice(f"{NO_LIST}: {watchlist}: {FETCH_ONE}")
    while not watchlist.is_file() and not ended.is_set():
        refuse_wiped(state)
        beat(NO_LIST)
        if body is not None:
            body.show(Capture.WAITING)
        ended.wait(_TICK_S)
    if body is not None:
        body.dark()  # nothing is looked at before the camera is opened


def await_list(
    watchlist: Path,
    state: Path,
    keys: KeyProvider,
    socket: Path | None,
    body: Body | None,
    notice: Callable[[str], None],
) -> None:
    """Wait for the list of a device that nobody has to unlock. ``socket``: where its page asks; whoever wears ``body``
    ends the wait by KeyboardInterrupt. Raises: as ``until_listed``.
    """
    if watchlist.is_file():
        return
    clock = SystemClock()
    beat = Beat(clock)
    desk = UnlistedDesk(partial(record, state, keys, clock), clock)
    page = (
        page_answered(socket, desk.answer, LONGEST_BYTES, notice, "NOTHING ON THE PHONE") if socket else nullcontext()
    )
    with page:
        until_listed(watchlist, state, beat, body, notice, Flag())
    beat.loading()


class UnlistedDesk:
    """Answers the companion meanwhile, as OfficerDesk does. A phone that is paired or let go is recorded."""

    def __init__(self, append: Callable[[Event], None], clock: Clock) -> None:
        self._append = append
        self._version = clock.wall_ns() // 10**6  # no phone may believe that it has seen that of another start

    def answer(self, message: bytes, uid: int) -> bytes:
        """What a message gets."""
        return answered(self, message)

    def view(self, since: int) -> bytes:
        """That there is no list yet."""
        return NOTHING if since == self._version else view_without_list(self._version, is_lockable=False)

    def picture(self, alert: str, which: str) -> bytes:
        """None: nothing was seen."""
        return NOTHING

    def lock(self, by: str) -> bytes:
        """Not this device."""
        return trouble(NEVER_LOCKED)

    def unlock(self, by: str, sealed: Sealed) -> bytes:
        """Needs no device that runs."""
        return trouble(UNLOCKED_SAID)

    def said(self, message: bytes) -> bytes:
        """A phone that is paired or let go is recorded; of a list that is not there nothing can be said."""
        event = handed_event(message)
        if event.kind is not RecordKind.PAIRING:
            return trouble(_UNHEARD)
        try:
            self._append(event)
        except LapelError as error:
            return trouble(str(error))
        return trouble("")
