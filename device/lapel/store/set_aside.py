"""A damaged database is set aside as it lies, and another begun: a journal goes on where the station ended. Nothing is
written over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from lapel.core.chain import CompactRange
from lapel.core.records import LONGEST_FACT, Event, RecordKind
from lapel.core.succession import Succession
from lapel.errors import LapelError, Refused, StoreError, StoreLocked, Tampered, WrongKey
from lapel.ports import Clock, KeyProvider
from lapel.store.atomic import discard, disk_error, sync_folder
from lapel.store.database import open_database
from lapel.store.journal import JOURNAL, MIB, PURPOSE, SealedJournal
from lapel.store.link_state import LINK, LinkState
from lapel.store.lock import WriterLock
from lapel.store.signing import SIGNING, key_of_device
from lapel.store.unopened import UnopenedJournal

ASIDE = "aside-"
"""Begins the name of a database that was set aside, and of the log beside it."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A journal to write to. ``said`` is what became of the one before; empty where nothing did."""

    journal: SealedJournal | UnopenedJournal
    said: str = ""


def open_or_begin(path: Path, keys: KeyProvider, clock: Clock, device: str, quota_mib: float) -> Begun:
    """The journal; where it is damaged, a new one whose first record tells of that; where the disk is full or broken,
    one that keeps nothing, since alerts must go on.

    Raises: StoreLocked, WrongKey; StoreError where not even a lock can be had.
    """
    try:
        return _opened_or_begun(path, keys, clock, device, quota_mib)
    except StoreLocked:
        raise
    except StoreError as error:
        return Begun(UnopenedJournal(path, error), f"NOTHING IS RECORDED: {error}; then start Lapel again")


def _opened_or_begun(path: Path, keys: KeyProvider, clock: Clock, device: str, quota_mib: float) -> Begun:
    damage = "it was set aside, and a cut or a full disk came before another was begun"
    if path.exists() or not _asides(path):
        try:
            journal = SealedJournal(path, keys, clock, device, quota_mib=quota_mib)
        except Tampered as error:
            damage = str(error)
        except WrongKey as error:
            # Its first bytes tell a wrong key from damage, unless it is they that are damaged.
            if not _opens_the_rest(path.parent, device, keys):
                raise
            damage = str(error)
        else:
            is_untold = _asides(path) and journal.head() == journal.begins().head()
            return _told(journal, damage, ()) if is_untold else Begun(journal)
        _set_aside(path, clock)
    removed = _given_up(path, int(quota_mib * MIB))
    begins = _acknowledged(path.parent, keys)
    journal = SealedJournal(path, keys, clock, device, quota_mib=quota_mib, begins=begins)
    return _told(journal, damage, removed)


def _told(journal: SealedJournal, damage: str, removed: tuple[tuple[str, str], ...]) -> Begun:
    """The new journal, once its first record says after what it goes on, and why."""
    aside, begins = _asides(journal.path)[-1], journal.head()
    said = (
        f"JOURNAL SET ASIDE as {aside}, and a new one begun after the {begins.size} records that the station has: "
        f"{damage}"
    )
    try:
        facts = (("why", damage), ("aside", aside.name), *_hashes(aside), *removed)
        journal.append(Succession(begins).event(facts))
        journal.checkpoint()  # so that the device's key has signed after which head it goes on
    except (StoreError, Refused) as error:
        said = f"{said}; NOT RECORDED: {error}"
    return Begun(journal, said)


def link_or_begin(path: Path, keys: KeyProvider, clock: Clock) -> tuple[LinkState, Event | None]:
    """What the link knows; where that is damaged, nothing, and an event that tells of it and is to be recorded.

    ``keys`` have opened the journal beside it: where they do not open this, its first bytes are damaged. Raises:
    StoreLocked, StoreFull, StoreError.
    """
    try:
        link = LinkState(path, keys)
        try:
            link.cursor()
        except BaseException:
            link.close()
            raise
        return link, None
    except (Tampered, WrongKey) as error:
        damage = str(error)
    _set_aside(path, clock)
    removed = _given_up(path, MIB)
    aside = _asides(path)[-1]
    files = ", ".join(f"{name} {value}" for name, value in (("aside", aside.name), *_hashes(aside), *removed))
    said = f"{files}: {damage}"[:LONGEST_FACT]
    return LinkState(path, keys), Event(RecordKind.REFUSAL, (("what", f"{path.name} as it was"), ("why", said)))


def is_begun(state: Path) -> bool:
    """Whether there is anything in a state folder by which a key can be told from another."""
    return (state / JOURNAL).exists() or (state / SIGNING).exists()


def opens_state(state: Path, device: str, keys: KeyProvider) -> bool:
    """Whether keys are those of a state folder that was begun; every page is looked at only once it is written to."""
    try:
        open_database(state / JOURNAL, keys, PURPOSE, read_only=True).close()
    except LapelError:  # absent, damaged, or closed to these keys
        return _opens_the_rest(state, device, keys)
    return True


def _opens_the_rest(state: Path, device: str, keys: KeyProvider) -> bool:
    with suppress(LapelError):
        return key_of_device(state, device, keys) is not None
    return False


def _set_aside(path: Path, clock: Clock) -> None:
    """Rename the file and its log. Raises: StoreError."""
    try:
        with WriterLock(path):
            # Named by the time, but always after those that are there, also where the clock was set back.
            at_s = max((clock.wall_ns() // 10**9, *(_at_s(aside) + 1 for aside in _asides(path))))
            # The log goes first: a new journal must never find the log of another beside it.
            for ending in ("-wal", ""):
                file = path.with_name(path.name + ending)
                if file.exists():
                    file.chmod(0o400)
                    os.rename(file, path.with_name(f"{ASIDE}{at_s}-{file.name}"))
            path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
            sync_folder(path.parent)
    except OSError as error:
        raise disk_error(path, error) from error


def _hashes(aside: Path) -> Iterator[tuple[str, str]]:
    """The SHA-256 of what was set aside, and of the log beside it. Raises: StoreError."""
    for fact, file in (("log_sha256", aside.with_name(f"{aside.name}-wal")), ("sha256", aside)):
        try:
            if file.exists():
                with file.open("rb") as content:
                    yield fact, file_digest(content, "sha256").hexdigest()
        except OSError as error:
            raise disk_error(file, error) from error


def _asides(path: Path) -> list[Path]:
    """What was set aside of a journal, the oldest first, without the logs beside them."""
    return sorted(path.parent.glob(f"{ASIDE}*-{path.name}"), key=_at_s)


def _at_s(aside: Path) -> int:
    at_s = aside.name.removeprefix(ASIDE).partition("-")[0]
    return int(at_s) if at_s.isdecimal() else 0


def _given_up(path: Path, most_bytes: int) -> tuple[tuple[str, str], ...]:
    """Of what was set aside remove the oldest above so many bytes, never the newest; which, as a fact, where any is: a
    database that is damaged time and again must not fill the disk. What each was, the record of its day says."""
    removed: list[str] = []
    held_bytes = 0
    for number, aside in enumerate(reversed(_asides(path))):
        files = [each for each in (aside, aside.with_name(f"{aside.name}-wal")) if each.exists()]
        held_bytes += sum(each.stat().st_size for each in files)
        if number and held_bytes > most_bytes:
            removed.append(aside.name)
            for each in files:
                discard(each)
    return (("removed", ", ".join(sorted(removed))),) if removed else ()


def _acknowledged(state: Path, keys: KeyProvider) -> CompactRange:
    """The tree that the station acknowledged; empty where nobody can tell: then the station will see a fork."""
    with suppress(LapelError), LinkState(state / LINK, keys, read_only=True) as link:
        return link.acked_tree() or CompactRange()
    return CompactRange()
