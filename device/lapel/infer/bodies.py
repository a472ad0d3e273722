"""Where people are whom the detector is not sure of: below a destroyed head, above footwear, on bicycles. Pure.

A person whose head is grey is taken for one with a third of the score less. What capture destroyed is the better
witness, and a faint box of the detector about it says that it was no mistake.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box
from lapel.infer.ssd import Detections

# All of 41 bodies drawn by hand in 20 pictures and frames are covered so; by boxes above .38 alone, 17. Of 187 pictures
# of single things 29% lose more than a tenth of their area, with those boxes alone 17%.
TRACE_SCORE = 0.12
# A destroyed area is a head with some room: shoulders are about twice as wide, and the feet five such areas below.
_ABREAST, _BELOW = 2.0, 5.0
_SHARED = 0.3
# In heights of a destroyed area: how far above it a person's box may begin (an arm is raised), how high it is, and how
# far beside it. Of 26 bodies drawn by hand none is covered less for it, and pictures of things keep more: of 78 of
# packages in hands 14, not 20, lose more than a tenth of their area.
_OVER, _HIGHEST, _BESIDE = 2.0, 9.0, 0.5
FOOTWEAR_SCORE, _WEARER_SCORE = 0.3, 0.2
# On the ten parked bicycles of four frames of the demo's street, no trace is surer than .23.
BICYCLE_SCORE, _RIDER_SCORE = 0.25, 0.25
# Of one that is ridden it is unsure in some frames: for so many more a bicycle counts as seen. Of 12 frames with a
# cyclist 40 px high all are masked so, 8 without, and of the demo's street .44 instead of .42.
BICYCLE_FRAMES = 6
_LEAST_RIDER, _LARGEST_RIDER = 0.5, 2.0  # of the bicycle's height
# Who stands among people: a woman seen from behind, in a crowd, is a trace of .30.
COMPANY_SCORE, _COMPANY = 0.28, 2
_HIGHEST_FOOT, _BENEATH, _LARGEST_FOOT = 0.5, 0.1, 0.4  # of the wearer's height: where it stands and how high it is


class Recently:
    """Boxes of a frame and of the ``frames`` before it in a stream; with 0 of them, of each picture alone. A frame
    with no higher number than the one before begins another stream."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._seen: deque[tuple[int, NDArray[np.float32]]] = deque(maxlen=frames + 1)

    def with_those_before(self, number: int, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """The boxes f32[k, 4] of frame ``number``, and the others: f32[n, 4], n >= k."""
        if self._seen and number <= self._seen[-1][0]:
            self._seen.clear()
        self._seen.append((number, boxes))
        return np.concatenate([seen for at, seen in self._seen if number - at <= self._frames])


def bodies(destroyed: Iterable[Box], traces: Detections, least_score: float = TRACE_SCORE) -> NDArray[np.float32]:
    """Areas f32[n, 4] below destroyed areas, of those that may be the head of a trace of a person, however unsure."""
    boxes = traces.boxes[traces.scores >= least_score]
    found = [(_below(area), _headed(boxes, area)) for area in destroyed]
    kept = [body for body, persons in found if (_shared(body, persons) > _SHARED).any()]
    return np.array(kept, np.float32).reshape(-1, 4)


def wearers(footwear: NDArray[np.float32], traces: Detections) -> NDArray[np.float32]:
    """For each of footwear f32[k, 4] the surest trace that stands in it, f32[n, 4], n <= k: of legs alone the detector
    is seldom sure. Fainter traces about the same foot reach over what somebody holds."""
    chosen = traces.scores >= _WEARER_SCORE
    boxes, scores = traces.boxes[chosen], traces.scores[chosen]
    x, y = (footwear[:, 0] + footwear[:, 2]) / 2, (footwear[:, 1] + footwear[:, 3]) / 2
    x0, y0, x1, y1 = (side[:, None] for side in boxes.T)
    height = y1 - y0
    stands = (x0 <= x) & (x <= x1) & (y0 + _HIGHEST_FOOT * height <= y) & (y <= y1 + _BENEATH * height)
    small = footwear[:, 3] - footwear[:, 1] < _LARGEST_FOOT * height
    fits = np.where(stands & small, scores[:, None], 0)
    worn = fits.max(axis=0, initial=0) > 0
    return np.asarray(boxes[np.unique(fits[:, worn].argmax(axis=0))] if worn.any() else boxes[:0], np.float32)


def riders(bicycles: NDArray[np.float32], traces: Detections) -> NDArray[np.float32]:
    """Traces f32[n, 4] of people on bicycles f32[k, 4]: at its middle, about as high as it, and reaching above it."""
    boxes = traces.boxes[traces.scores >= _RIDER_SCORE]
    middle, (_, y0, _, y1) = (boxes[:, 0] + boxes[:, 2]) / 2, boxes.T
    left, top, right, bottom = (side[:, None] for side in bicycles.T)
    high = bottom - top
    fits = (y1 - y0 >= _LEAST_RIDER * high) & (y1 - y0 <= _LARGEST_RIDER * high)
    sits = (left <= middle) & (middle <= right) & (y0 < top) & (y1 > top + high / 4)
    return np.asarray(boxes[(fits & sits).any(axis=0)], np.float32)


def company(people: NDArray[np.float32], traces: Detections, least_score: float) -> NDArray[np.float32]:
    """Traces f32[n, 4] beside people f32[k, 4]: where several are, a fainter trace is one more of them."""
    boxes = traces.boxes[traces.scores >= least_score]
    heads = np.concatenate([people[:, :3], people[:, 1:2] + (people[:, 2:3] - people[:, :1]) / 2], axis=1)
    same = _holds_middle(heads, heads)
    several = int((~np.tril(same | same.T, -1).any(axis=1)).sum()) >= _COMPANY
    apart = ~(_holds_middle(people, boxes).any(axis=0) | _holds_middle(boxes, heads).any(axis=1))
    return np.asarray(boxes[apart & several], np.float32)


def hidden(
    destroyed: Iterable[Box],
    footwear: NDArray[np.float32],
    bicycles: NDArray[np.float32],
    traces: Detections,
    least_scores: tuple[float, float],
) -> NDArray[np.float32]:
    """All of these people f32[n, 4]; ``least_scores`` of bodies and of their company."""
    below = bodies(destroyed, traces, least_scores[0])
    found = [below, company(below, traces, least_scores[1]), wearers(footwear, traces), riders(bicycles, traces)]
    return np.asarray(np.concatenate(found), np.float32)


def _holds_middle(boxes: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether the middle of each of others f32[k, 4] lies in each of boxes f32[n, 4]: bool[n, k]."""
    x, y = (others[:, 0] + others[:, 2]) / 2, (others[:, 1] + others[:, 3]) / 2
    x0, y0, x1, y1 = (side[:, None] for side in boxes.T)
    return np.asarray((x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1), np.bool_)


def _below(area: Box) -> NDArray[np.float32]:
    middle, width = (area.x0 + area.x1) / 2, max(area.width, _ABREAST * min(area.width, area.height))
    return np.array(
        [middle - width / 2, area.y0, middle + width / 2, area.y1 + _BELOW * area.height],
        np.float32,
    )


def _headed(boxes: NDArray[np.float32], area: Box) -> NDArray[np.float32]:
    """Those of boxes f32[n, 4] whose head a destroyed area may be: print on what a hand holds is taken for small faces
    far below the top of the unsure box about both."""
    x0, y0, x1, y1 = boxes.T
    middle, beside = (area.x0 + area.x1) / 2, _BESIDE * area.height
    is_within = (x0 - beside <= middle) & (middle <= x1 + beside)
    is_on_top = (y0 >= area.y0 - _OVER * area.height) & (y1 - y0 <= _HIGHEST * area.height)
    return np.asarray(boxes[is_within & is_on_top], np.float32)


def _shared(body: NDArray[np.float32], boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """What each box f32[n, 4] and the body share, as a share of the smaller one's area."""
    sides = np.minimum(body[2:], boxes[:, 2:]) - np.maximum(body[:2], boxes[:, :2])
    smaller = np.minimum(_area(boxes), _area(body[None]))
    return np.asarray(np.clip(sides, 0, None).prod(axis=1) / np.maximum(smaller, 1), np.float32)


def _area(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), np.float32)
