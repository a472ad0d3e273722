"""What the link has the station witness: the state folder's checkpoints, and where its journal was cut."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

from lapel.core.signed_note import NoteKey
from lapel.errors import LapelError
from lapel.link.events import CloudEvent
from lapel.link.mqtt import Line
from lapel.link.signals import Lost, Published
from lapel.link.sync import Notes, Sender
from lapel.link.topics import events_topic
from lapel.link.witnessing import SignedHeads, Witnessing
from lapel.ports import KeyProvider
from lapel.store.signing import key_of_device
from lapel.store.witnessed import keep_witnessed, witnessed_note

_ANSWER_S = 10.0


def witnessing_of(
    state: Path, sender: Sender, journal: SignedHeads, keys: KeyProvider, notes: Notes, patience_s: float
) -> Witnessing:
    """What offers a state folder's checkpoints."""

    @cache
    def known() -> NoteKey:
        found = key_of_device(state, sender.device, keys)
        if found is None:
            raise LookupError
        return found

    def key() -> NoteKey | None:
        with suppress(LookupError):  # not kept: there is one with the first checkpoint
            return known()
        return None

    return Witnessing(
        journal,
        key,
        sender.source,
        witnessed_note(state),
        lambda note: keep_witnessed(state, note),
        notes,
        patience_s,
    )


def confess(dial: Callable[[], Line], sender: Sender, said: CloudEvent) -> None:
    """Tell the station that this journal is not what it acknowledged, as far as it can be told."""
    with suppress(LapelError), dial() as line:
        line.publish(events_topic(sender.site, sender.device), said)
        while signals := line.wait(_ANSWER_S):
            if any(isinstance(signal, Published | Lost) for signal in signals):
                return
