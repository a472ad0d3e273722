"""What is printed on a thing: corners that a network places and describes, and what lies between them.

Local features in scale space lose a small or blurred print first; this network, which looks at every picture at one
size, keeps most of it. It does not know a thing that is turned by more than about 30 degrees.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.agreement import Agreement
from lapel.core.blank import BLANK
from lapel.core.geometry import Box
from lapel.core.outline import as_one_wide
from lapel.core.things import Features, Pixels, Reference
from lapel.infer.motion import box_around, common_motion, in_middle, lying
from lapel.infer.resemblance import compared_size, decoded, enclosed_resemblance
from lapel.infer.shard import tidy_memory
from lapel.infer.tflite import Model

MOST_CORNERS = 600
_LEAST_CORNER = 0.05
_CELL_PX = 8
_NEIGHBOURS_PX = 5
_LEAST_COSINE = 0.8
_FEWEST_PAIRS = 8
_MIDDLE = 0.6  # of each side
_SEEN_PX = 512  # the longer side of what the network sees
_MOST_KEPT, _KEPT_AT_REST = 64, 12
"""References whose corners and small picture stay in memory, 130 KB each: all of a list that is compared whole, of a
longer one those of the last looks, which the next ones mostly want again."""


class XFeatPrints:
    """XFeat's corners of a picture, and how many of a reference's lie on it (port Prints).

    ``open_model`` gives the network, which takes 35 MiB while it is held, most of it for its first layers.
    Source: Potje et al., CVPR 2024. Not safe for two threads at a time, but for ``rest``, which any may ask for.
    """

    def __init__(self, open_model: Callable[[], Model]) -> None:
        self._open_model = open_model
        self._model: Model | None = open_model()
        self._kept: OrderedDict[bytes, tuple[Pixels, Features] | None] = OrderedDict()
        self._keeping = Lock()

    def describe(self, pixels: Pixels) -> Features:
        """Corners of RGB u8[h, w, 3], clearest first: places in its pixels and unit descriptions, as bytes."""
        model = self._model = self._model or self._open_model()
        grey, scale = _even(pixels, _SEEN_PX)
        outputs = model.invoke(model.input.stored(grey))
        by_depth = {spec.shape[-1]: spec.real(out[0]) for spec, out in zip(model.outputs, outputs, strict=True)}
        found, places = _corners(by_depth[65], by_depth[1])
        inside = (found < np.array(pixels.shape[1::-1]) * scale).all(axis=1)
        found, places = found[inside], places[inside]
        points = np.asarray(found / np.float32(scale), np.float32)
        codes = np.rint(_sampled(_unit(by_depth[64]), places) * 127).astype(np.int8)
        points.setflags(write=False)
        codes.setflags(write=False)
        return Features(points, codes, pixels.shape[1], pixels.shape[0])

    def middle(self, pixels: Pixels) -> Features:
        """Those of the middle of the picture, seen larger so: places in the whole's pixels, its size the middle's."""
        height, width = pixels.shape[:2]
        x, y = round(width * (1 - _MIDDLE) / 2), round(height * (1 - _MIDDLE) / 2)
        seen = self.describe(pixels[y : height - y, x : width - x])
        points = seen.points + np.array([x, y], np.float32)
        points.setflags(write=False)
        return Features(points, seen.descriptors, seen.width, seen.height)

    def agreement(self, sighting: Pixels, seen: Features, picture: bytes) -> Agreement | None:
        """What of a reference's print lies on the sighting; None where no motion explains enough of it."""
        kept = self._of(picture)
        if kept is None:
            return None
        shown, corners = kept
        found = _motion(corners, seen)
        return None if found is None else _agreement(sighting, shown, corners, *found)

    def closer(self, sighting: Pixels, reference: Reference, motion: NDArray[np.float64]) -> Agreement | None:
        """The same, once the sighting is laid straight on the reference: as large, and seen from where it was."""
        kept = self._of(reference.picture)
        if kept is None:
            return None
        shown, corners = kept
        scale = _SEEN_PX / max(corners.width, corners.height)
        size = (max(1, round(corners.width * scale)), max(1, round(corners.height * scale)))
        onto = motion @ np.diag([1 / size[0], 1 / size[0], 1.0])
        straight = cv2.warpPerspective(sighting, np.linalg.inv(onto), size, borderValue=BLANK)
        found = _motion(corners, self.describe(np.asarray(straight, np.uint8)))
        if found is None:
            return None
        return _agreement(sighting, shown, corners, onto @ found[0], found[1], reference.features)

    def rest(self) -> None:
        """Let go of the network, until a picture is described again (9 ms), and of all but the last references."""
        with self._keeping:  # a list that is made beside the loop asks for it while the loop looks
            self._model = None
            self._forget(_KEPT_AT_REST)
        tidy_memory()

    def _forget(self, kept: int) -> None:
        while len(self._kept) > kept:
            self._kept.popitem(last=False)

    def _of(self, picture: bytes) -> tuple[Pixels, Features] | None:
        """A reference's picture and its corners; None where it is no picture."""
        with self._keeping:
            if picture not in self._kept:
                shown = decoded(picture)
                self._kept[picture] = None if shown is None else (compared_size(shown), self.describe(shown))
                self._forget(_MOST_KEPT)
            self._kept.move_to_end(picture)
            return self._kept[picture]


def _motion(corners: Features, seen: Features) -> tuple[NDArray[np.float64], NDArray[np.float32]] | None:
    """The homography that most pairs of corners share, and these corners of the reference, f32[n, 2].

    Found in the network's pixels: in those of a small sighting the tolerance would be wider than corners are placed.
    """
    pairs = mutual(corners.descriptors, seen.descriptors)
    if len(pairs) < _FEWEST_PAIRS:
        return None
    ours = corners.points[pairs[:, 0]]
    scale = _SEEN_PX / max(seen.width, seen.height)
    found = common_motion(ours, seen.points[pairs[:, 1]] * np.float32(scale), _SEEN_PX)
    if found is None or found[1].sum() < _FEWEST_PAIRS:
        return None
    return np.diag([1 / scale, 1 / scale, 1.0]) @ found[0], ours[found[1]]


def _agreement(
    sighting: Pixels,
    shown: Pixels,
    corners: Features,
    motion: NDArray[np.float64],
    agreed: NDArray[np.float32],
    details: Features | None = None,
) -> Agreement | None:
    outline = lying(motion, corners.points)
    if outline is None:
        return None
    alike = enclosed_resemblance(sighting, shown, corners, agreed, motion, details)
    return Agreement(
        len(agreed) * alike**2,
        Box(*box_around(outline)),
        tuple(as_one_wide(motion, corners.width).ravel().tolist()),
        in_middle(agreed, corners.width, corners.height),
    )


def mutual(ours: NDArray[np.int8], theirs: NDArray[np.int8]) -> NDArray[np.intp]:
    """Pairs i[n, 2] of rows that are each other's nearest, and near."""
    if not len(ours) or not len(theirs):
        return np.empty((0, 2), np.intp)
    products = ours.astype(np.float32) @ theirs.astype(np.float32).T
    near = products.argmax(axis=1)
    best = products[np.arange(len(ours)), near]
    found = (best > _LEAST_COSINE * 127**2) & (products.max(axis=0)[near] == best)
    return np.stack([np.flatnonzero(found), near[found]], axis=1)


def _even(pixels: Pixels, size_px: int) -> tuple[NDArray[np.float32], float]:
    """The picture in a corner of f32[1, s, s, 1], grey less its mean in standard deviations; and how it was scaled."""
    height, width = pixels.shape[:2]
    scale = size_px / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    grey = cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), size, interpolation=method).astype(np.float32)
    even = np.zeros((1, size_px, size_px, 1), np.float32)
    even[0, : size[1], : size[0], 0] = (grey - grey.mean()) / max(float(grey.std()), 1.0)
    return even, scale


def _corners(
    logits: NDArray[np.float32], reliable: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Places f32[n, 2] of the clearest corners in the network's input, and the same in cells.

    ``logits`` f32[h, w, 65]: for each of a cell's 8 × 8 pixels that a corner is there, and last that none is.
    """
    height, width = logits.shape[:2]
    every = logits - logits.max(axis=-1, keepdims=True)
    np.exp(every, out=every)
    every /= every.sum(axis=-1, keepdims=True)
    chances = every[..., :-1]
    sides = (height, width, _CELL_PX, _CELL_PX)
    corner = chances.reshape(sides).transpose(0, 2, 1, 3).reshape(height * _CELL_PX, width * _CELL_PX)
    highest = cv2.dilate(corner, np.ones((_NEIGHBOURS_PX, _NEIGHBOURS_PX), np.uint8))
    rows, columns = np.nonzero((corner == highest) & (corner > _LEAST_CORNER))
    found = np.stack([columns, rows], axis=1).astype(np.float32)
    cells = found * np.float32(1 / _CELL_PX) - np.float32(0.5)
    worth = corner[rows, columns] * _sampled(np.asarray(1 / (1 + np.exp(-reliable)), np.float32), cells)[:, 0]
    clearest = np.argsort(-worth, kind="stable")[:MOST_CORNERS]
    return found[clearest], cells[clearest]


def _sampled(maps: NDArray[np.float32], cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unit rows f32[n, d] of maps f32[h, w, d] at places between the cells; single values as they are."""
    if not len(cells):
        return np.empty((0, maps.shape[-1]), np.float32)
    if maps.shape[-1] == 1:
        return _between(maps, cells, cv2.INTER_LINEAR)
    rows = np.concatenate(
        [_between(maps[..., at : at + 4], cells, cv2.INTER_CUBIC) for at in range(0, maps.shape[-1], 4)], axis=1
    )
    return _unit(rows)


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9), np.float32)


def _between(maps: NDArray[np.float32], cells: NDArray[np.float32], method: int) -> NDArray[np.float32]:
    x, y = np.ascontiguousarray(cells[:, 0])[None], np.ascontiguousarray(cells[:, 1])[None]
    found = cv2.remap(np.ascontiguousarray(maps), x, y, method, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32).reshape(len(cells), -1)
