"""Pictures of which something went wrong."""

import numpy as np
import pytest

from lapel.core.things import Pixels
from lapel_tools.evaluate.strata import STRATA, Stratum
from lapel_tools.synth import spoilt
from lapel_tools.synth.things import render


@pytest.fixture(scope="module")
def picture() -> Pixels:
    return render(0, 1).pixels


@pytest.mark.parametrize("stratum", STRATA, ids=lambda stratum: stratum.name)
@pytest.mark.parametrize("size", [(480, 640), (900, 90), (90, 900)])
def test_a_stratum_gives_another_picture_always_the_same_and_leaves_its_own(
    stratum: Stratum, size: tuple[int, int]
) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (*size, 3), np.uint8)
    before = pixels.copy()
    made = stratum.spoil(pixels)
    assert (made.dtype, made.ndim, made.shape[2]) == (np.uint8, 3, 3)
    assert made.flags.c_contiguous
    assert not np.array_equal(made, pixels)
    assert np.array_equal(made, stratum.spoil(pixels))
    assert np.array_equal(pixels, before)


def test_a_mirrored_picture_mirrored_again_is_the_picture(picture: Pixels) -> None:
    assert np.array_equal(spoilt.mirrored(spoilt.mirrored(picture)), picture)


def test_four_turns_make_a_whole_one(picture: Pixels) -> None:
    made = picture
    for _ in range(4):
        made = spoilt.turned(made)
    assert np.array_equal(made, picture)


def test_changed_colours_keep_every_edge_and_no_hue(picture: Pixels) -> None:
    made = spoilt.recoloured(picture)
    assert np.array_equal(np.sort(made, axis=2), np.sort(picture, axis=2))
    assert np.array_equal(made[..., 0], picture[..., 1])


def test_a_thing_far_away_has_so_many_pixels_in_a_grey_view() -> None:
    view = spoilt.small_in_view(40)(np.zeros((300, 600, 3), np.uint8))
    rows, columns = (np.flatnonzero((view != 128).any(axis=(axis, 2))) for axis in (1, 0))
    assert view.shape == (480, 640, 3)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (20, 40)


def test_a_picture_is_scaled_up_as_well_as_down(picture: Pixels) -> None:
    assert spoilt.at_px(4000)(picture).shape == (3000, 4000, 3)
    assert spoilt.at_px(160)(picture).shape == (120, 160, 3)


def test_motion_smears_across_and_not_down() -> None:
    dot = np.zeros((65, 65, 3), np.uint8)
    dot[32, 32] = 255
    made = spoilt.moved(5 / 65)(dot)
    assert np.count_nonzero(made[32, :, 0]) == 5
    assert np.count_nonzero(made[:, 32, 0]) == 1


def test_at_night_little_light_is_left(picture: Pixels) -> None:
    assert spoilt.at_night(0.12, 5.0)(picture).mean() < 0.2 * picture.mean()
