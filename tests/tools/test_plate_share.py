"""What enrolment takes for a picture of a plate, and for one of a card with a few letters on it."""

import cv2
import numpy as np
import pytest

from lapel.core.things import Pixels
from lapel.infer.manifest import ModelStore
from lapel_tools.enrol.plate_share import PlateMeter
from lapel_tools.synth.number_scenes import Carrier, render_number

pytestmark = pytest.mark.models


def card(letters: str) -> Pixels:
    """A white card that large letters fill."""
    drawn = np.full((230, 300, 3), 245, np.uint8)
    (width, height), _ = cv2.getTextSize(letters, cv2.FONT_HERSHEY_SIMPLEX, 6, 24)
    at = ((300 - width) // 2, (230 + height) // 2)
    cv2.putText(drawn, letters, at, cv2.FONT_HERSHEY_SIMPLEX, 6, (20, 20, 20), 24)
    return drawn


@pytest.mark.parametrize("seed", [0, 5, 11])
def test_a_plate_fills_its_picture(models: ModelStore, seed: int) -> None:
    scene = render_number(Carrier.PLATE, seed)
    box = scene.box
    assert PlateMeter(models).share(np.ascontiguousarray(scene.pixels[box.y0 : box.y1, box.x0 : box.x1])) > 0.5


@pytest.mark.parametrize("letters", ["A8", "EX"])
def test_a_card_whose_letters_are_no_long_line_is_none(models: ModelStore, letters: str) -> None:
    assert PlateMeter(models).share(card(letters)) == 0
