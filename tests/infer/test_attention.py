"""Faces of streams: a place is remembered, looked at closely, and a face in the dark stays destroyed."""

import cv2
import numpy as np
import pytest

from footage import street_frames
from lapel.capture.raw import RawFrame
from lapel.capture.redact import Redactor
from lapel.core.geometry import Box, mask_of
from lapel.core.things import Pixels
from lapel.infer.attention import LEAST_SCORE, Attention
from lapel.infer.centerface import Faces
from lapel.infer.face_looks import closer
from lapel.infer.finders import watching
from lapel.infer.manifest import ModelStore

FACE = (100.0, 100.0, 130.0, 136.0)
MOVED = (106.0, 98.0, 136.0, 134.0)
ELSEWHERE = (400.0, 100.0, 430.0, 136.0)
SURE, FAINT = 0.22, 0.1
NOTHING = Faces(np.empty((0, 4), np.float32), np.empty(0, np.float32))


def seen(box: tuple[float, ...], score: float) -> Faces:
    """A look with one face."""
    return Faces(np.array([box], np.float32), np.array([score], np.float32))


def frame(attention: Attention, look: Faces) -> tuple[Faces, object]:
    """What one frame with one look makes of it: the faces that are believed, and the place to look at."""
    found = attention.believed(look, SURE, is_small=False)
    place = attention.place([found])
    attention.remember(found)
    return found, place if place is None else tuple(place)


@pytest.fixture
def attention() -> Attention:
    return Attention()


def test_a_faint_face_is_believed_where_one_was_a_moment_ago(attention: Attention) -> None:
    frame(attention, seen(FACE, 0.5))
    assert len(frame(attention, seen(MOVED, FAINT))[0].boxes) == 1


def test_a_faint_face_elsewhere_is_not_believed_and_looked_at_closely(attention: Attention) -> None:
    frame(attention, seen(FACE, 0.5))
    found, place = frame(attention, seen(ELSEWHERE, FAINT))
    assert (len(found.boxes), place) == (0, ELSEWHERE)


def test_a_face_that_was_is_forgotten(attention: Attention) -> None:
    frame(attention, seen(FACE, 0.5))
    for _ in range(16):
        frame(attention, NOTHING)
    assert len(frame(attention, seen(FACE, FAINT))[0].boxes) == 0


def test_below_the_least_score_nothing_is_believed(attention: Attention) -> None:
    frame(attention, seen(FACE, 0.5))
    assert len(frame(attention, seen(FACE, LEAST_SCORE - 0.01))[0].boxes) == 0


def test_a_face_that_was_lost_is_looked_for_before_what_is_unsure(attention: Attention) -> None:
    frame(attention, seen(FACE, 0.5))
    frame(attention, NOTHING)
    assert frame(attention, NOTHING)[1] is None  # a face may be missed in a frame or two
    assert frame(attention, seen(ELSEWHERE, FAINT))[1] == FACE


def test_places_take_turns(attention: Attention) -> None:
    both = Faces(np.array([FACE, ELSEWHERE], np.float32), np.array([0.12, FAINT], np.float32))
    assert [frame(attention, both)[1] for _ in range(10)] == [FACE, ELSEWHERE, *[None] * 7, FACE]


def test_nothing_is_looked_at_where_a_face_was_found_already(attention: Attention) -> None:
    both = Faces(np.array([FACE, MOVED], np.float32), np.array([0.5, FAINT], np.float32))
    assert frame(attention, both)[1] is None


@pytest.mark.parametrize(("score", "is_face"), [(0.2, False), (0.32, True)])
def test_a_closer_look_has_to_be_sure(attention: Attention, score: float, is_face: bool) -> None:
    assert bool(len(attention.confirmed(seen(FACE, score)).boxes)) is is_face


@pytest.mark.parametrize(("score", "is_face"), [(0.2, False), (0.29, True)])
def test_a_closer_look_adds_to_the_one_that_asked_for_it(attention: Attention, score: float, is_face: bool) -> None:
    attention.place([attention.believed(seen(FACE, 0.18), SURE, is_small=False)])
    assert bool(len(attention.confirmed(seen(MOVED, score)).boxes)) is is_face


@pytest.mark.parametrize("middle", [(0, 0), (640, 360), (1280, 719), (-30, 800)])
@pytest.mark.parametrize("height", [4, 30, 700])
def test_a_closer_look_shows_the_picture_wherever_the_face_is(middle: tuple[int, int], height: int) -> None:
    x, y = middle
    face = np.array([x - height / 2, y - height / 2, x + height / 2, y + height / 2], np.float32)
    view = closer(np.zeros((720, 1280, 3), np.uint8), face).box
    inside = view.clipped(1280, 720)
    assert inside.width >= 0.5 * min(view.width, 1280)
    assert inside.height >= 0.5 * min(view.height, 720)


# Whole heads of the cyclist in the street clip, drawn by hand.
HEADS = {108: Box(401, 16, 437, 62), 120: Box(406, 7, 444, 57), 128: Box(403, 0, 443, 52), 136: Box(406, 0, 443, 47)}
AT, SCALE, LIGHT = (500, 300), 0.4, 0.3


def far_away_at_dusk(street: Pixels, number: int) -> Pixels:
    """A frame of the street as a small part of one of 720 lines, in little light."""
    small = cv2.resize(street, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_AREA)
    large = np.full((720, 1280, 3), 90, np.float32)
    large[AT[1] : AT[1] + small.shape[0], AT[0] : AT[0] + small.shape[1]] = small
    noise = np.random.default_rng(number).normal(0, 3, large.shape)
    return np.asarray(np.clip(large * LIGHT + noise, 0, 255), np.uint8)


def test_a_head_twenty_pixels_high_in_little_light_is_destroyed_in_all_frames(models: ModelStore) -> None:
    """By looks in turn alone it was in none of them."""
    redactor, covered = Redactor(watching(models, delay_frames=5), 3, 5), {}
    for number, pixels in enumerate(street_frames()[106:142], 106):
        redactor.take(RawFrame(far_away_at_dusk(pixels, number), number, number / 25))
        for waiting in redactor.due():
            mask = mask_of(waiting.frame().destroyed, 1280, 720)
            if head := HEADS.get(waiting.raw.number):
                x0, y0, x1, y1 = (round(side * SCALE) for side in (head.x0, head.y0, head.x1, head.y1))
                covered[waiting.raw.number] = mask[AT[1] + y0 : AT[1] + y1, AT[0] + x0 : AT[0] + x1].mean()
    assert min(covered.values()) >= 0.8
    assert list(covered) == list(HEADS)
