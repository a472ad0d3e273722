"""What the finder of plates destroys, and what it leaves."""

import numpy as np
import pytest

from footage import share_covered
from lapel.infer.manifest import ModelStore
from lapel.infer.plates import PlateFinder
from lapel_tools.synth.number_scenes import Carrier, NumberScene, render_number

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def finder(models: ModelStore) -> PlateFinder:
    return PlateFinder(models)


def covered(finder: PlateFinder, scene: NumberScene) -> float:
    return share_covered(scene.box, finder.find(scene.pixels), scene.pixels)


@pytest.mark.parametrize("seed", [0, 2, 4, 6])
def test_a_plate_is_destroyed(finder: PlateFinder, seed: int) -> None:
    assert covered(finder, render_number(Carrier.PLATE, seed)) > 0.8


@pytest.mark.parametrize("seed", [5, 7, 9, 11])
def test_an_orange_panel_is_left(finder: PlateFinder, seed: int) -> None:
    assert covered(finder, render_number(Carrier.PANEL, seed)) == 0


@pytest.mark.parametrize("seed", [1, 7, 10])
def test_the_wall_of_a_container_is_left(finder: PlateFinder, seed: int) -> None:
    assert covered(finder, render_number(Carrier.CONTAINER, seed)) < 0.01


def test_a_lone_text_on_a_vehicle_is_destroyed_though_its_ground_goes_on(finder: PlateFinder) -> None:
    scene = render_number(Carrier.PLATE, 0)
    white = scene.pixels.copy()
    ground = np.full_like(white, 236)
    box = scene.box
    ground[box.y0 : box.y1, box.x0 : box.x1] = white[box.y0 : box.y1, box.x0 : box.x1]
    vehicle = box.grown(4).clipped(1280, 720)
    assert share_covered(box, finder.find_beside(ground, (vehicle,)), ground) > 0.8


def test_a_picture_without_text_loses_nothing(finder: PlateFinder) -> None:
    assert finder.find(np.full((360, 640, 3), 127, np.uint8)) == ()
