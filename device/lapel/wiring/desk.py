"""What the officer's page may ask of a device and say to it, whatever that device does just now.

A message is JSON: ``{"ask": "view", "since": 7}``, ``{"ask": "picture", "alert": "…", "which": "seen"}``,
``{"say": {"kind": "answer", "facts": {…}}}``, ``{"lock": {"by": "…"}}``, or ``{"unlock": {"by": "…", "point": "…",
"box": "…"}}`` with a sealed passphrase (store.envelope): the companion, which carries it, can neither keep nor read it.
"""

from __future__ import annotations

import json
from typing import Protocol

from lapel.alert.words import plain
from lapel.store.envelope import Sealed

NOTHING = b"{}"
"""The answer where nothing is new, or there is no such picture."""
UNLOCKED_SAID = "the device is unlocked already"
NEVER_LOCKED = "this device is not unlocked by its phone (state.unlock of its site)"


class Desk(Protocol):
    """Answers the page in one state of the device. Each may raise ValueError: then it was no question."""

    def said(self, message: bytes) -> bytes:
        """To an event that is to be recorded (core.handed)."""
        ...

    def unlock(self, by: str, sealed: Sealed) -> bytes:
        """To a passphrase."""
        ...

    def lock(self, by: str) -> bytes:
        """To the wish that the device be locked."""
        ...

    def picture(self, alert: str, which: str) -> bytes:
        """With a picture of an alert, or ``NOTHING``."""
        ...

    def view(self, since: int) -> bytes:
        """With what is shown, or ``NOTHING`` where that has been seen."""
        ...


def answered(desk: Desk, message: bytes) -> bytes:
    """What a message gets."""
    try:
        asked = json.loads(message)
        if "say" in asked:
            return desk.said(json.dumps(asked["say"]).encode())
        if "lock" in asked:
            return desk.lock(named(asked["lock"]["by"]))
        if "unlock" in asked:
            said = asked["unlock"]
            return desk.unlock(named(said["by"]), Sealed(str(said["point"]), str(said["box"])))
        if asked["ask"] == "picture":
            return desk.picture(str(asked["alert"]), str(asked["which"]))
        return desk.view(int(asked["since"]))
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
        return json.dumps({"refused": "not a question"}).encode()


def trouble(said: str) -> bytes:
    """The answer that something was not done, and why; empty where it was."""
    return json.dumps({"failed": said} if said else {"id": ""}).encode()


def named(by: object) -> str:
    """Who says so, as it may stand in a record."""
    return plain(str(by)) or "nobody"
