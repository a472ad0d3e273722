"""The pictures of an alert: what was seen, laid on what is listed."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lapel.alert.laid import Pictures, pictures_of
from lapel.alert.picture import jpeg, picture_of
from lapel.core.geometry import whole
from lapel.core.things import Hit, Pixels
from lapel.fakes.hit import made_up_hit

WIDTH, HEIGHT = 200, 100
BEYOND = 127


def reference() -> Pixels:
    """A quarter each of red, green, blue and white: none of it can be taken for another, or turned unnoticed."""
    pixels = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    pixels[:50, :100], pixels[:50, 100:], pixels[50:, :100] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    return pixels


def decoded(encoded: bytes) -> Pixels:
    bgr = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    assert bgr is not None
    return np.asarray(bgr[..., ::-1], np.uint8)


def seen_at(corners: list[tuple[int, int]], size: tuple[int, int] = (640, 400)) -> Hit:
    """A hit on the reference, its corners there, on black, in a sighting of ``size`` (width, height)."""
    border = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    motion = cv2.getPerspectiveTransform(border, np.array(corners, np.float32))
    pixels = np.asarray(cv2.warpPerspective(reference(), motion, size), np.uint8)
    hit = made_up_hit(box=whole(*size), pixels=pixels, reference_picture=jpeg(reference()))
    as_one_wide = motion @ np.diag([WIDTH, WIDTH, 1.0])
    return replace(hit, match=replace(hit.match, motion=tuple(as_one_wide.ravel().tolist())))


TURNED = [(320, 60), (400, 200), (320, 255), (240, 110)]


def off(one: Pixels, other: Pixels) -> NDArray[np.int64]:
    return np.abs(one.astype(int) - other.astype(int)).max(axis=2)


def test_what_was_seen_is_laid_straight_on_the_reference_and_as_large_as_it() -> None:
    shown = pictures_of(seen_at(TURNED))
    straight = decoded(shown.straight)
    assert straight.shape == (HEIGHT, WIDTH, 3)
    assert np.median(off(straight, reference())) < 8
    for y, x in ((25, 50), (25, 150), (75, 50), (75, 150)):
        assert off(straight, reference())[y, x] < 12
    assert shown.listed == jpeg(reference())


def test_what_lies_beyond_the_sighting_is_plain_grey() -> None:
    straight = decoded(pictures_of(seen_at([(-100, 50), (100, 50), (100, 150), (-100, 150)])).straight)
    assert np.abs(straight[:, :92].astype(int) - BEYOND).max() < 4
    assert off(straight, reference())[25, 150] < 12


def test_a_sighting_that_shows_more_than_the_reference_is_not_made_smaller() -> None:
    straight = decoded(pictures_of(seen_at([(0, 0), (600, 0), (600, 300), (0, 300)])).straight)
    assert straight.shape == (300, 600, 3)


def test_the_border_of_the_reference_is_drawn_on_the_crop_and_not_on_what_is_recorded() -> None:
    hit = seen_at([(100, 100), (500, 100), (500, 300), (100, 300)])
    drawn, recorded = decoded(pictures_of(hit).seen), decoded(picture_of(hit))
    assert drawn.shape == recorded.shape
    differs = off(drawn, recorded) > 60
    assert differs[100, 100:500].mean() > 0.9
    assert differs[200, 490:510].any()
    assert not differs[110:190, 110:290].any()


def test_a_small_crop_is_enlarged_before_it_is_drawn_on() -> None:
    hit = seen_at([(4, 4), (64, 4), (64, 34), (4, 34)], (68, 38))
    assert decoded(pictures_of(hit).seen).shape == (179, 320, 3)


def test_nothing_is_shown_of_what_is_not_located() -> None:
    assert pictures_of(replace(seen_at(TURNED), is_located=False)) == Pictures(jpeg(reference()), b"", b"")


@pytest.mark.parametrize(
    "corners",
    [
        [(100, 100), (112, 100), (112, 106), (100, 106)],
        [(600, 300), (1000, 300), (1000, 500), (600, 500)],
        [(-9000, -4500), (9000, -4500), (9000, 4500), (-9000, 4500)],
        [(400, 100), (100, 100), (100, 300), (400, 300)],
        [(100, 100), (400, 300), (400, 100), (100, 300)],
    ],
    ids=["very small", "mostly beyond the picture", "very large", "mirrored", "folded"],
)
def test_an_absurd_motion_leaves_the_crop_alone(corners: list[tuple[int, int]]) -> None:
    hit = seen_at(corners)
    assert pictures_of(hit) == Pictures(hit.reference_picture, b"", picture_of(hit))


@pytest.mark.parametrize("motion", [(), (np.nan,) * 9, (0.0,) * 9, (1.0, 0, 0, 0, 1.0, 0, -9, 0, 1.0)])
def test_an_unknown_or_broken_motion_leaves_the_crop_alone(motion: tuple[float, ...]) -> None:
    hit = seen_at(TURNED)
    hit = replace(hit, match=replace(hit.match, motion=motion))
    assert pictures_of(hit) == Pictures(hit.reference_picture, b"", picture_of(hit))


@pytest.mark.parametrize("picture", [b"", b"no picture"])
def test_a_reference_that_is_no_picture_leaves_the_crop_alone(picture: bytes) -> None:
    hit = replace(seen_at(TURNED), reference_picture=picture)
    assert pictures_of(hit) == Pictures(picture, b"", picture_of(hit))
