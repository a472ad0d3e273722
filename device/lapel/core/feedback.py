"""What an officer may say of an alert, and what is kept of it. Pure."""

from __future__ import annotations

from enum import Enum

from lapel.core.records import Event, RecordKind


class Answer(Enum):
    """What an officer says of an alert."""

    IS = "it is"
    IS_NOT = "it is not"
    UNSURE = "not sure"


class Mute(Enum):
    """Whether an entry is to be told of."""

    MUTED = "muted"
    LIFTED = "lifted"


class Pairing(Enum):
    """What became of a phone that asked to be the officer's."""

    PAIRED = "paired"
    ENDED = "ended"
    SHUT = "shut after too many wrong codes"


def answer_event(alert: str, answer: Answer, by: str) -> Event:
    """What is kept of an answer. ``alert`` is the id of the alert's record."""
    return Event(RecordKind.ANSWER, (("alert", alert), ("answer", answer.value), ("by", by)))


def mute_event(alert: str, mute: Mute, by: str) -> Event:
    """What is kept of an entry being muted by hand, or heard again; ``alert`` is one about it."""
    return Event(RecordKind.MUTE, (("alert", alert), ("outcome", mute.value), ("by", by)))


def pairing_event(outcome: Pairing, by: str) -> Event:
    """What is kept of a phone being paired or let go; ``by`` is who holds it, as he said."""
    return Event(RecordKind.PAIRING, (("outcome", outcome.value), ("by", by)))
