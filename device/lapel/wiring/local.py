"""Local sockets (AF_UNIX): a process of the device is asked by others, one message and one answer at a time.

Whoever may connect is the file's mode to say; the asker's user is told to whoever answers.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

PATIENCE_S = 10.0
_SLOWEST_S = 2.0
_AGAIN_S = 0.1
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: struct ucred, unix(7)

Answering = Callable[[bytes, int], bytes]
"""The answer to a message of a user. A message that was too long ends in the middle."""


class LocalServer:
    """Listens at ``path`` and answers, in a thread of its own. Raises: OSError where the folder takes no socket, or
    somebody answers there already."""

    def __init__(self, path: Path, answer: Answering, longest_bytes: int, mode: int = 0o600) -> None:
        self._path, self._answer, self._longest_bytes = path, answer, longest_bytes
        self._is_closed = Event()
        _make_way(path)
        # Messages and not a stream: one is whole, or was too long.
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
        try:
            with _address(path) as address:
                self._socket.bind(address)
            path.chmod(mode)  # before it listens
            self._own = _which(path)  # not given to another file for as long as this socket is bound to it
            self._socket.listen()
        except OSError:
            self._socket.close()
            raise
        self._thread = Thread(target=self._listen, name=path.stem, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hear nobody any more; what was begun is finished first."""
        self._is_closed.set()
        if _which(self._path) == self._own:  # else somebody else listens there by now
            self._path.unlink(missing_ok=True)
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:  # closed, or no descriptor is free: then whoever asks waits
                if self._is_closed.wait(_AGAIN_S):
                    return
                continue
            # Whoever goes away in the middle harms nobody but himself.
            with closing(peer), suppress(OSError):
                peer.settimeout(_SLOWEST_S)
                # Read first: whoever is answered while he speaks hears no answer.
                message = peer.recv(self._longest_bytes + 1)
                _, uid, _ = _CREDENTIALS.unpack(
                    peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
                )
                if message:  # else somebody only looked whether anybody is here
                    peer.send(self._answer(message, uid))


@contextmanager
def page_answered(
    path: Path, answer: Answering, longest_bytes: int, notice: Callable[[str], None], unheard: str
) -> Iterator[bool]:
    """The officer's page gets its answers there, for whoever the folder lets in, and True is given; where nobody can
    listen, that is said, beginning with what then is ``unheard``."""
    try:
        server = LocalServer(path, answer, longest_bytes, mode=0o660)
    except OSError as error:
        notice(f"{unheard}: {path}: {error.strerror}; give companion.socket a folder of this user")
        yield False
        return
    with closing(server):
        yield True


def asked(path: Path, message: bytes, longest_bytes: int) -> bytes | None:
    """The answer of whoever listens at ``path``; None where nobody does, or it ended before it answered.

    Raises: OSError where it does not answer, or may not be asked.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC) as channel:
        channel.settimeout(PATIENCE_S)
        try:
            with _address(path) as address:
                channel.connect(address)
            channel.send(message)
            return channel.recv(longest_bytes) or None
        except (FileNotFoundError, ConnectionError):
            return None


def _make_way(path: Path) -> None:
    """Remove the socket of a process that was killed. Raises: OSError where its process still listens."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC) as channel, _address(path) as at:
        channel.setblocking(False)  # whoever has too many waiting to be heard is there, too
        found = channel.connect_ex(at)
    if found == errno.ECONNREFUSED:
        path.unlink(missing_ok=True)
    elif found in (0, errno.EAGAIN):
        raise OSError(errno.EADDRINUSE, "another process answers there: stop that first")
    elif found != errno.ENOENT:
        raise OSError(found, os.strerror(found))


def _which(path: Path) -> tuple[int, int] | None:
    """The file that stands there; None for none."""
    with suppress(FileNotFoundError):
        found = path.lstat()
        return found.st_dev, found.st_ino
    return None


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """The socket's address: unix(7) allows 107 bytes, fewer than a folder's name may have."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
