"""The GPS relay: hears gpsd on this device, and tells the lookout, which has no network, by a local socket.

It tells nobody else: the companion is of the same group, and reaches the network.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

from lapel.core.gps import Heard, Receiver
from lapel.errors import HardwareError
from lapel.link.gpsd import listen
from lapel.wiring.local import LocalServer
from lapel.wiring.whereabouts import ASK, Told

SILENT_AFTER_S = 10.0
"""A receiver reports every second, whether it has a fix or not."""


class Relay:
    """What is known now. ``owner`` is the user who may ask, beside root and whoever runs this."""

    def __init__(self, owner: int | None, now_s: Callable[[], float] = time.monotonic) -> None:
        self._may_ask = {0, os.geteuid(), owner}
        self._now_s = now_s
        self._receiver = Receiver()
        self._began_s = now_s()
        self.trouble = ""

    def hear(self, line: bytes) -> None:
        """Take in a line of gpsd's."""
        self._receiver.hear(line, self._now_s())

    def troubled(self, why: str) -> None:
        """Why nothing is heard; empty where something is."""
        self.trouble = why

    def answer(self, message: bytes, uid: int) -> bytes:
        """The last fix, for whoever may know it."""
        if uid not in self._may_ask or message != ASK:
            return b"{}"
        now_s, receiver = self._now_s(), self._receiver
        silent_s = now_s - max(receiver.spoke_s, self._began_s)
        trouble = self.trouble
        if not trouble and silent_s > SILENT_AFTER_S:
            trouble = f"gpsd is there, and no receiver has spoken for {silent_s:.0f} s; see gpsmon, and its cable"
        counts = {heard.value: receiver.counts[heard] for heard in Heard}
        return Told(receiver.fix(now_s), counts, trouble).encoded()


def serve(path: Path, port: int, state: Path, ready: Callable[[], None], stop: Event) -> None:
    """Relay until ``stop``, to the owner of the folder ``state``. Raises: HardwareError where nobody could ask."""
    relay = Relay(_owner(state))
    try:
        server = LocalServer(path, relay.answer, len(ASK), mode=0o660)
    except OSError as error:
        raise HardwareError(f"{path}: {error.strerror}; give gps.socket a folder that this user writes to") from error
    try:
        ready()
        listen(port, relay.hear, relay.troubled, stop, random.random)
    finally:
        server.close()


def _owner(state: Path) -> int | None:
    try:
        return state.stat().st_uid
    except OSError:
        return None
