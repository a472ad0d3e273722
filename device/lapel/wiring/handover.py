"""The lookout's local socket: records made by other processes of the device reach the one writer of the journal.

A message is one event (core.handed), its answer one JSON object: the record's id and sequence, or why there is none.
Only the lookout's own user and root are heard. With no lookout running, whoever has something to record takes the
journal's lock and appends it. A record may be doubled where the lookout dies between keeping it and saying so.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lapel.core.handed import LONGEST_BYTES, encoded, handed_event
from lapel.core.record_body import parse_body
from lapel.core.records import Event, Record, RecordKind
from lapel.errors import Refused, StoreError, StoreLocked, Tampered, UsageError
from lapel.ports import Clock, KeyProvider
from lapel.store.journal import SealedJournal, journal_of
from lapel.wiring.local import PATIENCE_S, LocalServer, asked

SOCKET = "lookout.sock"
DEFAULT_DEVICE = "device"
_EVERY = frozenset(RecordKind)
_AGAIN_S = 0.1


@dataclass(frozen=True, slots=True)
class Handed:
    """The record that an event became."""

    id: str
    sequence: int


class Inbox:
    """Listens in the state folder, and appends what it is handed. One for each journal: its holder has the lock."""

    def __init__(self, state: Path, append: Callable[[Event], Record]) -> None:
        """Begin to listen. Raises: OSError where the folder takes no socket."""
        self._append, self._user = append, os.geteuid()
        self._server = LocalServer(state / SOCKET, self._answer, LONGEST_BYTES)

    def close(self) -> None:
        """Hear nobody any more; what was begun is finished first."""
        self._server.close()

    def _answer(self, message: bytes, uid: int) -> bytes:
        if uid not in (0, self._user):
            return json.dumps({"refused": f"user {uid} is not the lookout's"}).encode()
        return recorded_answer(message, self._append)


def recorded_answer(message: bytes, append: Callable[[Event], Record], only: Container[RecordKind] = _EVERY) -> bytes:
    """Append what a message hands over, if it is of these kinds, and say what it became."""
    answer: dict[str, str | int]
    try:
        event = handed_event(message)
        if event.kind not in only:
            raise ValueError(f"{event.kind.value}: is not handed over here")
        record = append(event)
        answer = {"id": record.id, "sequence": record.sequence}
    except ValueError as error:
        answer = {"refused": str(error)}
    except (StoreError, Tampered) as error:
        answer = {"failed": str(error)}
    return json.dumps(answer).encode()


@contextmanager
def inbox(state: Path, append: Callable[[Event], Record], notice: Callable[[str], None]) -> Iterator[None]:
    """An inbox for the time of a watch. A watch goes on without one, and says so."""
    try:
        box = Inbox(state, append)
    except OSError as error:
        notice(f"NOTHING CAN BE HANDED OVER: {state / SOCKET}: {error.strerror}; exports and purges wait for the end")
        yield
        return
    try:
        yield
    finally:
        box.close()


def hand_over(
    state: Path,
    event: Event,
    keys: KeyProvider,
    clock: Clock,
    patience_s: float = PATIENCE_S,
    device: str = DEFAULT_DEVICE,
) -> Handed:
    """Have an event recorded: by the lookout that runs, or where none does, here; ``device`` is this device's name, for
    a journal without any record.

    Raises: UsageError (no journal, or an event that may not be handed over), Refused, StoreError, Tampered; StoreLocked
    where another program holds the journal and does not listen.
    """
    try:
        message = encoded(event)
    except ValueError as error:
        raise UsageError(f"{event.kind.value}: {error}") from error
    ends_s = time.monotonic() + patience_s  # a lookout that starts has the lock some time before it listens
    while True:
        answer = _asked(state, message)
        if answer is not None:
            return answer
        try:
            return _appended(state, event, keys, clock, device)
        except StoreLocked:
            if time.monotonic() > ends_s:
                raise
            time.sleep(_AGAIN_S)


def _asked(state: Path, message: bytes) -> Handed | None:
    """The lookout's answer; None where none listens, or it ended before it answered."""
    try:
        data = asked(state / SOCKET, message, LONGEST_BYTES)
    except OSError as error:
        raise StoreError(f"{state / SOCKET}: the lookout does not answer: {error.strerror or error}") from error
    if data is None:
        return None
    answer = json.loads(data)
    if "refused" in answer:
        raise Refused(f"{state / SOCKET}: {answer['refused']}")
    if "failed" in answer:
        raise StoreError(answer["failed"])
    return Handed(answer["id"], answer["sequence"])


def _appended(state: Path, event: Event, keys: KeyProvider, clock: Clock, device: str) -> Handed:
    path = journal_of(state)
    with SealedJournal(path, keys, clock, read_only=True) as journal:
        last = journal.after(journal.head().size - 2, 1)
    # A station takes a device's records under one name only: the one that the lookout writes.
    device = parse_body(last[-1].body).device if last else device
    with SealedJournal(path, keys, clock, device) as journal:
        record = journal.append(event)
    return Handed(record.id, record.sequence)
