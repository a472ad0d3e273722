"""Shows a watchlist what is not on it. An episode is all that is decided at once: a track, or some seconds of scene."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lapel.capture.still import redact_still
from lapel.config.profile import Profile
from lapel.core.calibration import Impostor
from lapel.core.gallery import Gallery
from lapel.core.geometry import whole
from lapel.core.looks import NEEDED
from lapel.core.quality import Gate
from lapel.core.things import Kind, Origin, Pixels, Quality, Sighting
from lapel.core.tracker import Tracker
from lapel.fakes.alerter import RecordingAlerter
from lapel.fakes.journal import MemoryJournal
from lapel.health.clock import SystemClock
from lapel.health.meters import Meters
from lapel.ports import Watchlist
from lapel.wiring.lookout import Orders, build_lookout
from lapel.wiring.seeing import Seeing, limits_of

_FLOOR = 0.01
"""Of a threshold: so little evidence is still followed from look to look, to see how it falls off."""

SCENE_EPISODE_S = 3.0
"""Whole-frame and centre looks have no track: what they show within so long is decided together."""

EPISODES_PER_HOUR = 11_300.0
"""Where no clip says how much there is to be seen: 421 episodes in 134 s of eleven clips of streets, shops and rooms,
hand-held, fixed and from a car."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a watchlist made of what it was shown, ``seconds`` long; 0 for pictures."""

    impostors: tuple[Impostor, ...]
    seconds: float


def of_looks(looks: Iterable[Sighting], watchlist: Watchlist) -> Shown:
    """Every look is an episode: one that stays in view as it is, so that all looks at it would agree."""
    impostors = []
    for look in looks:
        best = next(iter(watchlist.candidates(look, 1)), None)
        impostors.append(Impostor(best.entry.id, best.evidence / NEEDED[-1]) if best else Impostor("", 0.0))
    return Shown(tuple(impostors), 0.0)


def looks_at(pictures: Iterable[Path], seeing: Seeing, profile: Profile) -> Iterator[Sighting]:
    """What the device would look at in single pictures. Raises: MediaError."""
    stills, limits = seeing.at_stills(), limits_of(profile)
    for picture in pictures:
        frame = redact_still(picture, stills.finders)
        scene = stills.detector.detect(frame)
        yield from Gate(limits).good_looks(frame, scene, Tracker().update(frame, scene))


def whole_look(pixels: Pixels) -> Sighting:
    """A look at the whole of a picture RGB u8[h, w, 3] that shows nobody."""
    box = whole(pixels.shape[1], pixels.shape[0])
    quality = Quality(min(pixels.shape[:2]), 0.0, 0.0, truncated=False)
    return Sighting(0, Kind.OTHER, Origin.WHOLE, box, pixels, 0.0, 0, box, quality)


def of_clip(clip: Path, seeing: Seeing, profile: Profile, gallery: Gallery) -> Shown:
    """The loop of a watch, except that it is asked how near each track came. Raises: MediaError."""
    clock = SystemClock()
    orders = Orders(str(clip), Path(), Path(), is_live=False, console=False)
    journal, alerter = MemoryJournal(clock), RecordingAlerter()
    watch = build_lookout(profile, orders, seeing, gallery, journal, alerter, Meters(), clock)
    strongest: dict[tuple[int, int], Impostor] = {}
    last_s = 0.0
    for frame in watch.eye.frames():
        last_s = frame.at_s
        scene = watch.detector.detect(frame)
        for look in watch.gate.good_looks(frame, scene, watch.tracker.update(frame, scene)):
            episode = _episode_of(look)
            strongest.setdefault(episode, Impostor("", 0.0))
            for match in watch.watchlist.candidates(look, 1):
                reached = watch.looks.weigh(look, match, _FLOOR).strength * _FLOOR
                if reached > strongest[episode].strength:
                    strongest[episode] = Impostor(match.entry.id, reached)
    return Shown(tuple(strongest.values()), last_s)


def _episode_of(look: Sighting) -> tuple[int, int]:
    return (look.track, 0) if look.track > 0 else (0, int(look.at_s // SCENE_EPISODE_S))
