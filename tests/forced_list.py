"""Puts raw pictures on a watchlist past enrolment, and watches with it: what somebody with bad intentions would do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from lapel.config.profile import Profile
from lapel.core.gallery import Gallery, Terms
from lapel.core.geometry import Box
from lapel.core.search import directions
from lapel.core.things import Entry, Frame, Hit, Kind, Match, Pixels, Reference, Sighting
from lapel.fakes.alerter import RecordingAlerter
from lapel.fakes.clock import FakeClock
from lapel.fakes.journal import MemoryJournal
from lapel.health.clock import SystemClock
from lapel.health.meters import Meters
from lapel.ports import CodeReader, Watchlist
from lapel.wiring.lookout import Orders, build_lookout
from lapel.wiring.seeing import Seeing

FILLS = (127, 128)
"""The greys of what is destroyed and of what is masked."""


@dataclass
class WatchedList:
    """A watchlist that remembers every sighting that it was asked about (port Watchlist)."""

    inside: Watchlist
    sightings: list[Sighting] = field(default_factory=list)

    def candidates(self, sighting: Sighting, count: int) -> tuple[Match, ...]:
        self.sightings.append(sighting)
        return self.inside.candidates(sighting, count)

    def threshold(self, entry_id: str) -> float:
        return self.inside.threshold(entry_id)

    def hit(self, match: Match, sighting: Sighting) -> Hit:
        return self.inside.hit(match, sighting)

    def read(self, frame: Frame, reader: CodeReader) -> tuple[Hit, ...]:
        return self.inside.read(frame, reader)


@dataclass(frozen=True)
class Watched:
    """What came of a watch."""

    frames: int
    sightings: tuple[Sighting, ...]
    hits: tuple[str, ...]


def pictures_of(pixels: Pixels, bodies: Sequence[Box]) -> list[Pixels]:
    """Of each body the person with some ground about it, and the upper part alone."""
    height, width = pixels.shape[:2]
    cut = []
    for body in bodies:
        tall = Box(body.x0 - body.width // 4, body.y0 - body.height // 2, body.x1 + body.width // 4, body.y1)
        person = tall.clipped(width, height)
        for box in (person, Box(person.x0, person.y0, person.x1, person.y0 + max(48, person.height // 2))):
            cut.append(np.ascontiguousarray(pixels[box.y0 : box.y1, box.x0 : box.x1]))
    return cut


def forced(seeing: Seeing, pictures: Sequence[Pixels], codes: tuple[str, ...] = ()) -> Gallery:
    """A list of raw pictures as they are: nothing destroyed, nothing refused."""
    today = datetime.now(UTC).date()
    expires = today + timedelta(days=1)
    names = [f"forced-{n}" for n in range(len(pictures))]
    entries = tuple(Entry(name, name, Kind.OTHER, "none", "none", "none", expires, codes=codes) for name in names)
    references = tuple(_reference(seeing, name, pixels) for name, pixels in zip(names, pictures, strict=True))
    return Gallery(Terms("forced", 1, today, expires), seeing.models.describing_sha256, entries, references)


def watched(seeing: Seeing, profile: Profile, source: Path, gallery: Gallery) -> Watched:
    """Watch every frame of a source with a list, every part as in the product."""
    alerter, meters = RecordingAlerter(), Meters()
    orders = Orders(str(source), source, source, is_live=False)
    lookout = build_lookout(
        profile, orders, seeing, gallery, MemoryJournal(FakeClock()), alerter, meters, SystemClock()
    )
    listening = WatchedList(lookout.watchlist)
    lookout.watchlist = listening
    lookout.keep_watch()
    return Watched(
        meters.reading().frames, tuple(listening.sightings), tuple(alert.hit.entry.id for alert in alerter.alerts)
    )


def bare_share(sighting: Sighting, body: Box) -> float | None:
    """The share of a body in a sighting that is neither destroyed nor masked, 0..1; None where it is not in it."""
    inside = body.intersection(sighting.box)
    if not inside.area:
        return None
    x, y = sighting.box.x0, sighting.box.y0
    seen = sighting.pixels[inside.y0 - y : inside.y1 - y, inside.x0 - x : inside.x1 - x]
    is_filled = np.isin(seen, FILLS).all(axis=2) & (seen == seen[..., :1]).all(axis=2)
    return 1 - float(is_filled.mean())


def _reference(seeing: Seeing, name: str, pixels: Pixels) -> Reference:
    features = seeing.features.extract(pixels)
    together = directions(seeing.features.aggregate(features))
    _, encoded = cv2.imencode(".jpg", pixels[..., ::-1])
    return Reference(name, directions(seeing.embedder.describe(pixels)), together, features, encoded.tobytes())
