"""What lies between the details tells one print from another that shares its mark."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from lapel.alert.picture import jpeg
from lapel.core.things import Features, Geometry, Pixels
from lapel.infer.features import SiftFeatures
from lapel_tools.synth.things import render

SIFT = SiftFeatures()
PRINT = render(5).pixels


def laid(sighting: Pixels, reference: Pixels) -> float:
    theirs, ours = SIFT.extract(sighting), SIFT.extract(reference)
    geometry = SIFT.verify(theirs, ours)
    assert geometry is not None
    return SIFT.resemblance(sighting, jpeg(reference), ours, geometry)


def test_a_print_in_other_light_and_smaller_resembles_itself() -> None:
    seen = cv2.resize(np.asarray(PRINT * 0.6 + 20, np.uint8), None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    assert laid(np.asarray(seen, np.uint8), PRINT) > 0.7


def test_a_print_with_the_same_half_and_another_resembles_less() -> None:
    other = PRINT.copy()
    middle = PRINT.shape[0] // 2
    other[middle:] = cv2.resize(render(8).pixels, PRINT.shape[1::-1])[middle:]
    assert laid(other, PRINT) < 0.75 * laid(PRINT, PRINT)


def test_a_print_with_its_colours_exchanged_resembles_less() -> None:
    assert laid(np.ascontiguousarray(PRINT[..., ::-1]), PRINT) < 0.8 * laid(PRINT, PRINT)


def test_a_print_in_a_tinted_light_resembles_itself() -> None:
    assert laid(np.asarray(PRINT * np.array([0.6, 0.8, 1.0]), np.uint8), PRINT) > 0.98 * laid(PRINT, PRINT)


def test_what_was_destroyed_in_either_picture_is_not_compared() -> None:
    height, width = PRINT.shape[:2]
    masked = PRINT.copy()
    masked[height // 3 : 2 * height // 3, width // 4 : 3 * width // 4] = 127
    for sighting, reference in ((masked, PRINT), (PRINT, masked)):
        assert laid(sighting, reference) > 0.9 * laid(PRINT, PRINT)


def found() -> tuple[Features, Geometry]:
    features = SIFT.extract(PRINT)
    geometry = SIFT.verify(features, features)
    assert geometry is not None
    return features, geometry


def test_what_lies_outside_the_sighting_resembles_nothing() -> None:
    features, geometry = found()
    beside = replace(geometry, motion=(1.0, 0.0, 9000.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0))
    assert SIFT.resemblance(PRINT, jpeg(PRINT), features, beside) == 0


@pytest.mark.parametrize(("picture", "motion"), [(b"no picture", None), (None, ())])
def test_without_a_picture_or_a_motion_nothing_resembles(
    picture: bytes | None, motion: tuple[float, ...] | None
) -> None:
    features, geometry = found()
    if motion is not None:
        geometry = replace(geometry, motion=motion)
    assert SIFT.resemblance(PRINT, picture or jpeg(PRINT), features, geometry) == 0
