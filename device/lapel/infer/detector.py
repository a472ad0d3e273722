"""The object detector: a redacted frame in, things with boxes and a number of people out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box, whole
from lapel.core.things import Frame, Kind, Origin, Pixels, Scene, Thing
from lapel.infer import ssd
from lapel.infer.feed import fed
from lapel.infer.manifest import ModelStore
from lapel.infer.tflite import Model

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

COUNT_SCORE = 0.35
# As in the finder of heads: below it, hands and cartons are taken for people as often as people are.
MASK_SCORE = 0.38
MOSTLY_PEOPLE = 0.5
_GREY = 128


class SsdDetector:
    """SSD-MobileNetV2 on the whole frame and, where the frame is wide, on square tiles (port Detector).

    ``least_score``: boxes below it are not reported; ``mask_score``: people below it are not masked. Beside the
    detector's boxes a Scene has a whole-frame and a centre look, unless people fill most of them.
    """

    def __init__(
        self, store: ModelStore, least_score: float = 0.3, tiles: bool = True, mask_score: float = MASK_SCORE
    ) -> None:
        self._model = store.open("detector")
        self._labels = tuple(label.lower() for label in store.card("detector").labels)
        self.least_score = least_score
        self._tiles = tiles
        self._mask_score = mask_score

    def detect(self, frame: Frame) -> Scene:
        """Things with boxes inside the frame, falling by score; people as a number, and masked on the canvas."""
        least = min(self.least_score, self._mask_score, COUNT_SCORE)
        found = detect_all(self._model, frame.pixels, least, self._tiles)
        is_person = found.classes == self._labels.index(PERSON)
        people = int(np.count_nonzero(is_person & (found.scores >= COUNT_SCORE)))
        areas = found.boxes[is_person & (found.scores >= self._mask_score)]
        canvas, covered = masked(frame.pixels, areas)
        things = tuple(
            Thing(KIND_OF_LABEL[label], box, float(score), Origin.DETECTOR, label)
            for bounds, index, score in zip(found.boxes, found.classes, found.scores, strict=True)
            if score >= self.least_score
            and (label := self._labels[index]) in KIND_OF_LABEL
            and (box := _rounded(bounds).clipped(frame.width, frame.height)).area > 0
        )
        return Scene(things + looks(frame.width, frame.height, covered), people, canvas)


def detect_all(model: Model, pixels: Pixels, least_score: float, tiles: bool) -> ssd.Detections:
    """Everything the network sees in RGB u8[h, w, 3], on the whole picture and its tiles, in picture pixels."""
    height, width = pixels.shape[:2]
    views = [whole(width, height), *(square_tiles(width, height) if tiles else ())]
    found = []
    for view in views:
        crop = pixels[view.y0 : view.y1, view.x0 : view.x1]
        seen = ssd.decode(model.invoke(fed(model, crop)), model.outputs, view.width, view.height, least_score)
        boxes = seen.boxes + np.array([view.x0, view.y0, view.x0, view.y0], np.float32)
        found.append(ssd.Detections(boxes, seen.classes, seen.scores))
    if len(found) == 1:
        return found[0]
    return ssd.suppressed(
        ssd.Detections(
            np.concatenate([f.boxes for f in found]),
            np.concatenate([f.classes for f in found]),
            np.concatenate([f.scores for f in found]),
        )
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


def looks(width: int, height: int, covered: NDArray[np.bool_]) -> tuple[Thing, ...]:
    """A look at the whole frame and at its centre, each only where people do not fill most of it."""
    centre = Box(width // 4, height // 4, width - width // 4, height - height // 4)
    return tuple(
        Thing(Kind.OTHER, box, 0.0, origin)
        for box, origin in ((whole(width, height), Origin.WHOLE), (centre, Origin.CENTRE))
        if box.area and covered[box.y0 : box.y1, box.x0 : box.x1].mean() <= MOSTLY_PEOPLE
    )


def people_share(model: Model, pixels: Pixels, least_score: float, person: int) -> float:
    """The share of a picture that is covered by boxes of people, 0..1: for refusing pictures of people."""
    found = detect_all(model, pixels, least_score, tiles=False)
    _, covered = masked(pixels, found.boxes[(found.classes == person) & (found.scores >= least_score)])
    return float(covered.mean())


def _rounded(bounds: NDArray[np.float32]) -> Box:
    x0, y0, x1, y1 = (int(v) for v in bounds.round())
    return Box(x0, y0, x1, y1)
