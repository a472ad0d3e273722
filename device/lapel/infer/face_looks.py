"""Single looks for faces: a part of a picture through CenterFace, and the heads about the faces in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
# A still is looked at as often as need be. A face that is seen at one scale only is asked to be surer, less so in an
# enlarged part, since a face of few pixels is seen nowhere else, more so in the shrunk picture. Of 372 heads of 24 px
# and more that were pasted into scenes 357 are found so, and 360 at FACE_SCORE alone, which destroys twice as much of
# pictures without people.
ALONE_SCORE, ALONE_ENLARGED_SCORE, ALONE_SHRUNK_SCORE = 0.35, 0.25, 0.5
TOGETHER_SCORE, CONFIRMING_SCORE = 0.2, 0.15
_ENLARGED = 1.5
SMALL_PX = (320, 192)
SMALL_MARGIN = 0.12
# Of a face's box: how far the head goes on above, below and at each side, hair, hats and profiles included, and by how
# many pixels of the network's input its edges err. Both, since a face of 12 px is boxed by the pixel.
_ABOVE, _BELOW, _BESIDE = 0.6, 0.12, 0.42
_EDGE_PX = 1.5
# Intersection over union of two looks at one face: to destroy it once, and to take the one as confirming the other.
_SAME_FACE, _SAME_FACE_TWICE = 0.5, 0.35


@dataclass(frozen=True, slots=True)
class View:
    """A part of a picture, past its border too; ``is_small``: through the small input."""

    box: Box
    is_small: bool = False


class FaceLooker:
    """CenterFace at two input sizes. Where it cannot be resized, the small look is a part of the large input: that
    costs more and finds the same."""

    def __init__(self, store: ModelStore) -> None:
        self._model = store.open("face")
        width, height = SMALL_PX
        self._small = self._model
        if store.can_resize:
            self._small = self._model.resized((1, height, width, 3))

    def views(self, pixels: Pixels, scales: tuple[float, ...]) -> tuple[View, ...]:
        """The whole picture shrunk, the whole, and tiles that show it at each scale at least."""
        height, width = pixels.shape[:2]
        _, input_height, input_width, _ = self._model.input.shape
        small = around(width, height, SMALL_PX[0] / SMALL_PX[1], SMALL_MARGIN)
        tiles = finer(width, height, (input_width, input_height), scales)
        return (View(small, is_small=True), *(View(box) for box in tiles))

    def faces(self, pixels: Pixels, views: Iterable[View]) -> Faces:
        """Faces that any of some views of RGB u8[h, w, 3] shows, in the picture's pixels, each once."""
        looks = [self._look(pixels, view, SMALL_SCORE if view.is_small else FACE_SCORE) for view in views]
        return _each_once(looks)

    def agreed(self, pixels: Pixels, views: Sequence[View]) -> Faces:
        """The same, surer: a face that views of one scale alone show needs a higher score than one of two scales."""
        looks = [self._look(pixels, view, CONFIRMING_SCORE) for view in views]
        kept = []
        for view, look in zip(views, looks, strict=True):
            others = _joined([looks[j] for j, other in enumerate(views) if other.box.width != view.box.width])
            is_seen_twice = centerface.overlaps(look.boxes, others.boxes).max(axis=1, initial=0) > _SAME_FACE_TWICE
            least = np.where(is_seen_twice, self._together(view), self._alone(view))
            kept.append(Faces(look.boxes[look.scores >= least], look.scores[look.scores >= least]))
        return _each_once(kept)

    def _together(self, view: View) -> float:
        return SMALL_SCORE if view.is_small else TOGETHER_SCORE

    def _alone(self, view: View) -> float:
        if view.is_small:
            return ALONE_SHRUNK_SCORE
        is_enlarged = self._model.input.shape[2] / view.box.width > _ENLARGED
        return ALONE_ENLARGED_SCORE if is_enlarged else ALONE_SCORE

    def _look(self, pixels: Pixels, view: View, least_score: float) -> Faces:
        """Faces in a view, in the picture's pixels."""
        model = self._small if view.is_small else self._model
        _, height, width, _ = model.input.shape
        scale = (SMALL_PX[0] if view.is_small else width) / view.box.width
        seen = shown(pixels, view.box, scale, width, height)
        faces = centerface.decode(model.invoke(as_fed(seen)), model.outputs, least_score)
        edges = np.array([-_EDGE_PX, -_EDGE_PX, _EDGE_PX, _EDGE_PX], np.float32)
        place = np.array([view.box.x0, view.box.y0] * 2, np.float32)
        return Faces((faces.boxes + edges) / scale + place, faces.scores)


def heads_in(pixels: Pixels, faces: Faces) -> tuple[Box, ...]:
    """Areas of the heads of faces, of those that reach into the picture."""
    height, width = pixels.shape[:2]
    picture = whole(width, height)
    # Of a face at the border its mirror image may be seen alone: both are destroyed, as far as they are in the picture.
    places = np.unique(np.concatenate([faces.boxes, unmirrored(faces.boxes, width, height)]), axis=0)
    areas = map(outwards, head_about(places))
    return tuple(area for area in areas if area.intersection(picture).area)


def _each_once(looks: Sequence[Faces]) -> Faces:
    found = _joined(looks)
    return centerface.suppressed(found.boxes, found.scores, _SAME_FACE)


def _joined(looks: Sequence[Faces]) -> Faces:
    none = Faces(np.empty((0, 4), np.float32), np.empty(0, np.float32))
    every = (none, *looks)
    return Faces(np.concatenate([f.boxes for f in every]), np.concatenate([f.scores for f in every]))


def head_about(faces: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where the heads of faces f32[n, 4] are: f32[n, 4]."""
    x0, y0, x1, y1 = faces.T
    width, height = x1 - x0, y1 - y0
    return np.stack([x0 - _BESIDE * width, y0 - _ABOVE * height, x1 + _BESIDE * width, y1 + _BELOW * height], axis=1)


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


def outwards(bounds: NDArray[np.float32]) -> Box:
    """Bounds f32[4] as a box of whole pixels that holds them."""
    x0, y0 = (int(v) for v in np.floor(bounds[:2]))
    x1, y1 = (int(v) for v in np.ceil(bounds[2:]))
    return Box(x0, y0, x1, y1)
