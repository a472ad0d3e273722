"""Single looks for faces: a part of a picture through CenterFace, and the heads about the faces in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box, whole
from lapel.core.things import Pixels
from lapel.infer import centerface
from lapel.infer.centerface import Faces
from lapel.infer.feed import as_fed
from lapel.infer.manifest import ModelStore
from lapel.infer.views import around, finer

# What one look alone says, with no other beside it. Low: a face that is missed cannot be brought back.
FACE_SCORE = 0.22
# In the shrunk picture what is taken for a face is large, and so is what is lost when it is none: at .2 it found one
# head more of 371, and destroyed half as much again of pictures without people.
SMALL_SCORE = 0.3
SMALL_PX = (320, 192)
SMALL_MARGIN = 0.12
_BESIDE = (128, 128, 128)
# By how many pixels of the network's input the edges of a face's box err.
_EDGE_PX = 1.5
# Intersection over union of two looks at one face: to destroy it once.
_SAME_FACE = 0.5
# A closer look shows a face so high, of the small input's 192 pixels, and enlarges no further.
_CLOSER_PX, _MOST_ENLARGED = 44.0, 3.0
_LEAST_INSIDE = 0.3
# Levels of the darkest hundredth and of all but the brightest fiftieth become black and white, and what is between is
# raised by this power: in int8 the network loses more than half of what it sees in the dark as floats.
_DARKEST, _BRIGHTEST, _RAISED = 1, 98, 0.6


class Manner(Enum):
    """How a view is shown to the network."""

    PLAIN = "plain"
    MIRRORED = "mirrored"
    BRIGHTENED = "brightened"


@dataclass(frozen=True, slots=True)
class Growth:
    """Of a face's box: how far the head goes on above, below and at each side, hair, hats and profiles included; and
    by how many pixels of the picture more on every side, since the boxes of the smallest faces err most."""

    above: float
    below: float
    beside: float
    rim_px: float = 0.0


STREAM_GROWTH = Growth(0.6, 0.12, 0.42)


@dataclass(frozen=True, slots=True)
class View:
    """A part of a picture, past its border too; ``is_small``: through the small input."""

    box: Box
    is_small: bool = False

    @property
    def least_score(self) -> float:
        """From which score on what it shows is a face, with no other look beside it."""
        return SMALL_SCORE if self.is_small else FACE_SCORE


class FaceLooker:
    """CenterFace at two input sizes. Where it cannot be resized, the small look is a part of the large input, with grey
    beside it: that costs more and finds the same. With its mirror image there a drawn face scored .26 and not .57."""

    def __init__(self, store: ModelStore) -> None:
        self._model = store.open("face")
        width, height = SMALL_PX
        small = self._model.resized((1, height, width, 3)) if store.can_resize else None
        self._small = small or self._model

    def views(self, pixels: Pixels, scales: tuple[float, ...]) -> tuple[View, ...]:
        """The whole picture shrunk, the whole, and tiles that show it at each scale at least."""
        height, width = pixels.shape[:2]
        _, input_height, input_width, _ = self._model.input.shape
        small = around(width, height, SMALL_PX[0] / SMALL_PX[1], SMALL_MARGIN)
        tiles = finer(width, height, (input_width, input_height), scales)
        return (View(small, is_small=True), *(View(box) for box in tiles))

    def step_px(self, view: View) -> float:
        """How many of the picture's pixels one of the input's is in a view."""
        return view.box.width / (SMALL_PX[0] if view.is_small else self._model.input.shape[2])

    def faces(self, pixels: Pixels, views: Iterable[View]) -> Faces:
        """Faces that any of some views of RGB u8[h, w, 3] shows, in the picture's pixels, each once."""
        looks = [self.look(pixels, view, view.least_score) for view in views]
        return each_once(looks)

    def look(self, pixels: Pixels, view: View, least_score: float, manner: Manner = Manner.PLAIN) -> Faces:
        """Faces in a view, in the picture's pixels."""
        model = self._small if view.is_small else self._model
        _, height, width, _ = model.input.shape
        across, down = SMALL_PX if view.is_small else (width, height)
        scale = across / view.box.width
        seen = shown(pixels, view.box, scale, across, down)
        if manner is Manner.MIRRORED:
            seen = np.ascontiguousarray(seen[:, ::-1])
        elif manner is Manner.BRIGHTENED:
            seen = brightened(seen)
        if (across, down) != (width, height):
            rest = (0, height - down, 0, width - across)
            seen = np.asarray(cv2.copyMakeBorder(seen, *rest, cv2.BORDER_CONSTANT, value=_BESIDE), np.uint8)
        faces = centerface.decode(model.invoke(as_fed(seen)), model.outputs, least_score)
        boxes = faces.boxes
        if manner is Manner.MIRRORED:
            boxes = np.stack([across - boxes[:, 2], boxes[:, 1], across - boxes[:, 0], boxes[:, 3]], axis=1)
        edges = np.array([-_EDGE_PX, -_EDGE_PX, _EDGE_PX, _EDGE_PX], np.float32)
        place = np.array([view.box.x0, view.box.y0] * 2, np.float32)
        return Faces((boxes + edges) / scale + place, faces.scores)


def closer(pixels: Pixels, face: NDArray[np.float32]) -> View:
    """The view about a face f32[4] that may be in RGB u8[h, w, 3], through the small input."""
    height, width = pixels.shape[:2]
    scale = min(_MOST_ENLARGED, _CLOSER_PX / max(float(face[3] - face[1]), 1.0))
    across, down = (round(side / scale) for side in SMALL_PX)
    # What of a view lies past the border is less than half of it, so that most of it is no mirror image.
    x, y = (
        min(max((low + high) / 2, _LEAST_INSIDE * seen), side - _LEAST_INSIDE * seen)
        for low, high, seen, side in zip(face[:2], face[2:], (across, down), (width, height), strict=True)
    )
    x0, y0 = round(float(x) - across / 2), round(float(y) - down / 2)
    return View(Box(x0, y0, x0 + across, y0 + down), is_small=True)


def heads_in(pixels: Pixels, faces: Faces, growth: Growth = STREAM_GROWTH) -> tuple[Box, ...]:
    """Areas of the heads of faces, of those that reach into the picture."""
    height, width = pixels.shape[:2]
    picture = whole(width, height)
    # Of a face at the border its mirror image may be seen alone: both are destroyed, as far as they are in the picture.
    places = np.unique(np.concatenate([faces.boxes, unmirrored(faces.boxes, width, height)]), axis=0)
    areas = map(outwards, head_about(places, growth))
    return tuple(area for area in areas if area.intersection(picture).area)


def each_once(looks: Sequence[Faces]) -> Faces:
    """Each face of some looks once, by its best score."""
    found = joined(looks)
    return centerface.suppressed(found.boxes, found.scores, _SAME_FACE)


def joined(looks: Sequence[Faces]) -> Faces:
    """All faces of some looks, in their order."""
    none = Faces(np.empty((0, 4), np.float32), np.empty(0, np.float32))
    every = (none, *looks)
    return Faces(np.concatenate([f.boxes for f in every]), np.concatenate([f.scores for f in every]))


def head_about(faces: NDArray[np.float32], growth: Growth = STREAM_GROWTH) -> NDArray[np.float32]:
    """Where the heads of faces f32[n, 4] are: f32[n, 4]."""
    x0, y0, x1, y1 = faces.T
    beside = growth.beside * (x1 - x0) + growth.rim_px
    above, below = (share * (y1 - y0) + growth.rim_px for share in (growth.above, growth.below))
    return np.stack([x0 - beside, y0 - above, x1 + beside, y1 + below], axis=1)


def unmirrored(faces: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """Where in a picture that size faces f32[n, 4] are, of which looks saw its mirror image past its border: f32[n, 4].

    Of a face at the border the image may be seen better than itself.
    """
    turned = faces.copy()
    for low, high, side in ((0, 2, width), (1, 3, height)):
        images = np.floor((faces[:, low] + faces[:, high]) / 2 / side)
        is_turned = images % 2 == 1
        start, end = faces[:, low] - images * side, faces[:, high] - images * side
        turned[:, low] = np.where(is_turned, side - end, start)
        turned[:, high] = np.where(is_turned, side - start, end)
    return turned


def shown(pixels: Pixels, view: Box, scale: float, width: int, height: int) -> Pixels:
    """A view of RGB u8[h, w, 3] at a scale in the corner of u8[height, width, 3], all about it its mirror image."""
    inside = view.clipped(pixels.shape[1], pixels.shape[0])
    crop = pixels[inside.y0 : inside.y1, inside.x0 : inside.x1]
    left, top = round((inside.x0 - view.x0) * scale), round((inside.y0 - view.y0) * scale)
    across = min(width - left, max(1, round(inside.width * scale)))
    down = min(height - top, max(1, round(inside.height * scale)))
    # Averaging over areas costs a millisecond and gains nothing where a picture is shrunk by less than half.
    how = cv2.INTER_AREA if scale < 0.6 else cv2.INTER_LINEAR
    small = cv2.resize(crop, (across, down), interpolation=how)
    right, bottom = width - left - across, height - top - down
    return np.asarray(cv2.copyMakeBorder(small, top, bottom, left, right, cv2.BORDER_REFLECT), np.uint8)


def brightened(pixels: Pixels) -> Pixels:
    """A view RGB u8[h, w, 3] as if there were more light in it."""
    low, high = np.percentile(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (_DARKEST, _BRIGHTEST))
    levels = np.clip((np.arange(256) - low) / max(1.0, high - low), 0, 1) ** _RAISED * 255
    return np.asarray(levels.astype(np.uint8)[pixels], np.uint8)


def outwards(bounds: NDArray[np.float32]) -> Box:
    """Bounds f32[4] as a box of whole pixels that holds them."""
    x0, y0 = (int(v) for v in np.floor(bounds[:2]))
    x1, y1 = (int(v) for v in np.ceil(bounds[2:]))
    return Box(x0, y0, x1, y1)
