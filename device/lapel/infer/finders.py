"""Finders of what must be destroyed: faces themselves, and the head part of every person."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box, whole
from lapel.core.things import Pixels
from lapel.infer import blazeface
from lapel.infer.detector import PERSON, detect_all, square_tiles
from lapel.infer.feed import fed
from lapel.infer.manifest import ModelStore
from lapel.infer.tflite import Model
from lapel.infer.views import wide_tiles
from lapel.ports import Finder

# Low: a face that is missed cannot be brought back. Things pay for it with 1% of their pictures' area.
FACE_SCORE = 0.3
# From brow and chin to the whole head, with some room for motion between frames.
FACE_GROWTH = 1.8
# Just below the score of a man cut by the border of a street picture (.40), whose face no finder sees.
PERSON_SCORE = 0.38
# At .38 a fifth of 187 pictures of single things would lose more than a tenth of their area; at .5 one in fifty.
STILL_PERSON_SCORE = 0.5
# For bodies below what was destroyed, likewise: at .12 six of 50 things found in single pictures are lost, here three.
STILL_TRACE_SCORE = 0.25


class FaceFinder:
    """Faces, by BlazeFace full range (port Finder): on the whole picture or square tiles of a wide one, and on
    smaller 16:9 tiles of a large one. ``is_fine = False`` leaves the smaller tiles out, on slow boards."""

    def __init__(self, store: ModelStore, least_score: float = FACE_SCORE, is_fine: bool = True) -> None:
        self._square = store.open("face")
        self._wide = store.open("face_wide") if is_fine else None
        self._least_score = least_score

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        """Areas of heads whose face is seen, anywhere in RGB u8[h, w, 3]."""
        height, width = pixels.shape[:2]
        looks = [(self._square, view) for view in square_tiles(width, height) or (whole(width, height),)]
        if self._wide is not None:
            looks += [(self._wide, view) for view in wide_tiles(width, height)]
        return tuple(area for model, view in looks for area in self._look(model, pixels, view))

    def _look(self, model: Model, pixels: Pixels, view: Box) -> tuple[Box, ...]:
        crop = pixels[view.y0 : view.y1, view.x0 : view.x1]
        _, height, width, _ = model.input.shape
        if view.width < 2 * width:  # shrunk so little, averaging over areas costs a millisecond and gains nothing
            crop = np.asarray(cv2.resize(crop, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
        faces = blazeface.decode(model.invoke(fed(model, crop)), model.outputs, self._least_score)
        stretch = np.array([view.width / width, view.height / height] * 2, np.float32)
        return tuple(_outwards(bounds).grown(FACE_GROWTH).shifted(view.x0, view.y0) for bounds in faces.boxes * stretch)


class HeadFinder:
    """The head part of every person, also of one whose face is not seen (port Finder).

    Person boxes come from the object detector on the whole picture: tiles cost three more calls, and found heads
    in fewer frames of street video (43 of 56 against 52) while they destroyed more of what is no head.
    """

    def __init__(self, store: ModelStore, least_score: float = PERSON_SCORE) -> None:
        self._model = store.open("detector")
        labels = [label.lower() for label in store.card("detector").labels]
        self._person = labels.index(PERSON)
        self._least_score = least_score

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        """Areas of heads in RGB u8[h, w, 3]."""
        found = detect_all(self._model, pixels, self._least_score, tiles=False)
        people = found.boxes[found.classes == self._person]
        return tuple(_outwards(bounds) for bounds in head_parts(people))


def watching(store: ModelStore) -> tuple[Finder, ...]:
    """The finders for moving pictures."""
    return FaceFinder(store), HeadFinder(store)


def for_stills(store: ModelStore) -> tuple[Finder, ...]:
    """The finders for single pictures, mostly of one thing close by, which the detector often takes for a person."""
    return FaceFinder(store), HeadFinder(store, STILL_PERSON_SCORE)


def head_parts(people: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where the heads of person boxes f32[n, 4] are: f32[n, 4].

    Half of a standing person's width is about a head's height; of one cut at the waist it is up to a third of the
    box. The area reaches above and beside the box, which often cuts the hair.
    """
    x0, y0, x1, y1 = people.T
    width, height = x1 - x0, y1 - y0
    depth = np.clip(0.5 * width, 0.2 * height, 0.33 * height)
    return np.stack([x0 - 0.05 * width, y0 - 0.2 * depth, x1 + 0.05 * width, y0 + depth], axis=1)


def _outwards(bounds: NDArray[np.float32]) -> Box:
    x0, y0 = (int(v) for v in np.floor(bounds[:2]))
    x1, y1 = (int(v) for v in np.ceil(bounds[2:]))
    return Box(x0, y0, x1, y1)
