"""The committed finders on real pictures: heads drawn by hand must come out destroyed."""

from pathlib import Path

import numpy as np
import pytest

from footage import noise, street_clip, write_picture, write_video
from lapel.capture.eye import CapturedEye
from lapel.capture.raw import RawFrame
from lapel.capture.redact import Redactor
from lapel.capture.sources import open_source
from lapel.capture.still import redact_still
from lapel.config.profile import Profile, load_profile
from lapel.core.gallery import Gallery, Terms
from lapel.core.geometry import Box, mask_of
from lapel.core.things import Frame, Pixels
from lapel.fakes.alerter import RecordingAlerter
from lapel.fakes.clock import FakeClock
from lapel.fakes.journal import MemoryJournal
from lapel.health.clock import SystemClock
from lapel.health.meters import Meters
from lapel.infer.finders import FaceFinder, FacesInTurn, HeadFinder, for_stills, watching
from lapel.infer.manifest import ModelStore
from lapel.infer.tflite import Runtime
from lapel.wiring.bench import with_runtime
from lapel.wiring.lookout import Orders, build_lookout
from lapel.wiring.seeing import open_seeing
from lapel_tools.synth.clip_kit import write_clips

pytestmark = pytest.mark.models

# Whole heads in the street clip, drawn by hand: a man before cars, then a man on a bicycle with a helmet.
HEADS = {
    30: Box(248, 0, 318, 78),
    34: Box(312, 0, 384, 82),
    38: Box(398, 0, 474, 88),
    42: Box(514, 0, 598, 94),
    43: Box(548, 0, 630, 96),
    44: Box(586, 0, 640, 82),
    76: Box(418, 52, 461, 98),
    80: Box(418, 42, 461, 88),
    82: Box(418, 39, 460, 86),
    108: Box(401, 16, 437, 62),
    120: Box(406, 7, 444, 57),
    128: Box(403, 0, 443, 52),
    136: Box(406, 0, 443, 47),
}
# The parked bicycle of the last shot but one, and frames in which nobody is near it.
BICYCLE = Box(264, 5, 536, 215)
BICYCLE_ALONE = range(220, 226)
SHOTS = (
    range(30, 45),
    range(76, 83),
    range(106, 109),
    range(118, 121),
    range(126, 129),
    range(134, 137),
    range(216, 226),
)
WATCHED = {number for shot in SHOTS for number in shot}
# The four heads of the classroom clip's first frame (480×270 px).
CLASSROOM = (Box(63, 140, 93, 180), Box(125, 115, 149, 147), Box(229, 117, 253, 147), Box(300, 143, 330, 183))


def covered(frame: Frame, box: Box) -> float:
    """The share of a box that was destroyed."""
    mask = mask_of(frame.destroyed, frame.width, frame.height)
    return float(mask[box.y0 : box.y1, box.x0 : box.x1].mean())


@pytest.fixture(scope="module")
def street(models: ModelStore) -> dict[int, Frame]:
    """The watched frames of the street clip, redacted one after the other."""
    redactor = Redactor(watching(models))
    source = open_source(str(street_clip()))
    frames = {}
    for raw in iter(source.read, None):
        if raw.number in WATCHED:
            redactor.take(raw)
            frames |= {waiting.raw.number: waiting.frame() for waiting in redactor.due()}
    source.close()
    return frames


@pytest.mark.parametrize("number", HEADS)
def test_a_head_in_the_street_is_destroyed(street: dict[int, Frame], number: int) -> None:
    assert covered(street[number], HEADS[number]) >= 0.9


def test_a_parked_bicycle_is_left_to_look_at(street: dict[int, Frame]) -> None:
    assert max(covered(street[number], BICYCLE) for number in BICYCLE_ALONE) < 0.1


def test_a_head_cut_by_the_border_is_destroyed_from_that_one_frame_alone(models: ModelStore) -> None:
    source = open_source(str(street_clip()))
    pixels = [raw.pixels for raw in iter(source.read, None)][44]
    source.close()
    still = redact_still(pixels, [HeadFinder(models)])
    assert covered(still, HEADS[44]) >= 0.9


def test_all_four_heads_of_a_classroom_are_destroyed(models: ModelStore, kit: Path) -> None:
    source = open_source(str(kit / "video/intel_classroom_preview.mp4"))
    frame = next(CapturedEye(source, watching(models), FakeClock()).frames())
    assert [covered(frame, head) >= 0.8 for head in CLASSROOM] == [True] * 4


def test_small_faces_of_a_large_frame_are_found_on_its_tiles(models: ModelStore) -> None:
    source = open_source(str(street_clip()))
    pixels = [raw.pixels for raw in iter(source.read, None)][120]
    source.close()
    head = HEADS[120].shifted(500, 400)
    assert covered(redact_still(in_a_large_frame(pixels), [FaceFinder(models)]), head) >= 0.8


def in_a_large_frame(pixels: Pixels) -> Pixels:
    """A frame of the street clip as a part of one of 720 lines, so that its heads are small in the whole."""
    large = np.full((720, 1280, 3), 90, np.uint8)
    large[400:672, 500:1140] = pixels
    return large


def test_heads_that_close_looks_come_to_in_turn_are_destroyed_in_all_frames(models: ModelStore) -> None:
    source = open_source(str(street_clip()))
    shot = [raw for raw in iter(source.read, None) if 110 <= raw.number <= 140]
    source.close()
    redactor, frames = Redactor(watching(models, delay_frames=5), 3, 5), dict[int, Frame]()
    for raw in shot:
        redactor.take(RawFrame(in_a_large_frame(raw.pixels), raw.number, raw.at_s))
        frames |= {waiting.raw.number: waiting.frame() for waiting in redactor.due()}
    seen = [covered(frames[number], HEADS[number].shifted(500, 400)) for number in (120, 128)]
    assert min(seen) >= 0.9


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The widths of the pictures of which only some parts were looked at, since others were those of later ones."""
    widths: list[int] = []
    find = FacesInTurn.find

    def noted(self: FacesInTurn, pixels: Pixels) -> tuple[Box, ...]:
        widths.append(pixels.shape[1])
        return find(self, pixels)

    monkeypatch.setattr(FacesInTurn, "find", noted)
    return widths


@pytest.fixture
def profile(runtime: Runtime) -> Profile:
    return with_runtime(load_profile("ci-video"), runtime.value)


@pytest.mark.parametrize(("is_film", "taken"), [(False, 0), (True, 6)], ids=["pictures", "a film"])
def test_pictures_of_a_folder_are_looked_at_whole_each(
    tmp_path: Path, profile: Profile, turns: list[int], is_film: bool, taken: int
) -> None:
    if is_film:
        write_video(tmp_path / "film.mp4", 2)
    else:
        write_picture(tmp_path / "1.png", noise())
        write_picture(tmp_path / "2.png", noise(seed=1))
    clock = SystemClock()
    seeing, today = open_seeing(profile), clock.today()
    nothing = Gallery(Terms("empty", 1, today, today), seeing.models.describing_sha256, (), ())
    orders = Orders(str(tmp_path / "film.mp4" if is_film else tmp_path), Path(), Path(), is_live=False, console=False)
    given = (nothing, MemoryJournal(clock), RecordingAlerter(), Meters(), clock)
    assert len(list(build_lookout(profile, orders, seeing, *given).eye.frames())) == 2
    assert len(turns) == taken


def test_grounds_of_drawn_clips_are_looked_at_whole_each(tmp_path: Path, profile: Profile, turns: list[int]) -> None:
    ground = write_picture(tmp_path / "ground.png", noise(640, 360))
    write_clips(tmp_path, 1, (ground,), open_seeing(profile), frames=1)
    assert turns == []


def test_faces_of_still_pictures_are_found(models: ModelStore, kit: Path) -> None:
    pictures = sorted((kit / "faces/coco").glob("*.jpg"))
    frames = [redact_still(path, for_stills(models)) for path in pictures]
    assert [bool(frame.destroyed) for frame in frames] == [True] * 7
