"""The picture of a hit."""

import cv2
import numpy as np
import pytest

from lapel.alert.picture import jpeg, picture_of
from lapel.core.geometry import Box
from lapel.core.things import Pixels
from lapel.errors import CropTooSmall
from lapel.fakes.hit import made_up_hit


def _noise(height: int, width: int) -> Pixels:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


def _decoded(encoded: bytes) -> Pixels:
    picture = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture[..., ::-1], dtype=np.uint8)


@pytest.mark.parametrize(("height", "width"), [(2160, 3840), (640, 640), (4000, 20), (1, 1), (1, 5000)])
def test_a_picture_keeps_to_both_bounds_even_of_pure_noise(height: int, width: int) -> None:
    encoded = jpeg(_noise(height, width))
    assert len(encoded) <= 64 * 1024
    assert max(_decoded(encoded).shape) <= 640


def test_colours_stay_red_green_blue() -> None:
    red = np.zeros((32, 32, 3), dtype=np.uint8)
    red[..., 0] = 255
    assert _decoded(jpeg(red))[16, 16].tolist() == pytest.approx([255, 0, 0], abs=6)


def test_a_picture_without_pixels_is_refused() -> None:
    with pytest.raises(CropTooSmall, match="0 × 7 px"):
        jpeg(np.zeros((7, 0, 3), dtype=np.uint8))


def test_a_whole_frame_look_is_cut_to_the_match() -> None:
    frame = np.zeros((200, 400, 3), dtype=np.uint8)
    frame[50:150, 100:200] = 255
    hit = made_up_hit(box=Box(0, 0, 400, 200), pixels=frame)
    matched = type(hit.match)(hit.entry, 0.8, hit.match.geometry, 3.0, Box(100, 50, 200, 150), 0)
    picture = _decoded(picture_of(type(hit)(matched, hit.sighting, b"")))
    assert picture.shape[:2] == pytest.approx((112, 112), abs=2)
    assert picture.mean() > 180


def test_a_match_beside_its_sighting_shows_the_whole_sighting() -> None:
    hit = made_up_hit()
    away = type(hit.match)(hit.entry, 0.8, None, 3.0, Box(500, 500, 600, 600), 0)
    assert _decoded(picture_of(type(hit)(away, hit.sighting, b""))).shape[:2] == (40, 40)
