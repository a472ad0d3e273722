"""Is there any look at the things in the kit's single pictures, whatever they are called?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lapel.core.geometry import Box
from lapel.core.things import Origin
from lapel.health.meters import Meters
from lapel_tools.evaluate.bench import Bench

COVERED_IOU = 0.5


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of ``things`` are overlapped by half by a box of the detector as it watches, and by any look at all:
    its boxes, proposals, the whole picture and its centre. ``pictures``, ``looks``: how many there were."""

    things: int
    by_boxes: int
    by_looks: int
    pictures: int
    looks: int


def run_coverage(bench: Bench) -> Coverage:
    """Look at every picture of the detection part as in a watch. Raises: UsageError, MediaError."""
    truth = bench.kit.things("detection")
    things = by_boxes = by_looks = looks = 0
    files = bench.chosen(bench.kit.pictures("detection"))
    detector = bench.seeing.proposing(bench.profile.gate, Meters())
    for number, file in enumerate(bench.progress.each(files, "coverage")):
        # Pictures apart by a minute: there are proposals in each.
        scene = detector.detect(replace(bench.frame("detection", file), at_s=60.0 * number))
        every = [thing.box for thing in scene.things]
        boxes = [thing.box for thing in scene.things if thing.origin is Origin.DETECTOR]
        wanted = truth.get(file, ())
        things += len(wanted)
        by_boxes += sum(_is_covered(box, boxes) for box in wanted)
        by_looks += sum(_is_covered(box, every) for box in wanted)
        looks += len(every)
    return Coverage(things, by_boxes, by_looks, len(files), looks)


def _is_covered(thing: Box, boxes: Iterable[Box]) -> bool:
    return any(thing.iou(box) >= COVERED_IOU for box in boxes)
