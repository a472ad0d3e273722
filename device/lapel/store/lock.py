"""One writer a file: a lock that the kernel frees when its holder dies, however it dies."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from lapel.errors import StoreLocked
from lapel.store.atomic import disk_error


class WriterLock:
    """The right to write a store, held from construction until ``release``, or the end of a ``with``.

    A file beside the store, since SQLite's own locks are let go between transactions. Who ``writes`` nothing, and
    keeps others from it, has the lock on a read-only disk as well: then it is on that file if it is there, else on its
    folder. Raises: StoreLocked naming the process that holds it and the ``remedy``, StoreError.
    """

    def __init__(
        self, store: Path, remedy: str = "stop that one first, or give another --state", writes: bool = True
    ) -> None:
        path = store.with_name(store.name + ".lock")
        try:
            self._file = _opened(path, writes)
        except OSError as error:
            raise disk_error(store, error) from error
        try:
            # flock and not POSIX record locks: those vanish when any descriptor of the file is closed.
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = _holder(self._file)
            os.close(self._file)
            raise StoreLocked(f"{store}: process {holder} is writing it; {remedy}") from error
        # The number is a courtesy; a full disk must not keep a store from being opened.
        with suppress(OSError):
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def __enter__(self) -> WriterLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Let another process write. The file stays: removing it would let two processes lock two files."""
        os.close(self._file)


def holder_of(store: Path) -> str | None:
    """Which process has the right to write a store, by its number; None where none has. Leaves nothing behind, and asks
    for a moment alone: a writer that begins in it begins at its second try. Raises: StoreError."""
    try:
        file = _readable(store.with_name(store.name + ".lock"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise disk_error(store, error) from error
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(file)
    finally:
        os.close(file)
    return None


def _opened(path: Path, writes: bool) -> int:
    """What the lock is held on. Raises: OSError."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno != errno.EROFS or writes:
            raise
    return _readable(path)


def _readable(path: Path) -> int:
    """The file, or the folder that is locked in its place. Raises: OSError."""
    return os.open(path if path.exists() else path.parent, os.O_RDONLY | os.O_CLOEXEC)


def _holder(file: int) -> str:
    """The number that a lock's holder left in its file; a folder has none."""
    with suppress(IsADirectoryError):
        return os.pread(file, 20, 0).decode(errors="replace").strip() or "unknown"
    return "unknown"
