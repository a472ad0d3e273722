import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lapel.core.geometry import Box
from lapel.core.quality import Gate, Limits, quality_of, sharpness
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


def test_a_track_is_looked_at_again_at_once_when_somebody_asks_and_only_once() -> None:
    gate, tracker = Gate(Limits(again_s=60, looks_per_second=1)), Tracker()
    passed = []
    for frame in range(6):
        if frame == 3:
            gate.look_again()
        passed.append(len(looks(gate, tracker, frame / 25, box())))
    assert passed == [1, 0, 0, 1, 0, 0]


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


def test_what_several_areas_destroyed_of_a_look_counts_once() -> None:
    assert looks(Gate(), Tracker(), 0.0, box(), destroyed=(Box(20, 20, 80, 35), Box(20, 22, 80, 36)))


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


def test_a_look_at_a_thing_with_a_box_is_cut_from_the_canvas() -> None:
    canvas = TEXTURE.copy()
    canvas[:50] = 128
    frame = Frame(TEXTURE.copy(), 0, 0.0)
    scene = Scene((box(),), 1, canvas)
    (look,) = Gate().good_looks(frame, scene, Tracker().update(frame, scene))
    assert (look.pixels[: 50 - look.box.y0] == 128).all()


def proposals(count: int) -> list[Thing]:
    return [
        Thing(Kind.OTHER, Box(x0, 20, x0 + 60, 80), 0.5 - x0 / 1000, Origin.PROPOSAL)
        for x0 in range(5, 5 + 65 * count, 65)
    ]


def changing(second: float) -> NDArray[np.uint8]:
    """A scene of which nothing stays as it was a moment ago."""
    return np.random.default_rng(round(second * 1000)).integers(0, 255, (120, 200, 3), np.uint8)


def test_boxes_and_looks_at_the_scene_lose_no_look_to_proposals() -> None:
    boxes = [Thing(Kind.BOX, Box(x0, 20, x0 + 60, 80), 0.9, Origin.DETECTOR) for x0 in range(5, 130, 12)]
    asked = [*boxes, Thing(Kind.OTHER, Box(0, 0, 200, 120), 0.0, Origin.WHOLE)]
    chosen = []
    for things in (asked, [*proposals(2), *asked], [*asked, *proposals(3)]):
        gate, tracker = Gate(Limits(looks_per_second=4.0)), Tracker(least_iou=0.9)
        seen = [look for i in range(60) for look in looks(gate, tracker, i / 20, *things, pixels=changing(i))]
        chosen.append([(look.frame, look.box) for look in seen if look.origin is not Origin.PROPOSAL])
    assert len(chosen[0]) > 10
    assert chosen[0] == chosen[1] == chosen[2]


def test_of_proposals_one_a_frame_goes_on_the_worthiest_first_and_each_in_turn() -> None:
    gate, tracker = Gate(), Tracker()
    seen = [[look.box.x0 for look in looks(gate, tracker, i / 2, *proposals(3))] for i in range(3)]
    assert seen == [[5], [70], [135]]


def test_a_proposal_in_which_nothing_changes_is_described_once_in_a_while() -> None:
    gate, tracker = Gate(), Tracker()
    seen = [i for i in range(24) if looks(gate, tracker, i / 2, *proposals(1))]
    assert seen == [0, 10, 20]


def test_a_proposal_in_which_something_changes_is_described_again() -> None:
    gate, tracker = Gate(), Tracker()
    seen = [i for i in range(8) if looks(gate, tracker, i / 2, *proposals(1), pixels=changing(i))]
    assert seen == [0, 2, 4, 6]


def test_a_still_thing_with_a_box_is_not_described_as_a_proposal_too() -> None:
    gate, tracker = Gate(), Tracker()
    assert len(looks(gate, tracker, 0.0, box())) == 1
    assert not looks(gate, tracker, 0.5, Thing(Kind.OTHER, Box(24, 22, 82, 80), 0.5, Origin.PROPOSAL))


def test_a_proposal_is_cut_from_the_canvas() -> None:
    canvas = TEXTURE.copy()
    canvas[20:50, 20:80] = 128
    frame = Frame(TEXTURE.copy(), 0, 0.0)
    scene = Scene((Thing(Kind.OTHER, Box(20, 20, 80, 80), 0.1, Origin.PROPOSAL),), 1, canvas)
    (look,) = Gate().good_looks(frame, scene, Tracker().update(frame, scene))
    assert (look.pixels[:30] == 128).all()
