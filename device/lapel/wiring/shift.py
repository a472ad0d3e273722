"""The start of a shift: a device that is unlocked by its phone waits until it is, and watches only then.

Until then no frame is looked at, no camera opened and no record written; console, page, light and systemd say so.
Locking it again ends the process: only so is what its libraries have made of the passphrase surely gone. systemd starts
it again, locked.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lapel.alert.body import Body
from lapel.core.body import Capture, Cue
from lapel.core.records import Event
from lapel.errors import ConfigError, DeviceLocked, HardwareError, StoreError, Tampered
from lapel.health.beat import Beat
from lapel.health.clock import SystemClock
from lapel.ports import Clock
from lapel.store.attempts import Attempts
from lapel.store.keys import PassphraseKey
from lapel.store.set_aside import is_begun
from lapel.wiring.lent_keys import REMEDY, SOCKET, Lender
from lapel.wiring.local import LocalServer
from lapel.wiring.locked_desk import LockedDesk, Opened
from lapel.wiring.unlisted import until_listed

_LONGEST_BYTES = 4096
_TICK_S = 1.0


@dataclass(frozen=True, slots=True)
class Closed:
    """A device that its phone unlocks: its state folder, list and name, where its page asks, and whoever wears it."""

    state: Path
    watchlist: Path
    device: str
    socket: Path
    body: Body | None = None


@dataclass(slots=True)
class Shift:
    """What a watch has to do with its device having been unlocked. ``keys`` open what was closed."""

    keys: PassphraseKey
    events: tuple[Event, ...]
    forget: Callable[[], None]
    stop: Callable[[], None]
    is_locked: bool = False

    def begun(self, append: Callable[[Event], object]) -> None:
        """Record what happened while the device was locked, now that there is a journal. Raises: StoreError, Tampered:
        then it is held, and recorded at the next start, again where some of it was already."""
        for event in self.events:
            append(event)
        self.forget()

    def lock(self) -> None:
        """End the watch, so that it begins anew locked."""
        self.is_locked = True
        self.stop()


def begin_shift(shift: Shift | None, append: Callable[[Event], object], notice: Callable[[str], None]) -> None:
    """What the watch of an unlocked device does first. It goes on where that is not recorded, and says so."""
    try:
        if shift is not None:
            shift.begun(append)
    except (StoreError, Tampered) as error:
        notice(f"NOT RECORDED (lock): {error}")


@contextmanager
def unlocked(closed: Closed, notice: Callable[[str], None], stop: Callable[[], None]) -> Iterator[Shift]:
    """Wait for the passphrase, then lend keys to the device's other processes until the block ends; wait for a list as
    well, which the link may have to fetch with them. ``stop`` ends the watch, and so do both buttons the wait.

    Raises: ConfigError where no passphrase could be right, HardwareError where nobody could give it, DeviceLocked where
    it is locked again while it waits for a list.
    """
    _refuse_endless(closed.state)
    clock = SystemClock()
    lender = _lender(closed.state, notice)
    desk = LockedDesk(closed.state, closed.device, clock, notice)
    try:
        opened = _awaited(closed, desk, lender, clock, notice)
        yield Shift(opened.keys, opened.before.events(opened.by), Attempts(closed.state).forget, stop)
    finally:
        if lender is not None:
            lender.close()  # first: nothing is to be lent of what is forgotten
        if desk.unlocked is not None:
            desk.unlocked.keys.forget()


def _lender(state: Path, notice: Callable[[str], None]) -> Lender | None:
    """Who lends keys; on a read-only card nobody, where the link could not run with them. Raises: HardwareError."""
    try:
        return Lender(state)
    except OSError as error:
        said = f"{state / SOCKET}: {error.strerror}; see to the disk: without it the link gets no key"
        if error.errno != errno.EROFS:
            raise HardwareError(said) from error
    notice(f"NOTHING CAN BE SENT OR FETCHED: {said}")
    return None


def _refuse_endless(state: Path) -> None:
    if not is_begun(state):
        raise ConfigError(
            f'{state}: state.unlock = "phone", but nothing here is sealed by a passphrase yet; run lapel watchlist '
            "trust, or lapel run, once with --passphrase-file FILE"
        )


def _awaited(
    closed: Closed,
    desk: LockedDesk,
    lender: Lender | None,
    clock: Clock,
    notice: Callable[[str], None],
) -> Opened:
    beat, body = Beat(clock), closed.body
    if body is not None:
        body.tell(Cue.LOCKED)  # whoever wears it must feel that a restart in the middle of a shift ended the watch
    try:
        server = LocalServer(closed.socket, desk.answer, _LONGEST_BYTES, mode=0o660)
    except OSError as error:
        raise HardwareError(
            f"{closed.socket}: {error.strerror}; give companion.socket a folder of this user: nobody can unlock it"
        ) from error

    try:
        notice(f"LOCKED: nothing is looked at, and nothing kept; {REMEDY}")
        while (opened := desk.unlocked) is None:
            beat(desk.status)
            if body is not None:
                body.show(Capture.LOCKED)
            desk.opened.wait(_TICK_S)
        if lender is not None:
            lender.keys = opened.keys
        until_listed(closed.watchlist, closed.state, beat, body, notice, desk.locked)
    finally:
        server.close()
    if desk.locked.is_set():
        if lender is not None:
            lender.keys = None
        raise DeviceLocked(f"{closed.state}: was locked before it had a list; {REMEDY}")
    beat.loading()
    return opened
