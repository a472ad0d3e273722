"""Keeps a program linked: after any trouble with broker or station, a pause, and again from what is known."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Event
from typing import Protocol

from lapel.errors import BrokerUnreachable, LapelError, Refused
from lapel.link.endpoint import BadCredentials
from lapel.link.mqtt import Line
from lapel.link.pauses import pauses
from lapel.link.refusals import StationSilent
from lapel.link.sync import Notes

# A missing file or a broken journal is not among them: those want somebody to act, and a restart.
_PASSES: tuple[type[LapelError], ...] = (BrokerUnreachable, StationSilent, Refused)


class Work(Protocol):
    """What is done over a line. ``done`` counts what was achieved: trouble after success is new trouble."""

    @property
    def done(self) -> int:
        """Records delivered or received so far."""
        ...

    def over(self, line: Line, is_over: Callable[[], bool]) -> None:
        """Work until ``is_over``. Raises: BrokerUnreachable, StationSilent, Refused."""
        ...


def keep_linked(
    dial: Callable[[], AbstractContextManager[Line]],
    work: Work,
    stop: Event,
    notes: Notes,
    chance: Callable[[], float],
) -> None:
    """Work on one line after another until ``stop``, whatever becomes of the broker and of the other end.

    Certificates are renewed by putting new files in the place of the old ones: once they were good, files that are not
    are waited for. Raises: ConfigError, StoreError.
    """
    waits = pauses(chance)
    passes = _PASSES
    while not stop.is_set():
        done = work.done
        try:
            with dial() as line:
                passes = (*_PASSES, BadCredentials)
                notes.event("linked", broker=str(line.endpoint))
                work.over(line, stop.is_set)
        except passes as error:
            if work.done > done:
                waits = pauses(chance)
            pause_s = next(waits)
            notes.event("link_lost", error=type(error).__name__, message=str(error), again_in_s=round(pause_s, 1))
            stop.wait(pause_s)
