"""Tells systemd that the loop is alive: no beat from the frame loop, and the unit is restarted (sd_notify(3))."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a process without pictures has no room for what the ports name
    from lapel.ports import Clock

# sd_watchdog_enabled(3) asks for half of WatchdogSec=, which is 10 s in the shipped unit; twice a second costs nothing.
_BEAT_EVERY_NS = 500_000_000
LOOKS, LOST = "looks out", "looks at nothing: its camera is lost, and awaited"
SLOW = "LOOKS AT NOTHING: every frame comes too late from its redaction"
LOADING_S = 120
"""TimeoutStartSec= of the shipped unit, which has passed for one that was ready while it was locked."""


class Beat:
    """Sends READY=1 with each new status and WATCHDOG=1 from then on, at most twice a second. Without systemd it does
    nothing."""

    def __init__(self, clock: Clock, environment: Mapping[str, str] = os.environ) -> None:
        self._clock = clock
        self._address = _address(environment.get("NOTIFY_SOCKET", ""))
        self._sent_ns, self._status = 0, ""
        usual = environment.get("WATCHDOG_USEC", "")
        self._usual = f"\nWATCHDOG_USEC={usual}" if usual.isdecimal() else ""

    def __call__(self, status: str = "runs") -> None:
        """It is alive: has looked at a frame completely, or waits, as ``status`` says, for as long as that takes."""
        now_ns = self._clock.monotonic_ns()
        if status != self._status:
            # What did not arrive is said again with the next beat: a start of which systemd hears nothing is ended.
            if self._send(f"READY=1\nSTATUS={status}{self._usual}\nWATCHDOG=1"):
                self._status = status
        elif now_ns - self._sent_ns >= _BEAT_EVERY_NS:
            self._send("WATCHDOG=1")
        else:
            return
        self._sent_ns = now_ns

    def loading(self) -> None:
        """It was unlocked, and will look: until the first frame it is given as long as a start takes, since loading
        beats nothing."""
        patience = f"\nWATCHDOG_USEC={LOADING_S * 1_000_000}" if self._usual else ""
        self._send(f"STATUS=unlocked, and loading{patience}\nWATCHDOG=1")

    @property
    def is_heard(self) -> bool:
        """Whether there is a systemd to tell."""
        return self._address is not None

    def stopping(self) -> None:
        """The loop ends on purpose."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> bool:
        if self._address is None:
            return True
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.sendto(message.encode(), socket.MSG_DONTWAIT, self._address)
        except OSError:
            # systemd notices silence; a full notification queue must not stop the lookout.
            return False
        return True


def _address(given: str) -> str | None:
    """A path, or an abstract address, which sd_notify(3) writes with a leading @."""
    if given.startswith("@"):
        return "\0" + given[1:]
    return given if given.startswith("/") else None
