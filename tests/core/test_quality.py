import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lapel.core.geometry import Box
from lapel.core.quality import Gate, Limits, destroyed_share, quality_of, sharpness
from lapel.core.things import Frame, Kind, Origin, Pixels, Scene, Sighting, Thing
from lapel.core.tracker import Tracker
from lapel.errors import CropTooSmall

TEXTURE: Pixels = np.random.default_rng(3).integers(0, 255, (120, 200, 3), np.uint8)


def looks(
    gate: Gate,
    tracker: Tracker,
    at_s: float,
    *things: Thing,
    pixels: NDArray[np.uint8] = TEXTURE,
    destroyed: tuple[Box, ...] = (),
) -> tuple[Sighting, ...]:
    frame = Frame(pixels.copy(), round(at_s * 25), at_s, destroyed)
    scene = Scene(things, 0, frame.pixels)
    return gate.good_looks(frame, scene, tracker.update(frame, scene))


def box(x0: int = 20, side: int = 60) -> Thing:
    return Thing(Kind.BOX, Box(x0, 20, x0 + side, 20 + side), 0.9, Origin.DETECTOR)


def test_a_blurred_picture_is_less_sharp() -> None:
    sharp = TEXTURE[:, :, 0].astype(np.float32)
    soft = (sharp + np.roll(sharp, 1, 0) + np.roll(sharp, 1, 1) + np.roll(sharp, (1, 1), (0, 1))) / 4
    assert sharpness(soft) < sharpness(sharp) / 2


def test_a_picture_is_about_as_sharp_in_more_pixels_than_a_lens_resolves() -> None:
    of_full_hd, huge = (
        quality_of(np.asarray(cv2.resize(TEXTURE, None, fx=n, fy=n), np.uint8), Box(0, 0, 9, 9), 99, 99)
        for n in (9, 25)
    )
    assert huge.sharpness > 0.5 * of_full_hd.sharpness


def test_a_crop_of_a_few_pixels_is_refused() -> None:
    with pytest.raises(CropTooSmall, match="10×12"):
        quality_of(np.zeros((12, 10, 3), np.uint8), Box(0, 0, 10, 12), 100, 100)


def test_not_every_frame_of_a_track_goes_on() -> None:
    gate, tracker = Gate(), Tracker()
    passed = [len(looks(gate, tracker, i / 25, box())) for i in range(25)]
    assert sum(passed) == 1


def test_a_track_is_looked_at_again_after_a_while() -> None:
    gate, tracker = Gate(Limits(again_s=0.5)), Tracker()
    passed = [len(looks(gate, tracker, i / 10, box())) for i in range(11)]
    assert sum(passed) == 3


def test_a_much_sharper_look_goes_on_at_once() -> None:
    gate, tracker = Gate(), Tracker()
    soft = (TEXTURE // 4 + 96).astype(np.uint8)
    assert len(looks(gate, tracker, 0.0, box(), pixels=soft)) == 1
    assert len(looks(gate, tracker, 0.04, box())) == 1


def test_a_small_thing_is_not_described() -> None:
    assert not looks(Gate(Limits(least_size_px=48)), Tracker(), 0.0, box(side=40))


def test_a_flat_picture_is_not_described() -> None:
    assert not looks(Gate(), Tracker(), 0.0, box(), pixels=np.full((120, 200, 3), 90, np.uint8))


def test_what_was_destroyed_is_not_described() -> None:
    assert not looks(Gate(), Tracker(), 0.0, box(), destroyed=(Box(20, 20, 80, 50),))


def test_a_crowded_frame_is_held_to_the_allowance() -> None:
    gate, tracker = Gate(Limits(looks_per_second=2.0)), Tracker(least_iou=0.9)
    crowd = [box(x0) for x0 in range(5, 130, 12)]
    assert len(looks(gate, tracker, 0.0, *crowd)) == 2
    assert len(looks(gate, tracker, 0.5, *crowd)) == 1


def test_a_look_of_the_scene_is_cut_from_the_canvas() -> None:
    canvas = TEXTURE.copy()
    canvas[:, :100] = 128
    frame = Frame(TEXTURE.copy(), 0, 0.0)
    scene = Scene((Thing(Kind.OTHER, Box(0, 0, 200, 120), 0.0, Origin.WHOLE),), 1, canvas)
    (look,) = Gate().good_looks(frame, scene, Tracker().update(frame, scene))
    assert (look.pixels[:, :100] == 128).all()


@pytest.mark.parametrize(("destroyed", "share"), [((), 0.0), ((Box(0, 0, 5, 10),), 0.5), ((Box(0, 0, 99, 99),), 1.0)])
def test_the_destroyed_share_of_a_box_is_its_covered_area(destroyed: tuple[Box, ...], share: float) -> None:
    assert destroyed_share(Box(0, 0, 10, 10), destroyed) == share
