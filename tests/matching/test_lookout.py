"""The loop itself, over shipped doubles."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from lapel.core.cooldown import Cooldown
from lapel.core.decoys import DecoyTest
from lapel.core.geometry import Box
from lapel.core.looks import NEEDED
from lapel.core.quality import Gate
from lapel.core.records import Event, RecordKind
from lapel.core.things import Frame, Kind, Origin, Thing
from lapel.core.tracker import Tracker
from lapel.errors import StoreError, StoreFull, Tampered
from lapel.fakes.alerter import RecordingAlerter
from lapel.fakes.clips import CountedClips
from lapel.fakes.clock import FakeClock
from lapel.fakes.codes import FixedCodes
from lapel.fakes.hit import ENTRY
from lapel.fakes.journal import MemoryJournal
from lapel.fakes.models import FixedDetector
from lapel.fakes.watchlist import Everything
from lapel.health.meters import Meters
from lapel.lookout import Listing, Lookout
from lapel.ports import Journal

THING = Thing(Kind.BAG, Box(20, 20, 100, 100), 0.9, Origin.DETECTOR)


@dataclass
class Frames:
    count: int

    def frames(self) -> Iterator[Frame]:
        pixels = np.random.default_rng(1).integers(0, 255, (120, 160, 3), np.uint8)
        for number in range(self.count):
            yield Frame(pixels.copy(), number, number / 25)


def lookout(frames: int, journal: Journal, alerter: RecordingAlerter, people: int = 0) -> Lookout:
    return Lookout(
        Frames(frames),
        FixedDetector((THING,), people),
        Tracker(),
        Gate(),
        Everything(),
        FixedCodes(),
        Cooldown(),
        journal,
        alerter,
        Meters(),
        lambda hit: Event(RecordKind.ALERT, (("entry", hit.entry.id),)),
    )


def test_a_hit_is_recorded_before_it_is_alerted_and_once() -> None:
    journal, alerter = MemoryJournal(FakeClock()), RecordingAlerter()
    lookout(100, journal, alerter).keep_watch()
    assert [alert.hit.entry.id for alert in alerter.alerts] == [ENTRY.id]
    (record,) = journal.after(-1, 10)
    assert alerter.alerts[0].record == record


@pytest.mark.parametrize("fault", [StoreFull("journal.db: disk is full"), Tampered("journal.db: damaged")])
def test_a_broken_store_silences_no_alert_and_is_said(fault: StoreError | Tampered) -> None:
    journal, alerter = MemoryJournal(FakeClock()), RecordingAlerter()
    journal.break_with(fault)
    lookout(3, journal, alerter).keep_watch()
    assert [alert.record for alert in alerter.alerts] == [None]
    assert any("NOT RECORDED" in text for text in alerter.notices)


def test_every_frame_that_was_looked_at_is_a_beat() -> None:
    watch = lookout(7, MemoryJournal(FakeClock()), RecordingAlerter())
    watch.keep_watch()
    assert isinstance(watch.health, Meters)
    assert watch.health.reading().frames == 7


def test_people_are_kept_as_the_highest_number_in_a_frame() -> None:
    watch = lookout(3, MemoryJournal(FakeClock()), RecordingAlerter(), people=4)
    watch.keep_watch()
    assert watch.crowd.people_max == 4


def watching(evidence: float, *, is_decoy: bool = False, decoys: DecoyTest | None = None) -> Lookout:
    watch = lookout(100, MemoryJournal(FakeClock()), RecordingAlerter())
    assert isinstance(watch.watchlist, Everything)
    watch.watchlist.evidence, watch.watchlist.is_decoy = evidence, is_decoy
    watch.decoys = decoys
    watch.keep_watch()
    return watch


def kept(watch: Lookout) -> list[RecordKind]:
    assert isinstance(watch.journal, MemoryJournal)
    return [record.kind for record in watch.journal.after(-1, 100)]


def told(watch: Lookout) -> RecordingAlerter:
    assert isinstance(watch.alerter, RecordingAlerter)
    return watch.alerter


def test_a_weak_look_waits_for_others_that_agree() -> None:
    watch = watching(NEEDED[-1])
    assert isinstance(watch.watchlist, Everything)
    (alert,) = told(watch).alerts
    assert alert.hit.sighting == watch.watchlist.looks[len(NEEDED) - 1]


def test_looks_that_are_too_weak_never_alert() -> None:
    assert told(watching(NEEDED[-1] - 0.01)).alerts == []


def test_a_hit_on_a_decoy_is_kept_and_never_shown() -> None:
    watch = watching(2.0, is_decoy=True)
    assert told(watch).alerts == []
    assert kept(watch) == [RecordKind.DECOY]
    assert watch.alerts == 0


def test_too_many_decoy_hits_silence_the_list_and_say_so() -> None:
    test = DecoyTest(0.125)
    for second in range(-2, 0):
        test.hit(float(second))
    watch = watching(2.0, is_decoy=True, decoys=test)
    assert watch.is_silenced
    assert kept(watch) == [RecordKind.DECOY, RecordKind.SILENCED]
    assert [text for text in told(watch).notices if "SILENCED" in text]


def test_a_silenced_list_alerts_no_more() -> None:
    test = DecoyTest(0.125)
    for second in range(-9, 0):
        test.hit(float(second))
    watch = watching(2.0, decoys=test)
    assert told(watch).alerts == []
    assert kept(watch) == []


def test_clips_see_every_scene_and_hear_of_each_alert_by_its_record() -> None:
    watch = lookout(10, MemoryJournal(FakeClock()), RecordingAlerter())
    watch.clips = clips = CountedClips()
    watch.keep_watch()
    assert clips.seen_s == [number / 25 for number in range(10)]
    (alert,) = told(watch).alerts
    assert alert.record is not None
    assert clips.alerts == [alert.record.id]


def test_clips_hear_neither_of_decoys_nor_of_what_was_not_recorded() -> None:
    clips = CountedClips()
    for is_decoy, fault in ((True, None), (False, StoreFull("journal.db: disk is full"))):
        journal = MemoryJournal(FakeClock())
        journal.break_with(fault)
        watch = lookout(10, journal, RecordingAlerter())
        assert isinstance(watch.watchlist, Everything)
        watch.watchlist.is_decoy, watch.clips = is_decoy, clips
        watch.keep_watch()
    assert clips.alerts == []


@dataclass
class Changing:
    """A list that changes before the first frame: nothing is on it any more."""

    asked: int = 0

    def due(self) -> Listing | None:
        self.asked += 1
        if self.asked != 1:
            return None
        event = Event(RecordKind.LIST, (("version", 2),))
        return Listing(Everything(evidence=0.0), FixedCodes(), lambda hit: event, None, event)


def test_a_changed_list_is_taken_between_two_frames_and_is_a_record() -> None:
    journal, alerter = MemoryJournal(FakeClock()), RecordingAlerter()
    watch = lookout(100, journal, alerter)
    before = watch.watchlist
    watch.renewals = Changing()
    watch.keep_watch()
    assert watch.watchlist is not before
    assert (watch.renewals.asked, alerter.alerts) == (100, [])
    assert [record.kind for record in journal.after(-1, 10)] == [RecordKind.LIST]


@dataclass
class Leased:
    """Port Lease, set by hand."""

    has_lapsed: bool = False
    hours: float = 24.0


def test_a_list_whose_lease_has_lapsed_is_not_looked_for_and_says_so_once() -> None:
    watch = lookout(30, MemoryJournal(FakeClock()), RecordingAlerter())
    watch.lease = Leased(has_lapsed=True)
    watch.keep_watch()
    assert isinstance(watch.watchlist, Everything)
    assert (watch.watchlist.looks, told(watch).alerts, kept(watch)) == ([], [], [RecordKind.LEASE])
    assert [text for text in told(watch).notices if "24 hours" in text] == told(watch).notices


def test_a_list_is_looked_for_again_once_its_lease_is_renewed() -> None:
    watch = lookout(30, MemoryJournal(FakeClock()), RecordingAlerter())
    watch.lease = Leased(has_lapsed=True)
    watch.keep_watch()
    watch.lease.has_lapsed = False
    watch.keep_watch()
    assert told(watch).alerts
    assert kept(watch)[:2] == [RecordKind.LEASE, RecordKind.LEASE]
    assert len(told(watch).notices) == 2
