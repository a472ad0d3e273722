"""A list that is replaced while a watch goes on: the new one is made beside the loop, and taken between two frames.

Whoever replaces the file (an import, a withdrawal) does so whole. A new one that may not be used leaves the old one in
place, and that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event as Flag
from threading import Thread

from lapel.core.calibrate import WATCHING
from lapel.core.codes import written_kinds
from lapel.core.decoys import DecoyTest
from lapel.core.gallery import Gallery, Terms
from lapel.core.records import Event
from lapel.core.things import Hit
from lapel.errors import LapelError
from lapel.lookout import Lookout
from lapel.ports import Clock, CodeReader, KeyProvider, Watchlist
from lapel.store.gallery import read_gallery
from lapel.wiring.own_records import note_list, tell_of_list
from lapel.wiring.seeing import Seeing

LOOK_EVERY_S = 0.25
"""A withdrawal is to act within a second of its arrival."""


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """What of a watch depends on its list."""

    gallery: Gallery
    watchlist: Watchlist
    codes: CodeReader
    decoys: DecoyTest | None

    def give_to(self, lookout: Lookout) -> None:
        """Have a watch go by this list from the next frame on."""
        lookout.watchlist, lookout.codes, lookout.decoys = self.watchlist, self.codes, self.decoys


def listed(seeing: Seeing, gallery: Gallery, clock: Clock) -> Listed:
    """The parts for a list. Raises: ValueError for written codes where plates are not destroyed, ForeignModel."""
    return Listed(
        gallery,
        seeing.recall(gallery, WATCHING, clock.today),
        seeing.code_reader([code for entry in gallery.entries for code in entry.codes]),
        decoy_test(gallery),
    )


def decoy_test(gallery: Gallery) -> DecoyTest | None:
    """The test that a list's decoys drive; None where it has none, or no budget to test."""
    calibration = gallery.calibration
    if calibration is None or not gallery.decoys or calibration.decoy_share <= 0:
        return None
    # With so many false alerts to every hit on a decoy, the budget for the one is a budget for the other.
    a_decoy_each = calibration.decoy_share / (1 - min(0.99, calibration.decoy_share))
    return DecoyTest(calibration.budget_per_hour * a_decoy_each)


def needs_plates_destroyed(gallery: Gallery) -> bool:
    """Whether anything on a list is read as written, of which frames with plates must show nothing."""
    return bool(written_kinds([code for entry in gallery.entries for code in entry.codes]))


def without_written(gallery: Gallery) -> Gallery:
    """The list without codes that are read as written."""
    entries = (
        replace(entry, codes=tuple(code for code in entry.codes if not written_kinds([code])))
        for entry in gallery.entries
    )
    return replace(gallery, entries=tuple(entries))


@contextmanager
def renewing(
    lookout: Lookout,
    path: Path,
    seeing: Seeing,
    gallery: Gallery,
    keys: KeyProvider,
    clock: Clock,
    event_for: Callable[[Terms], Callable[[Hit], Event]],
) -> Iterator[None]:
    """A list that is replaced during a live watch is taken between two frames, and that is a record.

    ``gallery`` is what the watch began with, ``event_for`` says what is kept of hits on a list.
    """
    are_plates_destroyed = needs_plates_destroyed(gallery)
    if are_plates_destroyed:
        seeing = seeing.with_plates_destroyed()

    def make() -> Listed:
        new = read_gallery(path, keys, seeing.models.describing_sha256)
        if needs_plates_destroyed(new) and not are_plates_destroyed:
            lookout.alerter.notice("watchlist: written codes are new on it; they are read from the next start on")
            new = without_written(new)
        return listed(seeing, new, clock)

    renewal = Renewal(path, make, lookout.alerter.notice)

    def between_frames() -> None:
        if (new := renewal.take()) is not None:
            new.give_to(lookout)
            lookout.event_of = event_for(new.gallery.terms)
            note_list(lookout.journal, lookout.alerter, new.gallery)
            tell_of_list(lookout.alerter, new.gallery, clock.today())

    lookout.between_frames = between_frames
    try:
        yield
    finally:
        renewal.close()


class Renewal:
    """Looks whether a list's file was replaced, and makes the new one's parts on a thread of its own.

    ``make`` reads the file. Raises: what it raises is told by ``notice``, once a file.
    """

    def __init__(
        self, path: Path, make: Callable[[], Listed], notice: Callable[[str], None], every_s: float = LOOK_EVERY_S
    ) -> None:
        self._path, self._make, self._notice, self._every_s = path, make, notice, every_s
        self._known = _mark(path)
        self._new: Listed | None = None
        self._ends = Flag()
        self._thread = Thread(target=self._run, name="renewal", daemon=True)
        self._thread.start()

    def take(self) -> Listed | None:
        """The new list, once; None where there is none. Costs nothing in a frame loop."""
        found, self._new = self._new, None
        return found

    def close(self) -> None:
        """Look no more."""
        self._ends.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ends.wait(self._every_s):
            mark = _mark(self._path)
            if mark is None or mark == self._known:
                continue
            self._known = mark
            try:
                self._new = self._make()
            except (LapelError, ValueError, OSError) as error:
                self._notice(f"NEW WATCHLIST NOT TAKEN, the one before is used: {error}")


def _mark(path: Path) -> tuple[int, int, int] | None:
    """What tells one file in a place from the next."""
    with suppress(OSError):
        found = path.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size
    return None
