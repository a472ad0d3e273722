"""THE LOOP: look at every frame, say nothing about almost all of it, and be right when it speaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Protocol

from lapel.core.cooldown import Cooldown
from lapel.core.crowd import Crowd
from lapel.core.decoys import DecoyTest, decoy_event, silenced_event
from lapel.core.lease import lease_event
from lapel.core.located import Located
from lapel.core.looks import Looks
from lapel.core.quality import Gate
from lapel.core.records import Event, Record
from lapel.core.things import Frame, Hit
from lapel.core.tracker import Tracker
from lapel.errors import StoreError, Tampered
from lapel.ports import Alerter, Clips, CodeReader, Detector, Eye, Health, Journal, Watchlist

# A code stays in view for seconds; reading a whole frame for it costs more than detecting in it.
CODES_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Listing:
    """What of the loop belongs to a list, replaced together. ``event`` is the record that it is watched for now."""

    watchlist: Watchlist
    codes: CodeReader
    event_of: Callable[[Hit], Event]
    decoys: DecoyTest | None
    event: Event


class Renewals(Protocol):
    """Makes the parts of a changed list beside the loop."""

    def due(self) -> Listing | None:
        """The list to watch for from now on, once; None where nothing changed. Must not block."""
        ...


class Feedback(Protocol):
    """What officers have said of alerts so far."""

    def withholds(self, hit: Hit) -> bool:
        """Whether nobody is to be told of a hit, by what was said of its entry or of such a look."""
        ...


class Lease(Protocol):
    """Whether the list may still be looked for, ``hours`` after the last contact."""

    hours: float
    has_lapsed: bool


@dataclass(slots=True)
class Lookout:
    """The parts of the watch loop, joined. ``event_of`` makes what is kept of a hit; ``account`` what is kept, from
    time to time, of the frames since it was last asked."""

    eye: Eye
    detector: Detector
    tracker: Tracker
    gate: Gate
    watchlist: Watchlist
    codes: CodeReader
    cooldown: Cooldown
    journal: Journal
    alerter: Alerter
    health: Health
    event_of: Callable[[Hit], Event]
    looks: Looks = field(default_factory=Looks)
    decoys: DecoyTest | None = None
    clips: Clips | None = None
    located: Located | None = None
    account: Callable[[], Event] | None = None
    crowd: Crowd = field(default_factory=Crowd)
    renewals: Renewals | None = None
    lease: Lease | None = None
    feedback: Feedback | None = None
    alerts: int = 0
    _has_lapsed: bool = False
    _codes_at_s: float = float("-inf")

    def keep_watch(self) -> None:
        """Look until the source ends. Raises: MediaError, CameraLost."""
        for frame in self.eye.frames():  # faces are gone before a Frame exists
            self.renew()
            self.look(frame)
            self.health.beat(frame)  # no beat, and systemd restarts us

    def look_again(self) -> None:
        """Look at what is in view now, and tell of it even if it was told of before. Any thread may ask."""
        self.gate.look_again()
        self.cooldown.forget()

    def renew(self) -> None:
        """Between two frames: watch for the changed list, if there is one."""
        new = self.renewals.due() if self.renewals is not None else None
        if new is not None:
            self.watchlist, self.codes, self.event_of, self.decoys = new.watchlist, new.codes, new.event_of, new.decoys
            self._kept(new.event)

    def look(self, frame: Frame) -> None:
        """Look at one frame, and tell of what is listed."""
        self._heed_lease()
        if self.decoys is not None:
            self.decoys.begin(frame.at_s)
        for hit in self.hits(frame):
            if self._is_withheld(hit) or not self.cooldown.is_news(hit):
                continue
            if hit.is_decoy:
                self._count(hit)  # false by construction: never shown
            elif hit.code or not self.is_silenced:
                self._tell(hit if self.located is None else self.located.held(hit))

    def hits(self, frame: Frame) -> Iterator[Hit]:
        """What in this frame is listed, news or not."""
        with self._timed("detect"):
            scene = self.detector.detect(frame)  # things get boxes, people only a count
        self._count_people(scene.people, frame.at_s)
        if self.clips is not None:
            with self._timed("ring"):
                self.clips.see(scene, frame.at_s)
        with self._timed("track"):
            sightings = self.gate.good_looks(frame, scene, self.tracker.update(frame, scene))
        if self._has_lapsed:
            return
        for sighting in sightings:
            with self._timed("check"):
                likeliest = self.watchlist.candidates(sighting, 1)
            for match in likeliest:
                verdict = self.looks.weigh(sighting, match, self.watchlist.threshold(match.entry.id))
                if verdict.is_hit:  # otherwise not wanted: forget it
                    yield self.watchlist.hit(replace(match, evidence=verdict.strength), sighting)
        if not 0 <= frame.at_s - self._codes_at_s < CODES_EVERY_S:
            self._codes_at_s = frame.at_s
            with self._timed("codes"):
                read = self.watchlist.read(replace(frame, pixels=scene.canvas), self.codes)  # none that people wear
            yield from read

    def _is_withheld(self, hit: Hit) -> bool:
        if hit.is_decoy or self.feedback is None:
            return False
        with self._timed("answers"):
            return self.feedback.withholds(hit)

    def _heed_lease(self) -> None:
        """Fall silent when the lease lapses, look again once there was contact, and say either."""
        lease = self.lease
        if lease is None or lease.has_lapsed == self._has_lapsed:
            return
        self._has_lapsed = lease.has_lapsed
        self._kept(lease_event(self._has_lapsed))
        if self._has_lapsed:
            self.alerter.notice(
                f"WATCHLIST SILENT, NOTHING IS LOOKED FOR: no contact with the station for {lease.hours:g} hours "
                "(the lease of the list, or of the site); bring the device to where lapel link reaches it"
            )
        else:
            self.alerter.notice("the watchlist is looked for again: there was contact with the station")

    def _tell(self, hit: Hit) -> None:
        record = self._record_of(hit)  # no alert without a record …
        if self.clips is not None and record is not None and hit.is_located:  # a clip hangs on its alert's record
            self.clips.alerted(hit, record)
        self.alerter.alert(hit, record)  # … unless the store is broken: then alert, and say so
        self.alerts += 1

    def _record_of(self, hit: Hit) -> Record | None:
        if self.located is None:
            return self._kept(self.event_of(hit))
        record = self.located.stands_for(hit)
        if record is None and (record := self._kept(self.event_of(hit))) is not None:
            self.located.kept(hit, record)
        return record

    def _count_people(self, people: int, at_s: float) -> None:
        for counted in self.crowd.see(people, at_s):
            self._kept(counted)
            if self.account is not None:
                self._kept(self.account())

    @property
    def is_silenced(self) -> bool:
        """Whether looks alert no more, since decoys were hit too often. Codes still do."""
        return self.decoys is not None and self.decoys.state.is_silenced

    def _count(self, hit: Hit) -> None:
        """Keep a decoy's hit, and fall silent, and say so, when there were too many."""
        was_silenced = self.is_silenced
        self._kept(decoy_event(hit))
        if self.decoys is None:
            return
        state = self.decoys.hit(hit.sighting.at_s)
        if state.is_silenced and not was_silenced:
            self._kept(silenced_event(hit, state))
            self.alerter.notice(
                f"WATCHLIST SILENCED: {state.hits} of its decoys were hit, which nothing in view can be; its alerts "
                "cannot be trusted here. Codes are still read. Have the list calibrated again for this scene"
            )

    def _kept(self, event: Event) -> Record | None:
        try:
            return self.journal.append(event)
        except (StoreError, Tampered) as error:
            self.alerter.notice(f"NOT RECORDED: {error}")
            return None

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = perf_counter()
        yield
        self.health.spent(stage, perf_counter() - started)
