"""Wipes a device: its key first, then whatever lies in its state folder. Once begun it is finished at the next start.

What was sealed by a key that is gone can be read by nobody. Files are overwritten where their salts stand before they
are removed, since a passphrase is not on the device; a memory card may keep old blocks, which no program reaches.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from lapel.errors import Refused, StoreError, UsageError
from lapel.store.atomic import discard, disk_error, sync_folder, write_whole
from lapel.store.attempts import ATTEMPTS
from lapel.store.clips import ENDING, FOLDER
from lapel.store.contact import CONTACT
from lapel.store.journal import JOURNAL
from lapel.store.lease_spent import LEASE
from lapel.store.link_key import LINK_KEY
from lapel.store.link_state import LINK
from lapel.store.lock import WriterLock
from lapel.store.pieces import PIECES
from lapel.store.set_aside import ASIDE
from lapel.store.signing import SIGNING
from lapel.store.trust import FILE, WATCHLIST
from lapel.store.witnessed import WITNESSED

WIPING, WIPED = "wiping.json", "wiped.json"
"""Begun, and done: the only things that stay in the folder beside lock files."""
_LOCKED = (FILE, WATCHLIST, JOURNAL, LINK, PIECES)
_NAMES = (FILE, WATCHLIST, JOURNAL, LINK, SIGNING, CONTACT, LEASE, LINK_KEY, WITNESSED, ATTEMPTS)
_HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Wiped:
    """When (RFC 3339) and why; ``key_file`` is what opened the state, empty for a passphrase."""

    at: str
    why: str
    key_file: str


def wipe(state: Path, key_file: Path | None, why: str, at: str) -> Wiped:
    """Destroy the key and all that it sealed here. Raises: UsageError (nothing to wipe), StoreLocked where a program
    that writes there has to be stopped first; StoreError for what could not be destroyed: it is tried again at the next
    start, everything else is gone."""
    if (state / WIPED).exists():
        raise UsageError(f"{state}: {_said(_read(state / WIPED))}")
    if key_file is None and not any((state / name).exists() for name in _NAMES):
        raise UsageError(f"{state}: holds nothing of Lapel; name the device's state folder by --state")
    wiped = Wiped(at, why, str(key_file.resolve()) if key_file else "")
    with ExitStack() as held:
        for name in _LOCKED:
            if (state / name).exists():
                held.callback(WriterLock(state / name, "stop that one first (systemctl stop lapel.target)").release)
        # A full disk takes no note, and must not keep a key alive: the note is written once there is room.
        with suppress(StoreError):
            _write(state / WIPING, wiped)
        _destroyed(state, wiped)
    return wiped


def refuse_wiped(state: Path) -> None:
    """Finish a wipe that was begun, and open nothing of a device that was wiped. Raises: Refused, StoreError."""
    if (state / WIPING).exists() and not (state / WIPED).exists():
        _destroyed(state, _read(state / WIPING))
    if (state / WIPED).exists():
        discard(state / WIPING)  # another program may have come so far meanwhile
        raise Refused(
            f"{state}: {_said(_read(state / WIPED))}; to use this device again remove {WIPED}, and have it trust its "
            "authority anew: lapel watchlist trust"
        )


def _destroyed(state: Path, wiped: Wiped) -> None:
    failed: list[StoreError] = []
    for path in (*((Path(wiped.key_file),) if wiped.key_file else ()), *_ours(state)):
        try:
            _destroy(path)
        except OSError as error:
            failed.append(disk_error(path, error))
    if failed:
        raise StoreError(f"NOT WIPED WHOLLY: {failed[0]} ({len(failed)} files); it goes on at the next start")
    _write(state / WIPED, wiped)
    discard(state / WIPING)


def _destroy(path: Path) -> None:
    """Overwrite a file where its keys begin, then remove it; one that is gone already is fine. Raises: OSError."""
    if not path.is_symlink():
        try:
            path.chmod(0o600)  # what was set aside is kept from being written
            descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            os.pwrite(descriptor, secrets.token_bytes(min(_HEAD_BYTES, os.fstat(descriptor).st_size)), 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def _ours(state: Path) -> Iterator[Path]:
    """The files of a state folder that Lapel wrote, and drafts of them: whatever else lies there is somebody else's."""
    for name in _NAMES:
        yield from (path for path in (state / name, state / f"{name}-wal", state / f"{name}-shm") if path.is_file())
        for draft in (f".{name}.*", f"..{name}.*"):  # an import's is a draft of a draft
            yield from state.glob(draft)
    yield from state.glob(f"{ASIDE}*")
    yield from (path for path in (state / FOLDER).glob(f"*{ENDING}*") if path.is_file())
    yield from (path for path in (state / PIECES).rglob("*") if path.is_file())


def _write(path: Path, wiped: Wiped) -> None:
    write_whole(path, [json.dumps(asdict(wiped), ensure_ascii=False).encode()])


def _read(path: Path) -> Wiped:
    try:
        return Wiped(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return Wiped("an unknown day", "unknown", "")


def _said(wiped: Wiped) -> str:
    return f"this device was wiped on {wiped.at} ({wiped.why}): its keys, list, records and clips are destroyed"
