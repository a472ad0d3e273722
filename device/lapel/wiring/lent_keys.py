"""Keys of a device that is unlocked by its phone, lent by the lookout to the device's other processes.

The passphrase reaches one process alone. Whoever else opens sealed files, the link above all, asks that one for a key
for one purpose and salt, over a local socket of the state folder that only its own user and root reach. Who has a lent
key has not the passphrase, nor any other file's key.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event as Flag
from typing import Any

from lapel.errors import DeviceLocked, StoreError
from lapel.ports import KeyProvider
from lapel.wiring.beside import looking
from lapel.wiring.local import LocalServer, asked

SOCKET = "keys.sock"
REMEDY = "give its passphrase on the officer's page, or by lapel unlock"
_LONGEST_BYTES = 4096
_LOOK_S = 1.0
_LOCKED, _OPEN = (json.dumps({"locked": is_locked}).encode() for is_locked in (True, False))


class Lender:
    """Lends keys once it has some. Raises: OSError where the folder takes no socket."""

    def __init__(self, state: Path) -> None:
        self.keys: KeyProvider | None = None
        self._user = os.geteuid()
        self._server = LocalServer(state / SOCKET, self._answer, _LONGEST_BYTES)

    def close(self) -> None:
        """Lend no more."""
        self._server.close()

    def _answer(self, message: bytes, uid: int) -> bytes:
        if uid not in (0, self._user):
            return b"{}"
        if self.keys is None:
            return _LOCKED
        try:
            wanted = json.loads(message)
            if not wanted:
                return _OPEN
            key = self.keys.derive(str(wanted["purpose"]), bytes.fromhex(wanted["salt"]))
        except (KeyError, TypeError, ValueError, RecursionError):
            return b"{}"
        return json.dumps({"key": key.hex()}).encode()


class LentKeys:
    """Port KeyProvider: keys that the lookout of this state folder lends. Each is asked for once."""

    def __init__(self, state: Path) -> None:
        self._path = state / SOCKET
        self._lent: dict[tuple[str, bytes], bytes] = {}

    def derive(self, purpose: str, salt: bytes) -> bytes:
        """32 bytes. Raises: DeviceLocked, StoreError."""
        if (purpose, salt) not in self._lent:
            answer = self._asked({"purpose": purpose, "salt": salt.hex()})
            if answer is None:
                raise DeviceLocked(f"{self._path}: no lookout runs that could lend a key; start it, and {REMEDY}")
            if "key" not in answer:
                raise DeviceLocked(f"{self._path}: this device is LOCKED; {REMEDY}")
            self._lent[purpose, salt] = bytes.fromhex(answer["key"])
        return self._lent[purpose, salt]

    @property
    def is_locked(self) -> bool | None:
        """Whether the device is; None where no lookout runs that could say. Raises: StoreError."""
        answer = self._asked({})
        return None if answer is None else answer.get("locked", True)

    def _asked(self, question: dict[str, str]) -> dict[str, Any] | None:
        try:
            answer = asked(self._path, json.dumps(question).encode(), _LONGEST_BYTES)
        except OSError as error:
            raise StoreError(f"{self._path}: the lookout lends no key: {error.strerror or error}") from error
        found: dict[str, Any] | None = None if answer is None else json.loads(answer)
        return found


@contextmanager
def unlocked_link(keys: KeyProvider, stop: Flag, said: Callable[[], None]) -> Iterator[Flag]:
    """Wait for lent keys, and say so; then set ``stop``, and what is yielded, once the device is locked again: what was
    lent is not to be used any more. A lookout that merely ended locks nothing. Raises: StoreError."""
    locked = Flag()
    if not isinstance(keys, LentKeys):
        yield locked
        return
    if keys.is_locked is not False:
        said()
    while keys.is_locked is not False and not stop.wait(_LOOK_S):
        pass

    def look() -> None:
        with suppress(StoreError):  # busy: asked again in a second
            if keys.is_locked:
                locked.set()
                stop.set()

    with looking("unlocked", _LOOK_S, look):
        yield locked
