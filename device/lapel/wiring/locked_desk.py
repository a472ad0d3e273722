"""What a locked lookout hands out to the officer's phone, and takes from it: that it is locked, and its passphrase.

It speaks as OfficerDesk does, on the same socket. ``{"unlock": {"by": "…", "point": "…", "box": "…"}}`` holds a sealed
passphrase (store.envelope): the companion, which carries it, can neither keep nor read it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Event as Flag

from lapel.alert.words import plain
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

UNCOUNTED_S = 60.0
"""How long each passphrase waits, right or wrong, where the disk takes no count of the wrong ones."""
FETCH_ONE = "wait for the link to fetch it, or import it (lapel watchlist import)"
NO_LIST = "NO WATCHLIST YET, nothing is looked for"
LOCKED_SAID, UNLOCKED_SAID = "the device is locked: give its passphrase first", "the device is unlocked already"
NO_QUESTION = json.dumps({"refused": "not a question"}).encode()


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
        try:
            asked = json.loads(message)
            if "unlock" in asked:
                said = asked["unlock"]
                return self._unlock(_name(said["by"]), Sealed(str(said["point"]), str(said["box"])))
            if "say" in asked:
                return self._said(json.dumps(asked["say"]).encode())
            if "lock" in asked:
                return self._lock(_name(asked["lock"]["by"]))
            if asked["ask"] == "picture":
                return b"{}"
            return b"{}" if int(asked["since"]) == self._version else self._view()
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
            return NO_QUESTION

    @property
    def status(self) -> str:
        """That it is locked, for whoever asks systemd."""
        if self.unlocked is not None:
            return NO_LIST
        wrong = f" ({self._held.wrong} wrong so far)" if self._held.wrong else ""
        return f"LOCKED, nothing is looked at: waits for its passphrase on the officer's page{wrong}"

    def _view(self) -> bytes:
        if self.unlocked is not None:
            return view_without_list(self._version, is_lockable=True)
        left_s, wrong = max(0.0, self._free_s - self._now_s()), self._held.wrong
        locked = {"key": self._envelope.public, "wait_s": round(left_s, 1), "wrong": wrong}
        return json.dumps({"version": self._version, "locked": locked}).encode()

    def _said(self, message: bytes) -> bytes:
        """A phone that is paired or let go meanwhile is held, and becomes a record; nothing else can be said."""
        event = handed_event(message)
        if event.kind is not RecordKind.PAIRING:
            return trouble(LOCKED_SAID)
        facts = dict(event.facts)
        self._keep(self._held.paired(Pairing(facts["outcome"]), _name(facts["by"]), self._at()))
        return trouble("") if self._is_counted else trouble("the disk takes nothing; see the device's console")

    def _unlock(self, by: str, sealed: Sealed) -> bytes:
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

    def _lock(self, by: str) -> bytes:
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


def _name(by: object) -> str:
    return plain(str(by)) or "nobody"


def trouble(said: str) -> bytes:
    """The answer that something was not done, and why; empty where it was."""
    return json.dumps({"failed": said} if said else {"id": ""}).encode()


def view_without_list(version: int, is_lockable: bool) -> bytes:
    """What the page is told where there is no list yet."""
    return json.dumps({"version": version, "waits": f"{NO_LIST}: {FETCH_ONE}.", "is_lockable": is_lockable}).encode()
