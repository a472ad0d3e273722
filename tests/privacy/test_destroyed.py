"""Destroyed means destroyed: neither one picture nor many of one head give anything of it back."""

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from footage import street_frames
from lapel.alert.laid import pictures_of
from lapel.alert.picture import jpeg, picture_of
from lapel.capture.destroy import FILL
from lapel.capture.raw import RawFrame
from lapel.capture.redact import Redactor
from lapel.core.geometry import Box
from lapel.core.things import Frame, Pixels
from lapel.fakes.finder import ScriptedFinder
from lapel.fakes.hit import made_up_hit

# Heads of two cyclists in the street clip: frame, and where the head is.
HEADS = ((120, Box(406, 7, 446, 57)), (38, Box(404, 10, 468, 86)))
SHOT, FRAMES, SIDE = 195, 24, 48
FINDS = 1.8

Grey = NDArray[np.float64]


@pytest.fixture(scope="module")
def street() -> list[Pixels]:
    return street_frames()


def head(street: list[Pixels], which: int) -> Pixels:
    number, box = HEADS[which]
    cut = street[number][box.y0 : box.y1, box.x0 : box.x1]
    return np.asarray(cv2.resize(cut, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def places() -> list[Box]:
    """The head's way through the shot: by whole pixels, so that frames could be laid on one another exactly."""
    return [Box(0, 0, SIDE, SIDE).shifted(60 + 5 * n, 90 + (3 * n) % 11) for n in range(FRAMES)]


def pasted(street: list[Pixels], which: int) -> list[Pixels]:
    made = []
    for n, place in enumerate(places()):
        picture = street[SHOT + n].copy()
        picture[place.y0 : place.y1, place.x0 : place.x1] = head(street, which)
        made.append(picture)
    return made


def redacted(pictures: list[Pixels]) -> list[Frame]:
    redactor = Redactor([ScriptedFinder([(place.grown(FINDS),) for place in places()])], 3, 5)
    for n, picture in enumerate(pictures):
        redactor.take(RawFrame(picture, n, n / 25))
    return [waiting.frame() for waiting in redactor.rest()]


def mosaic(pictures: list[Pixels], cells: int = 6) -> list[Pixels]:
    """What other devices do: areas in coarse cells. Their places are those of the areas, not those of the head."""
    made = []
    for picture, place in zip(pictures, places(), strict=True):
        picture, area = picture.copy(), place.grown(FINDS)
        # The area is found a little elsewhere each time, as by every finder.
        area = area.shifted(-(area.x0 % 7), -(area.y0 % 5))
        cut = picture[area.y0 : area.y1, area.x0 : area.x1]
        small = cv2.resize(cut, (cells * 2, cells * 2), interpolation=cv2.INTER_AREA)
        cut[:] = cv2.resize(small, (cut.shape[1], cut.shape[0]), interpolation=cv2.INTER_NEAREST)
        made.append(picture)
    return made


def along_the_track(pictures: list[Pixels]) -> list[Grey]:
    """The head's place in every picture, in grey."""
    return [
        cv2.cvtColor(picture[p.y0 : p.y1, p.x0 : p.x1], cv2.COLOR_RGB2GRAY).astype(np.float64)
        for picture, p in zip(pictures, places(), strict=True)
    ]


def averaged(pictures: list[Pixels]) -> Grey:
    """Every picture of the track enlarged by bicubic interpolation, then averaged."""
    large = [cv2.resize(cut, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC) for cut in along_the_track(pictures)]
    return np.asarray(np.mean(large, axis=0), np.float64)


def least_squares(pictures: list[Pixels]) -> Grey:
    """The head that explains the pictures of its track best, if each of their even cells is a mean over the head.

    A cell is where neighbouring pixels are equal. Landweber iterations from their mean: multi-frame
    super-resolution as by Irani and Peleg, 1991.
    """
    cuts = along_the_track(pictures)
    cells = [_cells(cut) for cut in cuts]
    guess = np.full(cuts[0].shape, float(np.mean(cuts)))
    for _ in range(60):
        step = np.zeros_like(guess)
        for cut, labels in zip(cuts, cells, strict=True):
            counts = np.bincount(labels.ravel())
            means = np.bincount(labels.ravel(), guess.ravel()) / counts
            step += cut - means[labels]
        guess += step / len(cuts)
    return guess


def _cells(cut: Grey) -> NDArray[np.intp]:
    rows = np.cumsum([0, *(bool((a != b).any()) for a, b in pairwise(cut))])
    columns = np.cumsum([0, *(bool((a != b).any()) for a, b in pairwise(cut.T))])
    return np.asarray(rows[:, None] * (columns[-1] + 1) + columns, np.intp)


def likeness(found: Grey, truth: Pixels) -> float:
    """How much of the head's structure was found: correlation, 0 where there is none at all."""
    grey = cv2.cvtColor(truth, cv2.COLOR_RGB2GRAY).astype(np.float64)
    found = cv2.resize(found, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return 0.0 if found.std() < 1e-6 else abs(float(np.corrcoef(found.ravel(), grey.ravel())[0, 1]))


@pytest.mark.parametrize("attack", [averaged, least_squares])
def test_no_structure_comes_back_from_a_whole_track(street: list[Pixels], attack: object) -> None:
    assert callable(attack)
    pictures = pasted(street, 0)
    assert likeness(attack([frame.pixels for frame in redacted(pictures)]), head(street, 0)) == 0
    assert np.ptp(attack([frame.pixels for frame in redacted(pictures)])) < 1e-6


@pytest.mark.parametrize("attack", [averaged, least_squares])
def test_the_same_attack_brings_a_head_back_from_a_mosaic(street: list[Pixels], attack: object) -> None:
    assert callable(attack)
    assert likeness(attack(mosaic(pasted(street, 0))), head(street, 0)) > 0.5


def test_frames_that_differ_by_a_destroyed_head_alone_are_the_same_bytes(street: list[Pixels]) -> None:
    one, other = redacted(pasted(street, 0)), redacted(pasted(street, 1))
    assert any((a != b).any() for a, b in zip(pasted(street, 0), pasted(street, 1), strict=True))
    assert [frame.destroyed for frame in one] == [frame.destroyed for frame in other]
    assert [frame.pixels.tobytes() for frame in one] == [frame.pixels.tobytes() for frame in other]


def test_an_alerts_picture_holds_nothing_of_a_head_not_even_around_it(street: list[Pixels]) -> None:
    # Encoded before the fill, a head would ring into the cells of the JPEG beside it.
    thing = places()[9].grown(4).clipped(640, 272)
    looks = [frames[9].pixels[thing.y0 : thing.y1, thing.x0 : thing.x1] for frames in both(street)]
    one, other = (picture_of(made_up_hit(box=thing, pixels=look)) for look in looks)
    assert (looks[0] == FILL).all(axis=2).any()
    assert one == other


def test_neither_do_those_that_are_laid_on_the_reference(street: list[Pixels]) -> None:
    thing = places()[9].grown(4).clipped(640, 272)
    looks = [frames[9].pixels[thing.y0 : thing.y1, thing.x0 : thing.x1] for frames in both(street)]
    reference, lies = jpeg(street[0]), (150.0, 9, 4, -7, 160, 2, 0.01, 0.02, 1)
    hits = [made_up_hit(box=thing, pixels=look, reference_picture=reference) for look in looks]
    one, other = (pictures_of(replace(hit, match=replace(hit.match, motion=lies))) for hit in hits)
    assert one.straight
    assert one == other


def both(street: list[Pixels]) -> list[list[Frame]]:
    return [redacted(pasted(street, which)) for which in (0, 1)]


def test_in_frames_in_which_it_was_missed_nothing_but_a_place_depends_on_a_head(street: list[Pixels]) -> None:
    for which in (0, 1):
        pictures = pasted(street, which)
        finder = ScriptedFinder([(place.grown(FINDS),) if n % 4 == 3 else () for n, place in enumerate(places())])
        redactor = Redactor([finder], 3, 5)
        for n, picture in enumerate(pictures):
            redactor.take(RawFrame(picture.copy(), n, n / 25))
        for waiting, picture in zip(redactor.rest(), pictures, strict=True):
            frame = waiting.frame()
            outside = np.ones(picture.shape[:2], np.bool_)
            for area in frame.destroyed:
                assert (frame.pixels[area.y0 : area.y1, area.x0 : area.x1] == FILL).all()
                outside[area.y0 : area.y1, area.x0 : area.x1] = False
            np.testing.assert_array_equal(frame.pixels[outside], picture[outside])
