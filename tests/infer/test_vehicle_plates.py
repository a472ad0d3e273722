"""What is destroyed on vehicles where no text is read: whatever has a plate's strokes."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from footage import share_covered
from lapel.core.geometry import Box
from lapel.infer import finders
from lapel.infer.finders import HeadAndPlateFinder, HeadFinder, sparing_text
from lapel.infer.manifest import ModelStore
from lapel.infer.ssd import Detections
from lapel.infer.vehicle_plates import NARROWEST_VEHICLE_PX, plate_like
from lapel_tools.synth.number_scenes import Carrier, render_number


def vehicle_about(plate: Box) -> Box:
    """A vehicle four times as wide as its plate, which hangs in its lower half."""
    dx, above, below = int(1.6 * plate.width), 6 * plate.height, 3 * plate.height
    return Box(plate.x0 - dx, plate.y0 - above, plate.x1 + dx, plate.y1 + below).clipped(1280, 720)


@pytest.mark.parametrize("seed", range(0, 16, 2))
def test_a_plate_on_a_vehicle_is_covered(seed: int) -> None:
    scene = render_number(Carrier.PLATE, seed)
    assert share_covered(scene.box, plate_like(scene.pixels, (vehicle_about(scene.box),)), scene.pixels) > 0.8


def test_most_of_the_vehicle_stays() -> None:
    scenes = [render_number(Carrier.PLATE, seed) for seed in range(8)]
    shares = [
        share_covered(vehicle, plate_like(scene.pixels, (vehicle,)), scene.pixels)
        for scene, vehicle in ((scene, vehicle_about(scene.box)) for scene in scenes)
    ]
    assert 0 < float(np.mean(shares)) < 0.12


def test_nothing_is_covered_beside_vehicles() -> None:
    scene = render_number(Carrier.PLATE, 0)
    assert plate_like(scene.pixels, ()) == ()
    elsewhere = Box(0, 0, 200, 150) if scene.box.x0 > 400 or scene.box.y0 > 300 else Box(1000, 500, 1280, 720)
    areas = plate_like(scene.pixels, (elsewhere,))
    assert share_covered(scene.box, areas, scene.pixels) == 0


def test_on_a_vehicle_so_far_away_that_no_plate_is_legible_nothing_is_looked_for() -> None:
    scene = render_number(Carrier.PLATE, 0)
    middle = (scene.box.x0 + scene.box.x1) // 2
    narrow = Box(middle, scene.box.y0, middle + NARROWEST_VEHICLE_PX - 1, scene.box.y1)
    assert plate_like(scene.pixels, (narrow,)) == ()


@pytest.mark.parametrize("vehicle", [Box(-50, -50, 400, 300), Box(1200, 600, 1500, 900), Box(0, 0, 1280, 720)])
def test_a_vehicle_partly_out_of_the_picture_is_looked_at(vehicle: Box) -> None:
    pixels = np.random.default_rng(7).integers(0, 255, (720, 1280, 3), np.uint8)
    assert all(area.width > 0 and area.height > 0 for area in plate_like(pixels, (vehicle,)))


@pytest.mark.parametrize("vehicle", [Box(0, 0, 400, 1), Box(0, 719, 1280, 800), Box(100, 900, 500, 1000)])
def test_a_vehicle_of_which_the_picture_shows_next_to_nothing_is_none(vehicle: Box) -> None:
    assert plate_like(np.full((720, 1280, 3), 90, np.uint8), (vehicle,)) == ()


@pytest.mark.models
def test_the_detector_s_vehicles_are_looked_at_and_neither_bicycles_nor_other_things(
    models: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = render_number(Carrier.PLATE, 0)
    box = vehicle_about(scene.box)
    labels = [label.lower() for label in models.card("detector").labels]
    about = np.array([(box.x0, box.y0, box.x1, box.y1)], np.float32)

    def seen(label: str, score: float, *others: str) -> Callable[..., Detections]:
        classes = np.array([labels.index(name) for name in (label, *others)])
        boxes, scores = np.repeat(about, len(classes), axis=0), np.full(len(classes), score, np.float32)
        return lambda *_, **__: Detections(boxes, classes, scores)

    finder = HeadAndPlateFinder(models)
    covered = []
    for one in (("car", 0.4), ("vehicle", 0.4), ("car", 0.3), ("box", 0.9), ("vehicle", 0.4, "bicycle")):
        monkeypatch.setattr(finders, "detect_all", seen(*one))
        covered.append(share_covered(scene.box, finder.find(scene.pixels), scene.pixels) > 0.8)
    assert covered == [True, True, False, False, False]


@pytest.mark.models
def test_a_plate_on_a_real_car_is_destroyed_in_a_watch_that_reads_nothing(models: ModelStore, kit: Path) -> None:
    car = np.asarray(
        cv2.cvtColor(cv2.imread(str(kit / "instances/distractors/car01.jpg")), cv2.COLOR_BGR2RGB), np.uint8
    )
    tall, wide = car.shape[:2]
    at = Box(int(0.4 * wide), int(0.6 * tall), int(0.55 * wide), int(0.66 * tall))
    scene = render_number(Carrier.PLATE, 3, ground=car, at=at)
    areas = tuple(area for finder in finders.watching(models, 5) for area in finder.find(scene.pixels))
    assert share_covered(scene.box, areas, scene.pixels) > 0.8


@pytest.mark.models
def test_where_text_is_read_heads_alone_are_destroyed_by_the_detector_s_word(models: ModelStore) -> None:
    both = HeadAndPlateFinder(models)
    (kept,) = sparing_text([both])
    assert isinstance(kept, HeadFinder)
