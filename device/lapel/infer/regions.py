"""Parts of a picture that may be a thing, of whatever class, and the choice of a few that differ."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """Rectangles of one picture: ``boxes`` f32[n, 4] as x0 y0 x1 y1 in its pixels, half-open; ``worth`` f32[n],
    0..1: how likely it is that each holds one whole thing, on a scale of the source's own."""

    boxes: NDArray[np.float32]
    worth: NDArray[np.float32]

    def only(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Regions:
        """The chosen ones, in the order chosen."""
        return Regions(self.boxes[chosen], self.worth[chosen])

    def within(self, width: int, height: int) -> Regions:
        """The same, with whole numbers for corners, cut at the borders of a picture of that size."""
        limits = np.array([width, height, width, height], np.float32)
        return Regions(np.asarray(np.clip(self.boxes.round(), 0, limits), np.float32), self.worth)


def gathered(sources: tuple[Regions, ...]) -> Regions:
    """The regions of several sources, one after the other."""
    return Regions(np.concatenate([s.boxes for s in sources]), np.concatenate([s.worth for s in sources]))


def distinct(regions: Regions, most: int, taken: NDArray[np.float32], iou: float) -> Regions:
    """At most ``most``, the worthiest first, none overlapping a better one or ``taken`` f32[k, 4] by ``iou``.

    Of regions of one worth the earlier comes first.
    """
    ordered = regions.only(np.argsort(-regions.worth, kind="stable"))
    alive = np.ones(len(ordered.worth), np.bool_)
    for box in taken:
        alive &= overlaps(box, ordered.boxes) < iou
    kept: list[int] = []
    while len(kept) < most and alive.any():
        best = int(alive.argmax())
        kept.append(best)
        alive &= overlaps(ordered.boxes[best], ordered.boxes) < iou
        alive[best] = False
    return ordered.only(np.asarray(kept, np.intp))


def overlaps(box: NDArray[np.float32], boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of one box f32[4] with each of f32[n, 4]: f32[n], 0..1."""
    sides = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    shared = np.clip(sides, 0, None).prod(axis=1)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    union = (box[2] - box[0]) * (box[3] - box[1]) + areas - shared
    return np.asarray(shared / np.maximum(union, 1e-6), np.float32)


def covered_share(boxes: NDArray[np.float32], covered: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The share of each box f32[n, 4], whole numbers inside the picture, that is ``covered`` bool[h, w]: f32[n].

    Source: Crow, SIGGRAPH 1984 (summed-area tables).
    """
    if not covered.any():
        return np.zeros(len(boxes), np.float32)
    sums = cv2.integral(covered.view(np.uint8))
    x0, y0, x1, y1 = boxes.astype(np.intp).T
    inside = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
    return np.asarray(inside / np.maximum((x1 - x0) * (y1 - y0), 1), np.float32)
