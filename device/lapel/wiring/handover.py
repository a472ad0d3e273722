"""The lookout's local socket: records made by other processes of the device reach the one writer of the journal.

A message is one event (core.handed), its answer one JSON object: the record's id and sequence, or why there is none.
Only the lookout's own user and root are heard. With no lookout running, whoever has something to record takes the
journal's lock and appends it. A record may be doubled where the lookout dies between keeping it and saying so.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from lapel.core.handed import LONGEST_BYTES, encoded, handed_event
from lapel.core.record_body import parse_body
from lapel.core.records import Event, Record
from lapel.errors import Refused, StoreError, StoreLocked, Tampered, UsageError
from lapel.ports import Clock, KeyProvider
from lapel.store.journal import SealedJournal, journal_of

SOCKET = "lookout.sock"
DEFAULT_DEVICE = "device"
PATIENCE_S = 10.0
"""A lookout that starts has the lock some time before it listens."""
_AGAIN_S = 0.1
_SLOWEST_S = 2.0
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: struct ucred, unix(7)


@dataclass(frozen=True, slots=True)
class Handed:
    """The record that an event became."""

    id: str
    sequence: int


class Inbox:
    """Listens in the state folder, and appends what it is handed. One for each journal: its holder has the lock."""

    def __init__(self, state: Path, append: Callable[[Event], Record]) -> None:
        """Begin to listen. Raises: OSError where the folder takes no socket."""
        self._state, self._append, self._user = state, append, os.geteuid()
        (state / SOCKET).unlink(missing_ok=True)  # of a lookout that was killed
        # Messages and not a stream: one is whole, or was too long.
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
        try:
            with _address(state) as address:
                self._socket.bind(address)
            (state / SOCKET).chmod(0o600)  # before it listens
            self._socket.listen()
        except OSError:
            self._socket.close()
            raise
        self._thread = Thread(target=self._listen, name="inbox", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hear nobody any more; what was begun is finished first."""
        (self._state / SOCKET).unlink(missing_ok=True)
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            # Whoever goes away in the middle harms nobody but himself.
            with closing(peer), suppress(OSError):
                peer.settimeout(_SLOWEST_S)
                peer.send(json.dumps(self._answer(peer)).encode())

    def _answer(self, peer: socket.socket) -> dict[str, str | int]:
        message = peer.recv(LONGEST_BYTES + 1)  # read first: whoever is answered while he speaks hears no answer
        _, uid, _ = _CREDENTIALS.unpack(peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
        if uid not in (0, self._user):
            return {"refused": f"user {uid} is not the lookout's"}
        try:
            record = self._append(handed_event(message))
        except ValueError as error:
            return {"refused": str(error)}
        except (StoreError, Tampered) as error:
            return {"failed": str(error)}
        return {"id": record.id, "sequence": record.sequence}


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
    ends_s = time.monotonic() + patience_s
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
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC) as channel:
        channel.settimeout(PATIENCE_S)
        try:
            with _address(state) as address:
                channel.connect(address)
            channel.send(message)
            data = channel.recv(LONGEST_BYTES)
        except (FileNotFoundError, ConnectionError):
            return None
        except OSError as error:
            raise StoreError(f"{state / SOCKET}: the lookout does not answer: {error.strerror or error}") from error
    if not data:
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


@contextmanager
def _address(state: Path) -> Iterator[str]:
    """The socket's address: unix(7) allows 107 bytes, fewer than a folder's name may have."""
    folder = os.open(state, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{SOCKET}"
    finally:
        os.close(folder)
