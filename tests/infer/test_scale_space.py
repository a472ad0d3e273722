"""Details of large pictures, found in less memory, are those that OpenCV finds, where it has to choose too."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lapel.core.things import Pixels
from lapel.infer import features, scale_space
from lapel.infer.features import RootSift
from lapel.infer.scale_space import strongest

_EVERY = cv2.SIFT.create(nfeatures=0, contrastThreshold=0.02)


def drawn(height: int, width: int, blur: float) -> Pixels:
    """Discs, boxes and noise of all sizes, unsharp by so many pixels."""
    random = np.random.default_rng(3)
    picture = np.full((height, width, 3), 120, np.uint8)
    for n in range(160):
        x, y = int(random.integers(width)), int(random.integers(height))
        side, colour = int(2 + random.exponential(30)), [int(c) for c in random.integers(0, 255, 3)]
        if n % 2:
            cv2.circle(picture, (x, y), side, colour, -1, cv2.LINE_AA)
        else:
            cv2.rectangle(picture, (x, y), (x + side, y + side // 2), colour, -1)
    noisy = np.clip(picture + random.normal(0, 6, picture.shape), 0, 255).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(noisy, (0, 0), blur), np.uint8)


def same(one: NDArray[np.float32], other: NDArray[np.float32], within: float) -> NDArray[np.bool_]:
    """Which rows of one lie so near to which of the other, bool[n, m]."""
    return np.asarray(np.abs(one[:, None] - other[None]).max(axis=2) < within)


# Another width, one that is no whole number of parts, one less sharp than any octave but the later ones shows.
@pytest.mark.parametrize(("height", "width", "blur"), [(640, 640, 0.8), (427, 601, 0.8), (500, 640, 6.0)])
def test_a_large_picture_has_the_same_features_in_less_memory(height: int, width: int, blur: float) -> None:
    picture, lean = drawn(height, width, blur), RootSift()
    points, rooted = RootSift().describe(picture)
    lean.is_lean = True
    found, described = lean.describe(picture)
    assert len(found) == len(points) > 30
    # OpenCV reckons in 32 bits: a few thousandths of a pixel, and where it rounds to a byte the next one.
    assert (same(points, found, 0.01) & same(rooted, described, 0.03)).any(axis=1).all()


def test_of_keypoints_in_every_octave_size_angle_and_strength_are_those_of_opencv() -> None:
    grey = cv2.cvtColor(drawn(420, 640, 0.8), cv2.COLOR_RGB2GRAY)
    theirs, ours = (
        np.array([(*k.pt, k.size, k.angle, 1000 * k.response, k.octave & 0xFFFF) for k in some], np.float32)
        for some in (_EVERY.detect(grey, None), strongest(_EVERY, np.asarray(grey, np.uint8), 10_000, 0.02))
    )
    assert len(ours) == len(theirs)
    assert len(np.unique(theirs[:, 5].astype(int) & 255)) >= 5  # octaves
    assert same(theirs, ours, 0.05).any(axis=1).all()


def checked(side_px: int) -> features.Grey:
    """A checker of such squares: thousands of extrema, all as strong as many others."""
    rows, columns = np.mgrid[0:640, 0:640] // side_px
    return np.asarray((rows + columns) % 2 * 200 + 30, np.uint8)


@pytest.mark.parametrize("side_px", [6, 9])
def test_of_a_repeating_pattern_as_many_details_are_kept_as_strong_as_those_of_opencv(side_px: int) -> None:
    grey = checked(side_px)
    theirs, ours = (
        sorted(1000 * keypoint.response for keypoint in some)[-800:]
        for some in (_EVERY.detect(grey, None), strongest(_EVERY, grey, 800, 0.02))
    )
    assert len(ours) == 800
    np.testing.assert_allclose(ours, theirs, atol=0.01)


def test_of_a_repeating_pattern_no_more_places_are_looked_at_closely_than_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    angles, asked = scale_space._angles, list[int]()

    def counted(level: scale_space.Level, row: int, column: int, scale: float) -> Iterator[float]:
        asked.append(len(level))
        return angles(level, row, column, scale)

    monkeypatch.setattr(scale_space, "_angles", counted)
    assert len(strongest(_EVERY, checked(6), 800, 0.02)) == 800
    assert asked
    assert max(asked.count(height) for height in asked) <= 800


@pytest.mark.parametrize("picture", [np.full((640, 640, 3), 90, np.uint8), drawn(640, 640, 40.0)])
def test_a_large_picture_without_details_has_no_features_either_way(picture: Pixels) -> None:
    lean = RootSift()
    lean.is_lean = True
    assert len(lean.describe(picture)[0]) == len(RootSift().describe(picture)[0])


def test_small_pictures_and_outlined_ones_are_left_to_opencv(monkeypatch: pytest.MonkeyPatch) -> None:
    lean, asked = RootSift(), list[int]()
    lean.is_lean = True

    def counted(every: cv2.SIFT, grey: features.Grey, count: int, least_contrast: float) -> list[cv2.KeyPoint]:
        asked.append(grey.size)
        return strongest(every, grey, count, least_contrast)

    monkeypatch.setattr(features, "strongest", counted)
    large = drawn(500, 640, 0.8)
    lean.describe(drawn(360, 640, 0.8))
    lean.describe(large, np.ones(large.shape[:2], np.bool_))
    assert asked == []
    lean.describe(large)
    assert asked == [320_000]
