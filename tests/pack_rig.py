"""A device's state folder with a watch in its journal, and packs made of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from lapel.clips.film import film_of
from lapel.clips.still import still_of
from lapel.config.site import Clips
from lapel.core.clips import Cut, Told
from lapel.core.records import Event, Fact, Record, RecordKind
from lapel.core.things import Scene
from lapel.fakes.clock import FakeClock
from lapel.fakes.gallery import made_up_entry, made_up_gallery
from lapel.store.clips import FOLDER, SealedClips
from lapel.store.gallery import write_gallery
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.keys import FileKey
from lapel.store.trust import WATCHLIST
from lapel.wiring.clip_shelf import ClipShelf
from lapel_tools.pack.making import Source, Wanted, make_pack

DEVICE, OTHER, MODEL = "cam-7", "cam-8", "cd" * 32
TODAY = date(2026, 3, 1)
PICTURE = b"\xff\xd8\xff\xe0 what was seen, faces destroyed \xff\xd9"


@dataclass(frozen=True)
class Kept:
    """A state folder, and the alert in it that has a picture and a clip."""

    state: Path
    alert: Record

    @property
    def keys(self) -> FileKey:
        """What opens it."""
        return FileKey(self.state / "device.key")

    @property
    def source(self) -> Source:
        """Where packs are made from."""
        return Source(self.state, self.keys, FakeClock())

    def wanted(self, record: str = "", audit: bool = False) -> Wanted:
        """A pack with everything."""
        return Wanted(
            record or self.alert.id, (self.state / WATCHLIST, self.keys), "Officer 7", "court order 12", audit
        )

    def pack(self, record: str = "", audit: bool = False) -> bytes:
        """The pack of the alert, or of another record."""
        return make_pack(self.source, self.wanted(record, audit))


@contextmanager
def journal_of(state: Path, device: str = DEVICE) -> Iterator[SealedJournal]:
    """The journal, to be written."""
    with SealedJournal(state / JOURNAL, FileKey(state / "device.key"), FakeClock(), device) as journal:
        yield journal


def alert(number: int, version: int = 1) -> Event:
    """A hit on an entry of the list."""
    facts: tuple[tuple[str, Fact], ...] = (
        ("entry", f"crate-{number}"),
        ("label", "Crate"),
        ("list_id", "springfield"),
        ("list_version", version),
        ("evidence", 1.5),
    )
    return Event(RecordKind.ALERT, facts, PICTURE)


def kept_watch(state: Path, device: str = DEVICE, before: int = 5) -> Kept:
    """A watch with some alerts, of which the last has a clip."""
    state.mkdir(parents=True)
    keys = FileKey.create(state / "device.key")
    crates = tuple(made_up_entry(f"crate-{n}", TODAY + timedelta(days=9)) for n in range(3))
    write_gallery(state / WATCHLIST, made_up_gallery(TODAY, crates, MODEL), keys)
    with journal_of(state, device) as journal:
        journal.append(Event(RecordKind.START, (("profile", "pi-5"), ("model_detector", "ab" * 32))))
        journal.append(Event(RecordKind.LIST, (("list_id", "springfield"), ("version", 1))))
        journal.checkpoint()
        for number in range(before):
            journal.append(alert(number % 2))
        journal.checkpoint()
        made = journal.append(alert(2))
        pictures = (np.full((48, 64, 3), 40 + 10 * number, np.uint8) for number in range(8))
        stills = tuple(still_of(Scene((), 0, p), number / 5, 64) for number, p in enumerate(pictures))
        film = film_of(Cut((Told(made.id, "crate-2", 1.0),), stills))
        ClipShelf(SealedClips(state / FOLDER, keys), journal, FakeClock(), Clips()).keep(film)
    return Kept(state, made)
