"""Orange panels by colour and shape."""

import cv2
import numpy as np
import pytest

from lapel.core.geometry import Box
from lapel.core.things import Pixels
from lapel.infer.panels import panels_in
from lapel_tools.synth.number_scenes import Carrier, render_number
from lapel_tools.synth.numbers import panel_face

AT = Box(200, 100, 360, 220)


def scene(face: Pixels) -> Pixels:
    """A face on a grey wall."""
    canvas = np.full((360, 640, 3), 120, np.uint8)
    canvas[AT.y0 : AT.y1, AT.x0 : AT.x1] = cv2.resize(face, (AT.width, AT.height), interpolation=cv2.INTER_AREA)
    return canvas


def face() -> Pixels:
    return panel_face(np.random.default_rng(1), "33/1203")


def test_a_panel_is_found_where_it_hangs() -> None:
    (panel,) = panels_in(scene(face()))
    assert panel.box.iou(AT) > 0.8
    assert panel.upper.shape[0] > 30
    assert panel.lower.shape[1] > panel.upper.shape[1]


def test_an_orange_plate_without_a_bar_is_none() -> None:
    plain = face()
    plain[20:280, 20:380] = plain[25, 25]
    assert panels_in(scene(plain)) == ()


@pytest.mark.parametrize("order", [(2, 1, 0), (1, 0, 2), (0, 0, 2)], ids=["blue", "green", "yellow"])
def test_a_plate_of_another_colour_is_none(order: tuple[int, int, int]) -> None:
    assert panels_in(scene(np.ascontiguousarray(face()[..., order]))) == ()


def test_a_long_orange_board_is_none() -> None:
    long = cv2.resize(face(), (AT.width, AT.height // 3))
    canvas = np.full((360, 640, 3), 120, np.uint8)
    canvas[100 : 100 + long.shape[0], 200 : 200 + long.shape[1]] = long
    assert panels_in(canvas) == ()


def test_most_panels_of_synthetic_scenes_are_found() -> None:
    scenes = [render_number(Carrier.PANEL, seed) for seed in range(20)]
    assert sum(any(p.box.iou(s.box) > 0.5 for p in panels_in(s.pixels)) for s in scenes) >= 18
