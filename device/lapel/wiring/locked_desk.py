"""What a locked lookout hands out to the officer's phone, and takes from it: that it is locked, and its passphrase.

It speaks as OfficerDesk does, on the same socket (wiring.desk).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Event as Flag

from lapel.core.feedback import Pairing
from lapel.core.handed import handed_event
from lapel.core.records import RecordKind
from lapel.core.unlocking import WhileLocked, wait_s
from lapel.errors import ConfigError, StoreError
from lapel.ports import Clock
from lapel.store.attempts import Attempts
from lapel.store.envelope import Envelope, Sealed
from lapel.store.keys import PassphraseKey, overwrite
from lapel.store.set_aside import opens_state
from lapel.wiring.desk import NOTHING, UNLOCKED_SAID, answered, named, trouble

UNCOUNTED_S = 60.0
"""How long each passphrase waits, right or wrong, where the disk takes no count of the wrong ones."""
FETCH_ONE = "wait for the link to fetch it, or import it (lapel watchlist import)"
NO_LIST = "NO WATCHLIST YET, nothing is looked for"
LOCKED_SAID = "the device is locked: give its passphrase first"


@dataclass(frozen=True, slots=True)
class Opened:
    """The keys of an unlocked device, who unlocked it, and what happened before."""

    keys: PassphraseKey
    by: str
    before: WhileLocked


class LockedDesk:
    """Answers the companion while the device is locked; ``opened`` is set once it is not, and ``unlocked`` is there.
    From then on it says that there is no list yet, for as long as it is asked; ``locked`` is set where it is to be
    locked again."""

    def __init__(self, state: Path, device: str, clock: Clock, notice: Callable[[str], None]) -> None:
        self._state, self._device, self._clock, self._notice = state, device, clock, notice
        self._envelope, self._attempts = Envelope(), Attempts(state)
        self._held = self._attempts.read()
        self._is_counted = True
        # Of another start than this one no phone may believe that it has seen it.
        self._numbers = count(clock.wall_ns() // 10**6)
        self._version = next(self._numbers)
        # The whole of it, again after a restart: no clock of a board that was off tells how much is over.
        self._free_s = self._now_s() + wait_s(self._held.wrong)
        self.opened, self.locked = Flag(), Flag()
        self.unlocked: Opened | None = None

    def answer(self, message: bytes, uid: int) -> bytes:
        """What a message gets."""
        return answered(self, message)

    @property
    def status(self) -> str:
        """That it is locked, for whoever asks systemd."""
        if self.unlocked is not None:
            return NO_LIST
        wrong = f" ({self._held.wrong} wrong so far)" if self._held.wrong else ""
        return f"LOCKED, nothing is looked at: waits for its passphrase on the officer's page{wrong}"

    def view(self, since: int) -> bytes:
        """That the device is locked, or has no list yet."""
        if since == self._version:
            return NOTHING
        if self.unlocked is not None:
            return view_without_list(self._version, is_lockable=True)
        left_s, wrong = max(0.0, self._free_s - self._now_s()), self._held.wrong
        locked = {"key": self._envelope.public, "wait_s": round(left_s, 1), "wrong": wrong}
        return json.dumps({"version": self._version, "locked": locked}).encode()

    def picture(self, alert: str, which: str) -> bytes:
        """None: nothing was seen."""
        return NOTHING

    def said(self, message: bytes) -> bytes:
        """A phone that is paired or let go meanwhile is held, and becomes a record; nothing else can be said."""
        event = handed_event(message)
        if event.kind is not RecordKind.PAIRING:
            return trouble(LOCKED_SAID)
        facts = dict(event.facts)
        self._keep(self._held.paired(Pairing(facts["outcome"]), named(facts["by"]), self._at()))
        return trouble("") if self._is_counted else trouble("the disk takes nothing; see the device's console")

    def unlock(self, by: str, sealed: Sealed) -> bytes:
        """Whether the passphrase is right; wrong ones are counted, and the next then waits."""
        if self.unlocked is not None:
            return trouble(UNLOCKED_SAID)
        left_s = self._free_s - self._now_s()
        if left_s > 0:
            return trouble(f"wait {left_s:.0f} s: {self._held.wrong} passphrases were wrong")
        try:
            passphrase = self._envelope.opened(sealed)
        except ValueError as error:
            return trouble(str(error))
        try:
            keys = PassphraseKey(passphrase)
        except ConfigError as error:
            return trouble(str(error))
        finally:
            overwrite(passphrase)
        before = self._held
        self._keep(before.tried(by, self._at()))  # first: a cut in the middle is no guess for nothing
        if opens_state(self._state, self._device, keys):
            self._keep(before)
            self.unlocked, self._version = Opened(keys, by, before), next(self._numbers)
            self._notice(f"unlocked by {by}")
            self.opened.set()
            return trouble("")
        keys.forget()
        return self._was_wrong(by)

    def lock(self, by: str) -> bytes:
        """Locks a device that waits for its list."""
        if self.unlocked is None:
            return trouble("the device looks at nothing, and is not locked twice")
        self._notice(f"locked by {by}")
        self.locked.set()
        return trouble("")

    def _was_wrong(self, by: str) -> bytes:
        left_s = max(wait_s(self._held.wrong), 0.0 if self._is_counted else UNCOUNTED_S)
        self._free_s = self._now_s() + left_s
        again = f"; the next is taken in {left_s:.0f} s" if left_s else ""
        self._notice(f"WRONG PASSPHRASE given by {by}, {self._held.wrong} in a row{again}")
        return trouble(f"the passphrase is wrong{again}")

    def _keep(self, held: WhileLocked) -> None:
        self._held, self._version = held, next(self._numbers)
        try:
            self._attempts.write(held)
            self._is_counted = True
        except StoreError as error:
            if self._is_counted:
                self._notice(f"wrong passphrases cannot be counted, so that each waits {UNCOUNTED_S:.0f} s: {error}")
            self._is_counted = False

    def _now_s(self) -> float:
        return self._clock.monotonic_ns() / 1e9

    def _at(self) -> str:
        return datetime.fromtimestamp(self._clock.wall_ns() // 10**9, UTC).isoformat()


def view_without_list(version: int, is_lockable: bool) -> bytes:
    """What the page is told where there is no list yet."""
    return json.dumps({"version": version, "waits": f"{NO_LIST}: {FETCH_ONE}.", "is_lockable": is_lockable}).encode()
