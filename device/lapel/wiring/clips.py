"""The port Clips at work: stills in the loop, films and their sealing on a thread beside it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Condition, Thread

from lapel.clips.film import Film, best_format, film_of
from lapel.clips.h264 import EncoderFailed
from lapel.clips.still import still_of
from lapel.config.profile import Ring
from lapel.core.clip_records import FilmFormat
from lapel.core.clips import Cut, Cutter, Told
from lapel.core.records import Record, RecordKind
from lapel.core.things import Hit, Scene
from lapel.errors import CropTooSmall, StoreError, Tampered
from lapel.ports import Clock
from lapel.store.journal_rows import JournalRows
from lapel.wiring.clip_shelf import ClipShelf, clips_of

_MOST_WAITING = 4
"""Clips that wait for a slow disk; those beyond are lost, and said."""
_LOOK_EVERY_S = 1.0
_LATE_NS = 2_000_000_000
"""A live source that shows nothing for so long after a clip should have ended was lost: the clip ends without it."""


class ClipKeeper:
    """Port Clips. ``patience_s``: how long a clip of a live source may stay open, None where time is the recording's.

    The loop makes stills only; the thread codes, seals and records, and keeps the shelf tidy, once a day. An alert and
    its record stand, whatever becomes of the clip: ``notice`` hears of it.
    """

    def __init__(
        self,
        cutter: Cutter,
        longest_side_px: int,
        shelf: ClipShelf,
        clock: Clock,
        notice: Callable[[str], None],
        patience_s: float | None = None,
    ) -> None:
        self._cutter, self._longest_side_px = cutter, longest_side_px
        self._shelf, self._clock, self._notice = shelf, clock, notice
        self._patience_ns = None if patience_s is None else int(patience_s * 1e9) + _LATE_NS
        self._format: FilmFormat | None = None  # found out on the thread, at the first clip: its libraries load slowly
        self._turn = Condition()
        self._waiting: deque[Cut] = deque()
        self._ends_ns: int | None = None
        self._is_closed = self._is_blind = False
        self._tidied = clock.today()
        self._thread = Thread(target=self._work, name="clips", daemon=True)
        self._thread.start()

    def see(self, scene: Scene, at_s: float) -> None:
        """Hold a scene's canvas, when it is time for a still."""
        if self._is_blind or not self._cutter.wants(at_s):
            return
        try:
            still = still_of(scene, at_s, self._longest_side_px)
        except CropTooSmall as error:
            self._is_blind = True
            self._notice(f"NO CLIPS: {error}")
            return
        with self._turn:
            self._hand_over(self._cutter.see(still))

    def alerted(self, hit: Hit, record: Record) -> None:
        """Begin a clip or lengthen the open one."""
        with self._turn:
            self._cutter.alerted(Told(record.id, hit.entry.id, hit.sighting.at_s))
            if self._patience_ns is not None:
                self._ends_ns = self._clock.monotonic_ns() + self._patience_ns

    def close(self) -> None:
        """End the open clips, and wait until all are kept."""
        with self._turn:
            self._hand_over(self._cutter.finish())
            self._is_closed = True
            self._turn.notify()
        self._thread.join()

    def _hand_over(self, cuts: tuple[Cut, ...]) -> None:
        for cut in cuts:
            if len(self._waiting) >= _MOST_WAITING:
                self._notice(f"CLIP LOST: {_MOST_WAITING} wait for the disk already; the alert's record stands")
            else:
                self._waiting.append(cut)
                self._turn.notify()

    def _work(self) -> None:
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._waiting or self._is_closed, _LOOK_EVERY_S)
                self._end_late_ones()
                cut = self._waiting.popleft() if self._waiting else None
                is_over = self._is_closed and cut is None
            if is_over:
                return
            if cut is not None:
                self._said(partial(self._keep, cut), "CLIP NOT KEPT")
            elif (today := self._clock.today()) != self._tidied:
                self._tidied = today
                self._said(self._shelf.tidy, "CLIPS NOT PURGED")

    def _keep(self, cut: Cut) -> None:
        self._shelf.keep(self._film(cut))

    def _film(self, cut: Cut) -> Film:
        self._format = self._format or best_format()
        try:
            return film_of(cut, self._format)
        except EncoderFailed as error:  # evidence in the larger format is better than none
            self._format = FilmFormat.MJPEG
            self._notice(f"{error}; clips are Motion JPEG from now on")
            return film_of(cut)

    def _end_late_ones(self) -> None:
        if self._ends_ns is not None and self._cutter.is_open and self._clock.monotonic_ns() > self._ends_ns:
            self._ends_ns = None
            self._hand_over(self._cutter.finish())

    def _said(self, work: Callable[[], object], what: str) -> None:
        try:
            work()
        except (StoreError, Tampered) as error:
            self._notice(f"{what}: {error}; the alert and its record stand")
        # The top of a thread: a fault in it may neither end the watch nor pass in silence.
        except Exception as error:  # noqa: BLE001
            self._notice(f"{what}: {type(error).__name__}: {error}; this is a bug, please report it")


@contextmanager
def clips_kept(
    shelf: ClipShelf, ring: Ring, sealed: JournalRows, notice: Callable[[str], None], is_live: bool
) -> Iterator[ClipKeeper | None]:
    """Clips for the time of a watch, the folder put right before it; None where the site wants none made."""
    try:
        made, purged = (clips_of(sealed.of_kind(kind)) for kind in (RecordKind.CLIP, RecordKind.PURGE))
        for wrong in shelf.put_right(made, purged):
            notice(wrong)
        shelf.tidy()
    except (StoreError, Tampered) as error:
        notice(f"CLIPS NOT PURGED: {error}")
    terms = shelf.terms
    cutter = Cutter(terms.before_s, terms.after_s, ring.stills_per_second)
    patience_s = terms.after_s if is_live else None
    keeper = ClipKeeper(cutter, ring.longest_side_px, shelf, shelf.clock, notice, patience_s)
    try:
        yield keeper if terms.are_wanted else None  # what is there from before is purged in time all the same
    finally:
        keeper.close()
