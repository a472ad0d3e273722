"""One suite for every Finder: the committed models and their doubles."""

from collections.abc import Callable

import numpy as np
import pytest

from footage import noise, picture
from lapel.core.geometry import Box
from lapel.fakes.finder import FixedFinder, ScriptedFinder
from lapel.infer.finders import FaceFinder, FacesInTurn, HeadAndPlateFinder, HeadFinder, StillFaceFinder
from lapel.infer.manifest import ModelStore
from lapel.infer.plates import PlateFinder
from lapel.ports import Finder

pytestmark = pytest.mark.models

MAKERS: dict[str, Callable[[ModelStore], Finder]] = {
    "faces": FaceFinder,
    "faces in turn": lambda store: FacesInTurn(store, 5),
    "faces of stills": lambda store: StillFaceFinder(store, scales=(0.8,)),  # at all scales it takes a minute on x86
    "heads": HeadFinder,
    "heads and plates": HeadAndPlateFinder,
    "plates": PlateFinder,
    "fixed": lambda store: FixedFinder([Box(1, 2, 3, 4)]),
    "scripted": lambda store: ScriptedFinder([(Box(1, 2, 3, 4),)] * 9),
}
SIZES = [(640, 272), (272, 640), (1280, 720), (64, 64), (16, 300), (451, 799)]


@pytest.fixture(params=MAKERS)
def finder(request: pytest.FixtureRequest, models: ModelStore) -> Finder:
    return MAKERS[request.param](models)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_areas_are_rectangles_of_whole_pixels_for_any_size_of_picture(finder: Finder, width: int, height: int) -> None:
    areas = finder.find(noise(width, height))
    assert isinstance(areas, tuple)
    assert all(isinstance(area, Box) and area.width > 0 and area.height > 0 for area in areas)
    assert all(isinstance(side, int) for area in areas for side in (area.x0, area.y0, area.x1, area.y1))


def test_the_picture_is_left_as_it_was(finder: Finder) -> None:
    pixels = noise(320, 200)
    before = pixels.copy()
    pixels.setflags(write=False)
    finder.find(pixels)
    np.testing.assert_array_equal(pixels, before)


def test_the_same_picture_gives_the_same_areas(finder: Finder) -> None:
    pixels = noise(320, 200)  # so small that no finder shows it in turn
    assert finder.find(pixels) == finder.find(pixels)


@pytest.mark.parametrize("name", ["faces", "faces in turn", "faces of stills", "heads", "plates"])
def test_an_even_grey_holds_nobody(name: str, models: ModelStore) -> None:
    assert MAKERS[name](models).find(picture(127, 640, 272)) == ()
