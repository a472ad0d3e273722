"""Power cuts of a real process: what it told the kernel is written down by strace, and replayed up to any moment.

What was synced is there afterwards. Of what was not, each sector of 512 bytes may be there or not, whatever came before
or after it; names that were not synced with their folder are kept in order, up to any of them. A file that was synced
without its folder may have no name: POSIX asks for no more, even where ext4 gives more. Bytes that were never written
read as zeros. What a disk does that forgets what it said was synced is not simulated, but ``without_syncs`` is.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

import pytest

SECTOR_BYTES = 512
_CALLS = "openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,pwritev,writev"
_WRITES = "write,pwrite64,ftruncate"
_UNREAD = {"renameat", "renameat2", "pwritev", "writev"}
"""Ways to write that nothing here takes: seen on a file of ours, they would make the log a wrong one."""
_LINE = re.compile(r"^\d+ +(\w+)\((.*)\) = (\d+)")
_DESCRIPTOR = re.compile(r"^(\d+)<((?:\\x[0-9a-f]{2})+)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_STDOUT = 1


class Did(Enum):
    """What a process did."""

    CREATE = auto()
    WRITE = auto()
    TRUNCATE = auto()
    SYNC = auto()
    RENAME = auto()
    REMOVE = auto()
    SAY = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """One call that succeeded. ``name`` is a file of the folder, empty for the folder itself or its output."""

    did: Did
    name: str = ""
    data: bytes = field(default=b"", repr=False)
    offset: int = 0
    to: str = ""


def recorded(command: Sequence[str], folder: Path) -> tuple[Step, ...]:
    """Run a process that has ``folder`` to itself; what it did there and said, in order."""
    log = folder.with_name(f"{folder.name}.strace")
    done = _traced(("-y", "-xx", "-s", "2000000", "-e", f"trace={_CALLS}", "-o", str(log)), command)
    assert done.returncode == 0, done.stderr
    with log.open() as lines:
        steps = _Reading(folder).all(lines)
    log.unlink()
    return steps


def with_full_disk(command: Sequence[str], write: int, *, for_good: bool) -> subprocess.CompletedProcess[str]:
    """Run a process whose write of that number, from 1, fails for want of room; or that one and all that follow."""
    when = f"{write}+" if for_good else str(write)
    return _traced(("-e", f"inject={_WRITES}:error=ENOSPC:when={when}", "-o", "/dev/null"), command)


def _traced(options: Sequence[str], command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace, which writes down what a process tells the kernel: apt install strace")
    done = subprocess.run([strace, "-f", "-qq", *options, *command], capture_output=True, text=True, check=False)
    if "PTRACE" in done.stderr:
        pytest.skip("leave to trace processes (ptrace)")
    return done


class _Reading:
    """Takes a log apart. ``write`` goes on where the descriptor's last one ended."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._known: set[str] = set()
        self._at: dict[int, int] = {}

    def all(self, lines: Sequence[str] | object) -> tuple[Step, ...]:
        steps: list[Step] = []
        for line in lines:  # type: ignore[attr-defined]
            assert "unfinished" not in line or self._folder.encode().hex() not in line.replace("\\x", "")
            if found := _LINE.match(line):
                steps += self._step(found[1], found[2], int(found[3]))
        return tuple(steps)

    def _step(self, call: str, said: str, result: int) -> list[Step]:
        texts = [bytes.fromhex(text.replace("\\x", "")) for text in _TEXT.findall(said)]
        if call == "openat":
            return self._opened(texts[0].decode(), said, result)
        if call in {"rename", "unlink", "unlinkat"}:
            names = [self._name(text.decode()) for text in texts]
            if names[0] is None:
                return []
            self._known.discard(names[0])
            self._known |= {name for name in names[1:] if name is not None}
            to = names[1] if call == "rename" else ""
            assert to is not None
            return [Step(Did.RENAME if call == "rename" else Did.REMOVE, names[0], to=to)]
        found = _DESCRIPTOR.match(said)
        if found is None:
            return []
        number, name = int(found[1]), self._name(bytes.fromhex(found[2].replace("\\x", "")).decode())
        if name is None:
            return [Step(Did.SAY, data=texts[0])] if number == _STDOUT and call == "write" else []
        assert call not in _UNREAD
        return [self._on(call, name, number, texts, said)]

    def _on(self, call: str, name: str, number: int, texts: list[bytes], said: str) -> Step:
        last = int(said.rpartition(", ")[2]) if ", " in said else 0
        match call:
            case "fsync" | "fdatasync":
                return Step(Did.SYNC, name)
            case "ftruncate":
                return Step(Did.TRUNCATE, name, offset=last)
            case "pwrite64":
                return Step(Did.WRITE, name, texts[0], last)
        offset = self._at.get(number, 0)
        self._at[number] = offset + len(texts[0])
        return Step(Did.WRITE, name, texts[0], offset)

    def _opened(self, path: str, said: str, number: int) -> list[Step]:
        self._at[number] = 0
        name = self._name(path)
        if name is None or not name or "O_CREAT" not in said or name in self._known:
            return [Step(Did.TRUNCATE, name)] if name and "O_TRUNC" in said else []
        self._known.add(name)
        return [Step(Did.CREATE, name)]

    def _name(self, path: str) -> str | None:
        """A path within the folder; None for one elsewhere."""
        if path == self._folder:
            return ""
        return path.removeprefix(f"{self._folder}/") if path.startswith(f"{self._folder}/") else None


class _File:
    def __init__(self) -> None:
        self.synced = bytearray()
        self.since: list[tuple[int, bytes | None]] = []
        """Writes, and truncations (None) to a length."""

    def sync(self) -> None:
        for offset, data in self.since:
            _put(self.synced, offset, data)
        self.since.clear()

    def left(self, draw: random.Random) -> bytes:
        """What a cut leaves of it."""
        content = bytearray(self.synced)
        share = draw.choice((0.0, 0.5, 0.9, 1.0))
        for offset, data in self.since:
            if data is None:
                if draw.random() < share:
                    _put(content, offset, None)
                continue
            first = -offset % SECTOR_BYTES
            for begin in (0, *range(first or SECTOR_BYTES, len(data), SECTOR_BYTES)):
                end = min(len(data), begin + SECTOR_BYTES - (offset + begin) % SECTOR_BYTES)
                if draw.random() < share:
                    _put(content, offset + begin, data[begin:end])
        return bytes(content)


def _put(content: bytearray, offset: int, data: bytes | None) -> None:
    size = offset if data is None else offset + len(data)
    if data is None:
        del content[size:]
    if len(content) < size:
        content.extend(bytes(size - len(content)))
    if data is not None:
        content[offset:size] = data


def after_cut(steps: Sequence[Step], draw: random.Random) -> dict[str, bytes]:
    """The files that a folder has when the power went after ``steps``: one of the many ways it may be."""
    synced: dict[str, _File] = {}
    names: dict[str, _File] = {}
    since: list[dict[str, _File | None]] = []
    for step in steps:
        match step.did:
            case Did.CREATE:
                names[step.name] = _File()
                since.append({step.name: names[step.name]})
            case Did.WRITE:
                names[step.name].since.append((step.offset, step.data))
            case Did.TRUNCATE:
                names[step.name].since.append((step.offset, None))
            case Did.RENAME:
                names[step.to] = names.pop(step.name)
                since.append({step.name: None, step.to: names[step.to]})
            case Did.REMOVE:
                del names[step.name]
                since.append({step.name: None})
            case Did.SYNC if step.name:
                names[step.name].sync()
            case Did.SYNC:
                _rename(synced, since)
                since.clear()
    _rename(synced, since[: draw.randint(0, len(since))])
    return {name: file.left(draw) for name, file in synced.items()}


def without_syncs(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same, by a program that never waits for the disk."""
    return tuple(step for step in steps if step.did is not Did.SYNC or not step.name)


def _rename(names: dict[str, _File], changes: Sequence[dict[str, _File | None]]) -> None:
    for change in changes:
        for name, file in change.items():
            if file is None:
                names.pop(name, None)
            else:
                names[name] = file
