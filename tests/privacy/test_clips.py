"""A clip holds what a scene shows, faces destroyed and people masked, pictures alone, and only around an alert."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_type_hints

import numpy as np
import pytest

from lapel.clips.film import film_of
from lapel.clips.sheet import pictures_of
from lapel.clips.still import still_of
from lapel.config.site import Clips as ClipTerms
from lapel.core.clips import Cut, Cutter, Still, Told
from lapel.core.cooldown import Cooldown
from lapel.core.geometry import Box
from lapel.core.quality import Gate
from lapel.core.records import Event, RecordKind
from lapel.core.things import Frame, Kind, Origin, Scene, Thing
from lapel.core.tracker import Tracker
from lapel.fakes.alerter import RecordingAlerter
from lapel.fakes.clips import CountedClips
from lapel.fakes.clock import FakeClock
from lapel.fakes.codes import FixedCodes
from lapel.fakes.journal import MemoryJournal
from lapel.fakes.keys import FixedKey
from lapel.fakes.watchlist import Everything
from lapel.health.meters import Meters
from lapel.lookout import Lookout
from lapel.ports import Clips
from lapel.store.clips import SealedClips
from lapel.wiring.clip_shelf import ClipShelf
from lapel.wiring.clips import ClipKeeper

PERSON = Box(96, 8, 144, 112)
SKIN = (255, 0, 0)
GREY = (128, 128, 128)
FRAMES = 50


class PeopleMasked:
    """A detector that sees one thing and a person, whose area it masks."""

    def detect(self, frame: Frame) -> Scene:
        canvas = frame.pixels.copy()
        canvas[PERSON.y0 : PERSON.y1, PERSON.x0 : PERSON.x1] = GREY
        return Scene((Thing(Kind.BAG, Box(8, 20, 88, 100), 0.9, Origin.DETECTOR),), 1, canvas)


@dataclass
class Street:
    """Frames in which a person, all in red, stands beside a thing."""

    def frames(self) -> Iterator[Frame]:
        pixels = np.random.default_rng(1).integers(0, 200, (120, 160, 1), np.uint8).repeat(3, axis=2)
        pixels[PERSON.y0 : PERSON.y1, PERSON.x0 : PERSON.x1] = SKIN
        for number in range(FRAMES):
            yield Frame(pixels.copy(), number, number / 25)


def watched(folder: Path, is_listed: bool) -> tuple[SealedClips, MemoryJournal]:
    """Watch the street with a keeper of clips."""
    clock, journal = FakeClock(), MemoryJournal(FakeClock())
    clips = SealedClips(folder / "clips", FixedKey())
    shelf = ClipShelf(clips, journal, clock, ClipTerms())
    keeper = ClipKeeper(Cutter(10, 5, 5), 960, shelf, clock, lambda text: pytest.fail(text))
    watchlist = Everything(evidence=2.0 if is_listed else 0.0)
    parts = (Street(), PeopleMasked(), Tracker(), Gate(), watchlist, FixedCodes(), Cooldown(), journal)
    event_of = lambda hit: Event(RecordKind.ALERT, (("entry", hit.entry.id),))  # noqa: E731
    lookout = Lookout(*parts, RecordingAlerter(), Meters(), event_of, clips=keeper)
    lookout.keep_watch()
    keeper.close()
    return clips, journal


def test_a_clip_is_given_scenes_and_cannot_be_given_a_frame() -> None:
    for give in (Clips.see, ClipKeeper.see, CountedClips.see, still_of):
        assert get_type_hints(give)["scene"] is Scene
        assert not {Frame, np.ndarray} & set(get_type_hints(give).values())


def test_a_still_is_a_picture_and_has_no_place_for_a_person() -> None:
    assert set(get_type_hints(Still)) == {"at_s", "width_px", "height_px", "jpeg"}


def test_a_person_in_the_frame_is_in_no_picture_of_the_clip(tmp_path: Path) -> None:
    clips, _ = watched(tmp_path, is_listed=True)
    (kept,) = clips.kept()
    head, film = clips.read(kept.clip)
    pictures = list(pictures_of(film, kept.clip))
    assert len(pictures) == len(head.stills_s) == FRAMES / 5
    for picture in pictures:
        shown = picture[PERSON.y0 + 8 : PERSON.y1 - 8, PERSON.x0 + 8 : PERSON.x1 - 8].astype(int)
        assert np.abs(shown - GREY[0]).max() <= 6


def test_where_nothing_listed_is_seen_nothing_is_written(tmp_path: Path) -> None:
    _, journal = watched(tmp_path, is_listed=False)
    assert journal.after(-1, 10) == ()
    assert list(tmp_path.rglob("*")) == []


def test_a_film_has_one_stream_of_pictures_and_no_sound() -> None:
    scene = Scene((), 0, np.zeros((48, 64, 3), np.uint8))
    content = film_of(Cut((Told("ab" * 16, "crate", 0.0),), (still_of(scene, 0.0, 64),))).content
    assert content.count(b"strh") == 1
    assert (b"vids" in content, b"auds" in content) == (True, False)
