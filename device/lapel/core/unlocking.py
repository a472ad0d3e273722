"""How a device is unlocked: how long is waited after wrong passphrases, and what is kept of it all. Pure.

While it is locked nothing can be sealed, so that what happens then is held in the clear, without any secret, and
becomes records once it is unlocked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from lapel.core.feedback import Pairing, pairing_event
from lapel.core.records import Event, RecordKind

FREE = 2
"""Wrong passphrases, as fingers in gloves type them, that cost no waiting."""
FIRST_S, LONGEST_S = 5.0, 900.0
"""Doubled each time: a hundred guesses take a day."""
MOST_HELD = 40
WRONG, UNLOCKED, LOCKED = "wrong passphrase", "unlocked", "locked"
_LONGEST_NAME = 60


def wait_s(wrong: int) -> float:
    """How long no passphrase is tried after so many wrong ones."""
    return 0.0 if wrong <= FREE else min(LONGEST_S, FIRST_S * 2.0 ** min(wrong - FREE - 1, 20))


def locked_event(by: str) -> Event:
    """What is kept of a device being locked by whoever has it."""
    return Event(RecordKind.LOCK, (("outcome", LOCKED), ("by", by)))


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened while the device was locked: a wrong passphrase, or what became of a phone."""

    outcome: str
    by: str
    at: str

    @property
    def event(self) -> Event:
        """What is kept of it, once that can be; ``at`` is when it was."""
        if self.outcome == WRONG:
            made = Event(RecordKind.LOCK, (("outcome", WRONG), ("by", self.by)))
        else:
            made = pairing_event(Pairing(self.outcome), self.by)
        return replace(made, facts=(*made.facts, ("happened", self.at)))


@dataclass(frozen=True, slots=True)
class WhileLocked:
    """What is held until the device is unlocked: how many passphrases in a row were ``wrong``, what ``happened`` last,
    and how much before that is ``left_out``."""

    wrong: int = 0
    happened: tuple[Happened, ...] = ()
    left_out: int = 0

    def tried(self, by: str, at: str) -> WhileLocked:
        """After one more wrong passphrase."""
        return replace(self._with(Happened(WRONG, by, at)), wrong=self.wrong + 1)

    def paired(self, outcome: Pairing, by: str, at: str) -> WhileLocked:
        """After a phone was paired, let go, or shut out."""
        return self._with(Happened(outcome.value, by, at))

    def events(self, by: str) -> tuple[Event, ...]:
        """What is kept of it once ``by`` has unlocked the device."""
        facts = (("outcome", UNLOCKED), ("by", by), ("wrong", self.wrong), ("left_out", self.left_out))
        return (*(each.event for each in self.happened), Event(RecordKind.LOCK, facts))

    def encoded(self) -> bytes:
        """JSON, UTF-8."""
        held = [[each.outcome, each.by, each.at] for each in self.happened]
        return json.dumps({"wrong": self.wrong, "left_out": self.left_out, "happened": held}).encode()

    def _with(self, new: Happened) -> WhileLocked:
        happened = (*self.happened, replace(new, by=new.by[:_LONGEST_NAME]))
        return WhileLocked(self.wrong, happened[-MOST_HELD:], self.left_out + max(0, len(happened) - MOST_HELD))


def decoded(data: bytes) -> WhileLocked:
    """What was held. Raises: ValueError for what no locked device wrote."""
    try:
        said = json.loads(data)
        happened = tuple(Happened(str(outcome), str(by), str(at)) for outcome, by, at in said["happened"])
        found = WhileLocked(int(said["wrong"]), happened, int(said["left_out"]))
        found.events("")
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ValueError(f"not what is held while a device is locked: {error}") from error
    if min(found.wrong, found.left_out) < 0:
        raise ValueError("fewer than no wrong passphrases")
    return found
