"""A disk that fails at a chosen file operation: the power goes, or there is no room left; and what is lost by it."""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import pytest

from lapel.config.profile import Profile
from lapel.core.records import Event, RecordKind
from lapel.errors import StoreFull
from lapel.health.clock import SystemClock
from lapel.ports import KeyProvider
from lapel.store.journal import JOURNAL, SealedJournal

_CHANGES = ("mkdir", "replace", "unlink")
"""Beside opening, writing and syncing what is written."""


class PowerCut(BaseException):
    """Nothing in the program may handle it."""


class Loss(OSError):
    """A full disk."""

    def __init__(self) -> None:
        super().__init__(errno.ENOSPC, os.strerror(errno.ENOSPC))


@dataclass
class BadDisk:
    """Counts file operations that change something. From the one after ``good`` on each fails, for good: of a full disk
    all but those that need no room. A write that fails is done in part."""

    good: int
    failure: Callable[[], BaseException] = PowerCut
    done: int = 0
    _written: dict[int, tuple[int, int]] = field(default_factory=dict)
    _unsynced: set[tuple[int, int]] = field(default_factory=set)

    @property
    def has_failed(self) -> bool:
        """Whether an operation was asked for that failed."""
        return self.done > self.good

    @contextmanager
    def used(self) -> Iterator[BadDisk]:
        """While the block runs, ``os`` writes to this disk."""
        with pytest.MonkeyPatch.context() as patch:
            for name in _CHANGES:
                patch.setattr(os, name, self._counted(getattr(os, name), needs_room=name != "unlink"))
            patch.setattr(os, "open", self._open(os.open))
            patch.setattr(os, "close", self._close(os.close))
            patch.setattr(os, "fdopen", self._fdopen(os.fdopen))
            patch.setattr(os, "pwrite", self._pwrite(os.pwrite))
            patch.setattr(os, "fsync", self._fsync(os.fsync))
            yield self

    def lose(self, folder: Path) -> None:
        """What a power cut may take: the second half of each file that was written and not synced."""
        for path in folder.rglob("*"):
            at = path.stat()
            if path.is_file() and (at.st_dev, at.st_ino) in self._unsynced:
                os.truncate(path, at.st_size // 2)

    def _step(self, needs_room: bool = True) -> None:
        if needs_room or self.failure is PowerCut:
            self.done += 1
            if self.has_failed:
                raise self.failure()

    def _counted(self, real: Callable[..., Any], needs_room: bool) -> Callable[..., Any]:
        def operate(*args: Any, **kwargs: Any) -> Any:
            self._step(needs_room)
            return real(*args, **kwargs)

        return operate

    def _open(self, real: Callable[..., int]) -> Callable[..., int]:
        def operate(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
            writes = bool(flags & (os.O_WRONLY | os.O_RDWR))
            if writes:
                self._step()
            descriptor = real(path, flags, *args, **kwargs)
            if writes:
                at = os.fstat(descriptor)
                self._written[descriptor] = (at.st_dev, at.st_ino)
                self._unsynced.add(self._written[descriptor])
            return descriptor

        return operate

    def _close(self, real: Callable[[int], None]) -> Callable[[int], None]:
        def operate(descriptor: int) -> None:
            self._written.pop(descriptor, None)
            real(descriptor)

        return operate

    def _fdopen(self, real: Callable[..., IO[bytes]]) -> Callable[..., _Written]:
        return lambda descriptor, *args, **kwargs: _Written(self, real(descriptor, *args, **kwargs, buffering=0))

    def _pwrite(self, real: Callable[[int, Any, int], int]) -> Callable[[int, Any, int], int]:
        def operate(descriptor: int, data: Any, at: int) -> int:
            if descriptor in self._written:  # memory that has a descriptor is on no disk
                self.write(lambda part: real(descriptor, part, at), data)
                return len(data)
            return real(descriptor, data, at)

        return operate

    def write(self, real: Callable[[Any], object], data: Any) -> None:
        """All of it, or half and the failure."""
        try:
            self._step()
        except BaseException:
            real(bytes(data)[: len(data) // 2])
            raise
        real(data)

    def _fsync(self, real: Callable[[int], None]) -> Callable[[int], None]:
        def operate(descriptor: int) -> None:
            self._step()
            real(descriptor)
            self._unsynced.discard(self._written.get(descriptor, (0, 0)))

        return operate


@dataclass
class _Written:
    """An open file on it."""

    disk: BadDisk
    file: IO[bytes]

    def write(self, data: bytes) -> int:
        self.disk.write(self.file.write, data)
        return len(data)

    def flush(self) -> None:
        self.file.flush()

    def fileno(self) -> int:
        return self.file.fileno()

    def __enter__(self) -> _Written:
        return self

    def __exit__(self, *_: object) -> None:
        self.disk._written.pop(self.file.fileno(), None)
        self.file.close()


def let_go(folder: Path) -> None:
    """What the kernel does when the power goes: a process that is no more holds no lock."""
    for link in Path("/proc/self/fd").iterdir():
        if link.is_symlink() and os.readlink(link).startswith(f"{folder}/"):
            os.close(int(link.name))


def with_full_journal(profile: Profile, state: Path, keys: KeyProvider) -> Profile:
    """The profile, with a journal of 1 MiB that lies there and takes not even a record without a picture."""
    with SealedJournal(state / JOURNAL, keys, SystemClock(), "device", quota_mib=1) as journal:
        for picture in (random.Random(1).randbytes(60_000), b""):
            with suppress(StoreFull):
                while True:
                    journal.append(Event(RecordKind.PEOPLE, (("people_max", 0),), picture))
    return replace(profile, journal=replace(profile.journal, quota_mib=1))
