"""Where lines of text are in a picture: PP-OCRv4's detector, and what its map of probabilities means."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box, whole
from lapel.core.things import Pixels
from lapel.infer.manifest import ModelStore

# models/text.md: where the map is above the first, at least the second on average.
_INSIDE = 0.3
LEAST_SCORE = 0.5
# The network marks lines shrunken: area × this / perimeter has to be added on every side (Liao et al., DB, 2020).
_UNCLIP = 1.6
_SHORTEST_PX = 3.0
# More lines than any container's face has; what is beyond is a page of print, and none of it is a code.
MOST_LINES = 100
_SIGNED_UNIT = 127.5


@dataclass(frozen=True, slots=True, eq=False)
class TextLine:
    """A line of text: ``corners`` f32[4, 2] as x, y in the picture, clockwise, the first two along its upper edge as
    it is read when it lies; ``score`` 0..1."""

    corners: NDArray[np.float32]
    score: float

    @property
    def length_px(self) -> float:
        """How long its upper edge is."""
        return float(np.linalg.norm(self.corners[1] - self.corners[0]))

    @property
    def height_px(self) -> float:
        """How high it is."""
        return float(np.linalg.norm(self.corners[3] - self.corners[0]))

    @property
    def is_upright(self) -> bool:
        """Whether it is much higher than wide: turned by a quarter, or letters below each other."""
        return self.height_px > 1.5 * self.length_px

    @property
    def box(self) -> Box:
        """The smallest box around it."""
        low, high = np.floor(self.corners.min(axis=0)).astype(int), np.ceil(self.corners.max(axis=0)).astype(int)
        return Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))


class TextFinder:
    """Finds lines of text in views of a picture; one call of the network a view."""

    def __init__(self, store: ModelStore) -> None:
        self._model = store.open("text_detector")

    def shrinks(self, width: int, height: int) -> bool:
        """Whether a picture of that size is made smaller for the network, so that closer views show more."""
        _, high, wide, _ = self._model.input.shape
        return min(wide / width, high / height) < 0.8

    def lines(self, pixels: Pixels, views: tuple[Box, ...] = ()) -> tuple[TextLine, ...]:
        """Lines in views of RGB u8[h, w, 3], each once; without views in the whole picture, best first."""
        height, width = pixels.shape[:2]
        views = views or (whole(width, height),)
        found = [line for view in views for line in self._seen(pixels[view.y0 : view.y1, view.x0 : view.x1], view)]
        found.sort(key=lambda line: -line.score * line.length_px)
        return _each_once(found) if len(views) > 1 else tuple(found[:MOST_LINES])

    def _seen(self, crop: Pixels, view: Box) -> list[TextLine]:
        _, high, wide, _ = self._model.input.shape
        scale = min(wide / crop.shape[1], high / crop.shape[0])
        across, down = max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale))
        canvas = np.zeros((high, wide, 3), np.uint8)
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        canvas[:down, :across] = cv2.resize(crop, (across, down), interpolation=how)
        fed = canvas[None].astype(np.float32) / _SIGNED_UNIT - 1
        (marked,) = self._model.invoke(fed)
        lines = lines_of(marked.reshape(high, wide)[:down, :across])
        stretch = np.array([crop.shape[1] / across, crop.shape[0] / down], np.float32)
        offset = np.array([view.x0, view.y0], np.float32)
        return [TextLine(line.corners * stretch + offset, line.score) for line in lines]


def lines_of(marked: NDArray[np.float32]) -> tuple[TextLine, ...]:
    """Lines in a map of probabilities f32[h, w], in its pixels."""
    mask = (marked > _INSIDE).astype(np.uint8)
    outlines, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for found_outline in sorted(outlines, key=cv2.contourArea, reverse=True)[: 2 * MOST_LINES]:
        outline = np.asarray(found_outline, np.int32)
        (x, y), (w, h), turn = cv2.minAreaRect(outline)
        if min(w, h) < _SHORTEST_PX:
            continue
        score = _mean_inside(marked, outline)
        if score < LEAST_SCORE:
            continue
        grow = 2 * w * h * _UNCLIP / (2 * (w + h))
        found.append(
            TextLine(clockwise(np.asarray(cv2.boxPoints(((x, y), (w + grow, h + grow), turn)), np.float32)), score)
        )
    return tuple(found)


def clockwise(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """The corners of a rectangle, f32[4, 2], beginning with the upper left one as a reader sees it.

    Of the two edges that could be the upper one, it is the one that lies flatter.
    """
    centre = corners.mean(axis=0)
    angles = np.arctan2(corners[:, 1] - centre[1], corners[:, 0] - centre[0])
    ordered = corners[np.argsort(angles)]  # y grows downwards, so this is clockwise on the screen
    edges = np.roll(ordered, -1, axis=0) - ordered
    # The upper edge runs to the right: the largest share of x of all four.
    first = int(np.argmax(edges[:, 0] / (np.linalg.norm(edges, axis=1) + 1e-6)))
    return np.asarray(np.roll(ordered, -first, axis=0), np.float32)


def _mean_inside(marked: NDArray[np.float32], outline: NDArray[np.int32]) -> float:
    x, y, w, h = cv2.boundingRect(outline)
    inside = np.zeros((h, w), np.uint8)
    cv2.drawContours(inside, [outline - np.array([x, y], np.int32)], -1, 1, -1)
    return float(cv2.mean(marked[y : y + h, x : x + w], mask=inside)[0])


def _each_once(lines: list[TextLine]) -> tuple[TextLine, ...]:
    """Longest first, those left out that lie in one that is kept: views overlap, and cut lines."""
    kept: list[TextLine] = []
    for line in lines:
        if len(kept) < MOST_LINES and not any(line.box.share_inside(other.box) > 0.6 for other in kept):
            kept.append(line)
    return tuple(kept)
