"""The object detector: a redacted frame in, things with boxes and a number of people out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box, mask_of, whole
from lapel.core.things import Frame, Kind, Origin, Pixels, Scene, Thing
from lapel.infer import ssd
from lapel.infer.bodies import BICYCLE_SCORE, COMPANY_SCORE, FOOTWEAR_SCORE, TRACE_SCORE, Recently, hidden
from lapel.infer.feed import fed
from lapel.infer.manifest import ModelStore
from lapel.infer.regions import Regions
from lapel.infer.tflite import Model, Tensor

# The detector's words to kinds. Person is only counted; footwear is left out, since it is nearly always worn.
KIND_OF_LABEL = {
    "bicycle": Kind.BICYCLE,
    "stationary bicycle": Kind.BICYCLE,
    "laptop": Kind.COMPUTER,
    "chair": Kind.CHAIR,
    "cattle": Kind.ANIMAL,
    "cat": Kind.ANIMAL,
    "dog": Kind.ANIMAL,
    "desk": Kind.DESK,
    "table": Kind.DESK,
    "computer mouse": Kind.MOUSE,
    "computer monitor": Kind.MONITOR,
    "box": Kind.BOX,
    "mug": Kind.CUP,
    "coffee cup": Kind.CUP,
    "bottle": Kind.BOTTLE,
    "vehicle": Kind.VEHICLE,
    "car": Kind.VEHICLE,
    "book": Kind.BOOK,
    "camera": Kind.CAMERA,
}
PERSON = "person"
BICYCLES = ("bicycle", "stationary bicycle")
FOOTWEAR = ("footwear", "boot", "high heels")

COUNT_SCORE = 0.35
# From it on people are masked, and their heads destroyed. Just below the score of a man cut by the border of a street
# picture (.40), whose face no finder sees; below it, hands and cartons are taken for people as often as people are.
PERSON_SCORE = 0.38
MOSTLY_PEOPLE = 0.5
_GREY = 128
# Of each view. With 40 instead, unsure boxes cover 63 of 120 things in single pictures, and not 72.
_UNSURE_BOXES = 60
_TRACES = 30  # of people, of each view


class SsdDetector:
    """SSD-MobileNetV2 on the whole frame and, where the frame is wide, on square tiles (port Detector).

    ``least_score``: boxes below it are not reported; ``mask_score``: people below it are not masked, unless footwear or
    a bicycle, of this frame or the ``bicycle_frames`` before it, or, with a trace of at least ``trace_score``, a
    destroyed head says that they are there, or, from ``company_score`` on, two such bodies. Beside the detector's boxes
    a Scene has a whole-frame and a centre look, unless people fill most of them.
    """

    def __init__(
        self,
        store: ModelStore,
        least_score: float = 0.3,
        tiles: bool = True,
        mask_score: float = PERSON_SCORE,
        trace_score: float = TRACE_SCORE,
        company_score: float = COMPANY_SCORE,
        bicycle_frames: int = 0,
    ) -> None:
        self._model = store.open("detector")
        card = store.card("detector")
        self._labels = tuple(label.lower() for label in card.labels)
        self._things = tuple(i for i, label in enumerate(self._labels) if label in KIND_OF_LABEL)
        (self._person,) = card.classes_of((PERSON,))
        self._bicycles, self._footwear = card.classes_of(BICYCLES), card.classes_of(FOOTWEAR)
        self.least_score = least_score
        self._tiles = tiles
        self._ridden = Recently(bicycle_frames)
        self._mask_score, self._trace_scores = mask_score, (trace_score, company_score)

    def detect(self, frame: Frame) -> Scene:
        """Things with boxes inside the frame, falling by score; people as a number, and masked on the canvas."""
        return self.study(frame).scene

    def study(self, frame: Frame) -> Study:
        """The same, with what the network saw beside it."""
        least = min(self.least_score, self._mask_score, COUNT_SCORE, BICYCLE_SCORE)
        glances = tuple(glance(self._model, frame.pixels, self._tiles))
        found = joined(self._model, glances, least)
        people = (found.classes == self._person) & (found.scores >= COUNT_SCORE)
        canvas, covered = masked(frame.pixels, self._to_mask(frame, glances, found))
        things = tuple(
            Thing(KIND_OF_LABEL[label], box, float(score), Origin.DETECTOR, label)
            for bounds, index, score in zip(found.boxes, found.classes, found.scores, strict=True)
            if score >= self.least_score
            and (label := self._labels[index]) in KIND_OF_LABEL
            and (box := _rounded(bounds).clipped(frame.width, frame.height)).area > 0
            and _shows_other_than_people(box, covered)
        )
        things += looks(frame.width, frame.height, covered)
        forbidden = no_look_at(covered, found.boxes[people], frame.destroyed)
        return Study(Scene(things, int(np.count_nonzero(people)), canvas), forbidden, glances)

    def unsure(self, study: Study) -> Regions:
        """The best boxes of each glance for any word but a person's, worth their scores, however low."""
        found = self._faint(study.glances, self._things, _UNSURE_BOXES)
        return Regions(found.boxes, found.scores)

    def _to_mask(self, frame: Frame, glances: tuple[Glance, ...], found: ssd.Detections) -> NDArray[np.float32]:
        """Areas of people f32[n, 4]: sure boxes, bodies below what was destroyed and who is beside them, who stands in
        footwear or sits on a bicycle."""
        sure: NDArray[np.float32] = found.boxes[(found.classes == self._person) & (found.scores >= self._mask_score)]
        footwear = found.boxes[np.isin(found.classes, self._footwear) & (found.scores >= FOOTWEAR_SCORE)]
        bicycles = found.boxes[np.isin(found.classes, self._bicycles) & (found.scores >= BICYCLE_SCORE)]
        bicycles = self._ridden.with_those_before(frame.number, bicycles)
        if not frame.destroyed and not len(footwear) and not len(bicycles):
            return sure
        traces = self._faint(glances, (self._person,), _TRACES)
        unsure = hidden(frame.destroyed, footwear, bicycles, traces, self._trace_scores)
        return np.asarray(np.concatenate([sure, unsure]), np.float32)

    def _faint(self, glances: tuple[Glance, ...], classes: tuple[int, ...], most: int) -> ssd.Detections:
        """The ``most`` best boxes of each glance for some words, however low their scores."""
        specs = self._model.outputs
        return _concatenated(
            [
                _in_picture(ssd.unsure(g.outputs, specs, g.view.width, g.view.height, classes, most), g.view)
                for g in glances
            ]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """One call of the network: the part of the picture that it saw, and its raw heads."""

    view: Box
    outputs: tuple[Tensor, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A scene, where in it nothing may be proposed (bool[h, w]: people and destroyed areas), and what the network saw
    of the frame. It stays inside this package."""

    scene: Scene
    forbidden: NDArray[np.bool_]
    glances: tuple[Glance, ...]


def glance(model: Model, pixels: Pixels, tiles: bool) -> Iterator[Glance]:
    """Show RGB u8[h, w, 3] to the network: the whole picture, then its tiles."""
    height, width = pixels.shape[:2]
    for view in (whole(width, height), *(square_tiles(width, height) if tiles else ())):
        crop = pixels[view.y0 : view.y1, view.x0 : view.x1]
        yield Glance(view, model.invoke(fed(model, crop)))


def detect_all(model: Model, pixels: Pixels, least_score: float, tiles: bool) -> ssd.Detections:
    """Everything the network sees in RGB u8[h, w, 3], on the whole picture and its tiles, in picture pixels."""
    return joined(model, tuple(glance(model, pixels, tiles)), least_score)


def joined(model: Model, glances: tuple[Glance, ...], least_score: float) -> ssd.Detections:
    """The detections of glances at one picture, in picture pixels, each thing once."""
    found = [
        _in_picture(ssd.decode(g.outputs, model.outputs, g.view.width, g.view.height, least_score), g.view)
        for g in glances
    ]
    return found[0] if len(found) == 1 else ssd.suppressed(_concatenated(found))


def _in_picture(found: ssd.Detections, view: Box) -> ssd.Detections:
    boxes = found.boxes + np.array([view.x0, view.y0, view.x0, view.y0], np.float32)
    return ssd.Detections(boxes, found.classes, found.scores)


def _concatenated(found: list[ssd.Detections]) -> ssd.Detections:
    return ssd.Detections(
        np.concatenate([f.boxes for f in found]),
        np.concatenate([f.classes for f in found]),
        np.concatenate([f.scores for f in found]),
    )


def square_tiles(width: int, height: int) -> tuple[Box, ...]:
    """Squares of the frame's shorter side that cover it with some overlap; none where it is nearly square."""
    side, longer = min(width, height), max(width, height)
    if longer < 1.5 * side:
        return ()
    count = max(2, -(-longer * 5 // (side * 4)))
    starts = np.linspace(0, longer - side, count).round().astype(int)
    return tuple(
        Box(int(s), 0, int(s) + side, side) if width >= height else Box(0, int(s), side, int(s) + side) for s in starts
    )


def masked(pixels: Pixels, areas: NDArray[np.float32]) -> tuple[Pixels, NDArray[np.bool_]]:
    """The picture with areas f32[n, 4] filled with grey, and where that is, bool[h, w]; both read-only."""
    covered = np.zeros(pixels.shape[:2], np.bool_)
    canvas = pixels.copy() if len(areas) else pixels
    for x0, y0, x1, y1 in areas.round().astype(int):
        covered[max(0, y0) : y1, max(0, x0) : x1] = True
        canvas[max(0, y0) : y1, max(0, x0) : x1] = _GREY
    if len(areas):
        canvas.setflags(write=False)
    covered.setflags(write=False)
    return canvas, covered


def no_look_at(
    covered: NDArray[np.bool_], people: NDArray[np.float32], destroyed: tuple[Box, ...]
) -> NDArray[np.bool_]:
    """Where nothing may be proposed, bool[h, w]: what is covered, people f32[n, 4] and destroyed areas."""
    height, width = covered.shape
    return covered | mask_of((*(_rounded(bounds) for bounds in people), *destroyed), width, height)


def looks(width: int, height: int, covered: NDArray[np.bool_]) -> tuple[Thing, ...]:
    """A look at the whole frame and at its centre, each only where people do not fill most of it."""
    centre = Box(width // 4, height // 4, width - width // 4, height - height // 4)
    return tuple(
        Thing(Kind.OTHER, box, 0.0, origin)
        for box, origin in ((whole(width, height), Origin.WHOLE), (centre, Origin.CENTRE))
        if box.area and _shows_other_than_people(box, covered)
    )


def _shows_other_than_people(box: Box, covered: NDArray[np.bool_]) -> bool:
    return float(covered[box.y0 : box.y1, box.x0 : box.x1].mean()) <= MOSTLY_PEOPLE


def people_share(model: Model, pixels: Pixels, least_score: float, person: int) -> float:
    """The share of a picture that is covered by boxes of people, 0..1: for refusing pictures of people."""
    found = detect_all(model, pixels, least_score, tiles=False)
    _, covered = masked(pixels, found.boxes[(found.classes == person) & (found.scores >= least_score)])
    return float(covered.mean())


def _rounded(bounds: NDArray[np.float32]) -> Box:
    x0, y0, x1, y1 = (int(v) for v in bounds.round())
    return Box(x0, y0, x1, y1)
