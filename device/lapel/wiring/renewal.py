"""Takes a changed watchlist file while a watch goes on: built beside the loop, taken over between two frames."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from threading import get_native_id

from lapel.core.calibrate import WATCHING
from lapel.core.careful import LeftOut
from lapel.core.codes import written_kinds
from lapel.core.decoys import DecoyTest
from lapel.core.listed import Listed
from lapel.core.records import Event
from lapel.core.things import Hit
from lapel.errors import LapelError, Refused
from lapel.infer.searching import compacted_engine, renewed_engine
from lapel.lookout import Listing, Lookout
from lapel.matching import Recall, Shortlists
from lapel.ports import KeyProvider
from lapel.store.gallery import open_gallery
from lapel.wiring.beside import looking
from lapel.wiring.own_records import list_event, tell_of_left_out, tell_of_list
from lapel.wiring.seeing import Seeing
from lapel.wiring.stamps import Stamp, stamp_of
from lapel.wiring.withheld import Withheld, asked_of

# A list without an entry that was withdrawn is to be watched for within a second.
LOOK_EVERY_S = 0.25
_IDLE_S = 60.0
# What failed for want of disk or memory is tried again after so long.
_AGAIN_S = 10.0
_NICE = 10

EventOf = Callable[[tuple[str, int], Hit], Event]
"""What is kept of a hit on the list of that id and version."""


@dataclass(frozen=True, slots=True)
class Changing:
    """A watchlist that may be replaced: where it stands, what opens it, and which file was opened."""

    path: Path
    keys: KeyProvider
    seen: Stamp | None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a watch began with and a changed list cannot change: whose models, who hears of it, what day it is.

    ``reads_text``: a finder of plates is among the finders, so that text may be read.
    """

    seeing: Seeing
    notice: Callable[[str], None]
    today: Callable[[], date]
    event_of: EventOf
    reads_text: bool
    left_out: LeftOut | None = None
    withheld: Withheld | None = None


class Renewer:
    """Looks for another file in the watchlist's place, and makes the parts of the loop for it (port Renewals).

    A list that is refused is said, and the one before stays. Shards that only the new list has are built, in this
    thread; when nothing has changed for a minute, sparse ones are made anew.
    """

    def __init__(self, changing: Changing, recall: Recall, terms: Terms) -> None:
        """``recall`` was made of the file that was opened."""
        self._path, self._keys, self._terms = changing.path, changing.keys, terms
        self._listed, self._engines = recall.listed, recall.engines
        self._seen = changing.seen
        self._quiet_s = 0.0
        self._is_tidy = self._has_failed = False
        self._said = ""
        # Two threads put in and take out: each in one step, so that no list is lost between them.
        self._offered: deque[Listing] = deque(maxlen=1)

    def due(self) -> Listing | None:
        """The list to watch for from now on, once."""
        try:
            return self._offered.pop()
        except IndexError:
            return None

    def look(self) -> None:
        """Build what has changed, or tidy up after a minute in which nothing did. Not in the loop's thread."""
        stamp = stamp_of(self._path)
        self._quiet_s += LOOK_EVERY_S
        is_due = stamp != self._seen or (self._has_failed and self._quiet_s >= _AGAIN_S)
        if stamp is not None and is_due:
            if stamp != self._seen:
                self._said = ""
            self._seen, self._quiet_s, self._is_tidy, self._has_failed = stamp, 0.0, False, False
            self._take()
        elif self._quiet_s >= _IDLE_S and not self._is_tidy:
            self._is_tidy = True
            compact = Shortlists(*(compacted_engine(each, self._terms.notice) for each in self._engines.both))
            if compact.both != self._engines.both:
                self._offer(self._listed, compact)

    def _take(self) -> None:
        seeing, notice = self._terms.seeing, self._terms.notice
        try:
            listed = open_gallery(self._path, self._keys, seeing.models.describing_sha256)
            stored = (listed.descriptors.stored, listed.aggregates.stored)
            engines = Shortlists(
                *(
                    renewed_engine(engine, rows, seeing.runtime, notice)
                    for engine, rows in zip(self._engines.both, stored, strict=True)
                )
            )
            self._offer(listed, engines)
            tell_of_list(notice, listed, self._terms.today())
            self._said = ""
        except (LapelError, ValueError, OSError, MemoryError) as error:
            # A list that is refused stays so; a disk, or memory, may have room again.
            self._has_failed = isinstance(error, (OSError, MemoryError)) and not isinstance(error, Refused)
            self._say(f"NEW WATCHLIST REFUSED, the one before stays: {error or 'there is not enough memory'}")

    def _say(self, text: str) -> None:
        if text != self._said:
            self._said = text
            self._terms.notice(text)

    def _offer(self, listed: Listed, engines: Shortlists) -> None:
        self._offered.append(listing(listed, engines, self._terms))
        self._listed, self._engines = listed, engines


@contextmanager
def renewed(
    changing: Changing | None,
    lookout: Lookout,
    seeing: Seeing,
    today: Callable[[], date],
    event_of: EventOf,
    withheld: Withheld | None = None,
) -> Iterator[Renewer | None]:
    """Look for another list in a thread until the watch ends; a recording keeps the one it has."""
    recall = lookout.watchlist
    if changing is None or not isinstance(recall, Recall):
        yield None
        return
    reads_text = bool(written_kinds(recall.listed.codes))
    left_out = partial(tell_of_left_out, lookout.journal, lookout.alerter)
    terms = Terms(seeing, lookout.alerter.notice, today, event_of, reads_text, left_out, withheld)
    renewer = Renewer(changing, recall, terms)
    with ExitStack() as threads:
        threads.enter_context(looking("watchlist", LOOK_EVERY_S, renewer.look, _give_way))
        if withheld is not None:  # in a thread of its own: a withdrawal must not wait for a list that is being built
            threads.enter_context(looking("withdrawals", LOOK_EVERY_S, withheld.look))
        yield renewer


def _give_way() -> None:
    """Of this thread alone (setpriority(2), on Linux): what is built in it must not take time from a frame.

    Where a sandbox forbids it lists are followed all the same: a slow frame is less than a withdrawal that nobody sees.
    """
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, get_native_id(), _NICE)


def listing(listed: Listed, engines: Shortlists, terms: Terms) -> Listing:
    """The parts of the loop for a list. Text is read only where plates were destroyed from the first frame on."""
    seeing = terms.seeing
    codes = list(listed.codes)
    if not terms.reads_text and written_kinds(codes):
        codes = [code for code in codes if not written_kinds((code,))]
        terms.notice("written codes of the new watchlist are not read before Lapel is started again")
    list_terms = (listed.terms.list_id, listed.terms.version)
    out = asked_of(terms.withheld, listed)
    out()  # whatever is wrong is said before anything is in view
    return Listing(
        seeing.recall_by(engines, listed, WATCHING, terms.today, terms.left_out, out),
        seeing.code_reader(codes),
        partial(terms.event_of, list_terms),
        decoy_test(listed),
        list_event(listed),
    )


def decoy_test(listed: Listed) -> DecoyTest | None:
    """The test that a list's decoys drive; None where it has none, or no budget to test."""
    calibration = listed.calibration
    if calibration is None or not listed.decoys or calibration.decoy_share <= 0:
        return None
    # With so many false alerts to every hit on a decoy, the budget for the one is a budget for the other.
    a_decoy_each = calibration.decoy_share / (1 - min(0.99, calibration.decoy_share))
    return DecoyTest(calibration.budget_per_hour * a_decoy_each)
