"""A head that the finders miss for some frames is destroyed in these frames, too: by memory, and by the delay line."""

from contextlib import suppress

import cv2
import numpy as np
import pytest

from footage import noise, street_frames
from lapel.capture.destroy import FILL
from lapel.capture.raw import RawFrame
from lapel.capture.redact import Redactor
from lapel.core.geometry import Box
from lapel.core.things import Frame, Pixels
from lapel.errors import CannotRedact
from lapel.fakes.finder import ScriptedFinder

# A cyclist's head in the street clip, as wide as it is pasted elsewhere.
HEAD_FRAME, HEAD = 120, Box(406, 7, 446, 57)
FRAMES = 41
# What a finder says of a head: well beyond it on every side (infer.face_looks.head_about).
FINDS = 1.8


@pytest.fixture(scope="module")
def street() -> list[Pixels]:
    return street_frames()


def scene(street: list[Pixels], first: int, step_px: int) -> tuple[list[RawFrame], list[Box]]:
    """Frames of the street through which the head goes from left to right, and where it is in each."""
    head = street[HEAD_FRAME][HEAD.y0 : HEAD.y1, HEAD.x0 : HEAD.x1]
    outline = np.zeros(head.shape[:2], np.uint8)
    cv2.ellipse(outline, (HEAD.width // 2, HEAD.height // 2), (HEAD.width // 2, HEAD.height // 2), 0, 0, 360, 1, -1)
    frames, places = [], []
    for n in range(FRAMES):
        picture = street[first + n].copy()
        place = Box(0, 0, HEAD.width, HEAD.height).shifted(30 + step_px * n, int(90 + 15 * np.sin(n / 5)))
        picture[place.y0 : place.y1, place.x0 : place.x1][outline > 0] = head[outline > 0]
        frames.append(RawFrame(picture, n, n / 25))
        places.append(place)
    return frames, places


def finds(places: list[Box], missed: int) -> ScriptedFinder:
    """A finder that sees the head once, and then misses it ``missed`` times, over and over, and in the end sees it."""
    assert (FRAMES - 1) % (missed + 1) == 0
    return ScriptedFinder([(place.grown(FINDS),) if n % (missed + 1) == 0 else () for n, place in enumerate(places)])


def through(redactor: Redactor, frames: list[RawFrame]) -> list[Frame]:
    left = []
    for raw in frames:
        redactor.take(raw)
        left += [waiting.frame() for waiting in redactor.due()]
    return left + [waiting.frame() for waiting in redactor.rest()]


def uncovered(frames: list[Frame], places: list[Box]) -> int:
    """In how many frames less than four fifths of the head was destroyed."""
    return sum(
        (frame.pixels[place.y0 : place.y1, place.x0 : place.x1] == FILL).all(axis=2).mean() < 0.8
        for frame, place in zip(frames, places, strict=True)
    )


@pytest.mark.parametrize("step_px", [0, 3, 7, 13])
@pytest.mark.parametrize("first", [30, 80, 140, 195])
def test_a_head_that_is_missed_for_four_frames_is_destroyed_in_all(
    street: list[Pixels], first: int, step_px: int
) -> None:
    frames, places = scene(street, first, step_px)
    assert uncovered(through(Redactor([finds(places, 4)], 3, 5), frames), places) == 0


@pytest.mark.parametrize(
    ("hold_frames", "delay_frames", "least"),
    [(0, 0, 24), (3, 0, 6), (0, 5, 0)],
    ids=["neither", "memory alone", "the delay line alone"],
)
def test_without_both_the_same_head_would_be_seen(
    street: list[Pixels], hold_frames: int, delay_frames: int, least: int
) -> None:
    frames, places = scene(street, 80, 7)
    seen = uncovered(through(Redactor([finds(places, 4)], hold_frames, delay_frames), frames), places)
    assert seen >= least


def test_memory_and_delay_together_bridge_eight_frames(street: list[Pixels]) -> None:
    frames, places = scene(street, 80, 3)
    seen = uncovered(through(Redactor([finds(places, 7)], 3, 5), frames), places)
    assert seen <= 1


def test_a_head_found_in_every_frame_costs_no_more_than_its_own_area(street: list[Pixels]) -> None:
    frames, places = scene(street, 80, 7)
    left = through(Redactor([finds(places, 0)], 3, 5), frames)
    areas = [int((frame.pixels == FILL).all(axis=2).sum()) for frame in left]
    assert max(areas) < 1.5 * places[0].grown(FINDS).area


def test_what_is_found_is_destroyed_at_once_while_its_frame_still_waits() -> None:
    redactor, raw = Redactor([ScriptedFinder([(Box(20, 10, 40, 34),)])], 3, 5), RawFrame(noise(), 0, 0)
    redactor.take(raw)
    face = raw.pixels[10:34, 20:40]
    assert (face == FILL).all()
    assert not (raw.pixels == FILL).all()


def test_a_still_head_found_five_frames_later_is_destroyed_in_the_first() -> None:
    face = Box(20, 10, 40, 34)
    redactor = Redactor([ScriptedFinder([(), (), (), (), (), (face,)])], 0, 5)
    first = through(redactor, [RawFrame(noise(), n, n / 25) for n in range(6)])[0]
    assert (first.pixels[10:34, 20:40] == FILL).all()


def test_a_frame_without_an_end_of_its_line_is_delivered_after_its_delay_and_in_order() -> None:
    redactor, left = Redactor([ScriptedFinder([])], 0, 3), []
    for n in range(8):
        redactor.take(RawFrame(noise(), n, n / 25))
        left.append([waiting.frame().number for waiting in redactor.due()])
    assert left == [[], [], [], [0], [1], [2], [3], [4]]
    assert [waiting.frame().number for waiting in redactor.rest()] == [5, 6, 7]


def test_a_finder_that_fails_for_good_does_not_keep_frames_waiting() -> None:
    redactor, left = Redactor([ScriptedFinder([(), (), *[RuntimeError("gone")] * 3])], 0, 3), []
    for n in range(5):
        with suppress(CannotRedact):
            redactor.take(RawFrame(noise(), n, n / 25))
        left += [waiting.frame().number for waiting in redactor.due()]
    assert left == [0, 1]


class Turns:
    """Sees a head in one picture of five, when it is the turn of the part that shows it."""

    def __init__(self, place: Box, first: int) -> None:
        self._place, self._until = place, first

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        """The head, or nothing: then it is a later picture's turn."""
        self._until = (self._until - 1) % 5
        return (self._place,) if self._until == 4 else ()


@pytest.mark.parametrize("count", [1, 2, 4, 5, 7])
@pytest.mark.parametrize("turn", range(5))
def test_what_later_frames_would_have_shown_is_destroyed_where_none_come(count: int, turn: int) -> None:
    face = Box(20, 10, 40, 34)
    redactor = Redactor([Turns(face, turn)], 0, 5)
    left = through(redactor, [RawFrame(noise(), n, n / 25) for n in range(count)])
    assert uncovered(left, [face] * count) == 0


def test_where_nothing_is_delayed_no_frame_is_looked_at_twice() -> None:
    redactor = Redactor([ScriptedFinder([(), (Box(20, 10, 40, 34),)])], 0, 0)
    (frame,) = through(redactor, [RawFrame(noise(), 0, 0)])
    assert frame.destroyed == ()


def test_scenes_of_another_size_are_no_motion_and_no_failure() -> None:
    face = Box(20, 10, 40, 34)
    redactor = Redactor([ScriptedFinder([(), (face,), ()])], 3, 5)
    sizes = [(64, 48), (320, 200), (40, 30)]
    left = through(redactor, [RawFrame(noise(*size), n, n) for n, size in enumerate(sizes)])
    assert [(frame.width, frame.height) for frame in left] == sizes
    assert (left[0].pixels[10:34, 20:40] == FILL).all()
