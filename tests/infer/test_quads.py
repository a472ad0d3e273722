"""Four-sided things are found where they were drawn, at an angle and in noise."""

import numpy as np
import pytest
from numpy.typing import NDArray

from lapel.infer.quads import quads
from lapel.infer.regions import overlaps
from lapel_tools.synth.print import DESIGNS
from lapel_tools.synth.scene import Side, backdrop, photographed, placed

HEIGHT, WIDTH = 360, 640
STRAIGHT = ((180, 60), (400, 60), (400, 300), (180, 300))
TURNED = ((260, 50), (450, 140), (350, 320), (160, 230))
FROM_THE_SIDE = ((220, 80), (390, 40), (390, 330), (220, 270))


def scene(corners: tuple[tuple[int, int], ...], seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A picture of a printed thing with these corners, and them as f32[4, 2]."""
    random = np.random.default_rng(seed)
    at = np.array(corners, np.float32)
    design = DESIGNS[seed % len(DESIGNS)]
    pixels, _ = placed(backdrop(random, HEIGHT, WIDTH), (Side(design.draw(random), at),))
    return photographed(pixels, random), at


def farthest_corner(found: NDArray[np.float32], truth: NDArray[np.float32]) -> float:
    """How far, in pixels, the worst corner of a quad f32[4, 2] is from the nearest true one."""
    return float(np.linalg.norm(found[:, None] - truth[None], axis=2).min(axis=1).max())


@pytest.mark.parametrize("corners", [STRAIGHT, TURNED, FROM_THE_SIDE], ids=["straight", "turned", "from the side"])
@pytest.mark.parametrize("seed", range(4))
def test_a_printed_thing_is_outlined_by_its_corners(corners: tuple[tuple[int, int], ...], seed: int) -> None:
    pixels, truth = scene(corners, seed)
    assert min(farthest_corner(found, truth) for found in quads(pixels).corners) < 10


def test_a_sign_against_the_sky_is_the_best_quad() -> None:
    pixels = np.full((200, 300, 3), 200, np.uint8)
    pixels[60:140, 100:220] = (30, 60, 160)
    np.testing.assert_allclose(quads(pixels).boxes[0], [100, 60, 220, 140], atol=4)


def test_a_plain_wall_has_no_quads() -> None:
    assert len(quads(np.full((200, 300, 3), 90, np.uint8)).scores) == 0


def test_a_quad_below_the_least_side_is_left_out() -> None:
    pixels = np.full((200, 300, 3), 200, np.uint8)
    pixels[60:100, 100:220] = 20
    assert len(quads(pixels, 30).scores) > 0
    assert len(quads(pixels, 60).scores) == 0


def test_a_circle_is_no_quad_that_stands_out() -> None:
    rows, columns = np.mgrid[:200, :300]
    disc = (rows - 100) ** 2 + (columns - 150) ** 2 < 60**2
    pixels = np.where(disc[..., None], 20, 200).astype(np.uint8).repeat(3, axis=2)
    found = quads(pixels)
    about = np.array([90, 40, 210, 160], np.float32)
    assert not (found.scores[overlaps(about, found.boxes) > 0.6] > 0.7).any()


def test_the_best_come_first_and_two_runs_agree() -> None:
    pixels, _ = scene(TURNED, 3)
    first, second = quads(pixels), quads(pixels)
    assert (np.diff(first.scores) <= 0).all()
    np.testing.assert_array_equal(first.corners, second.corners)
