"""Where people are whom the detector is not sure of: below a head that was destroyed, and above footwear. Pure.

A person whose head is grey is taken for one with a third of the score less. What capture destroyed is the better
witness, and a faint box of the detector about it says that it was no mistake.
"""

from __future__ import annotations

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
FOOTWEAR_SCORE, _WEARER_SCORE = 0.3, 0.2
_HIGHEST_FOOT, _BENEATH, _LARGEST_FOOT = 0.5, 0.1, 0.4  # of the wearer's height: where it stands and how high it is


def bodies(destroyed: Iterable[Box], traces: Detections, least_score: float = TRACE_SCORE) -> NDArray[np.float32]:
    """Areas f32[n, 4] below destroyed areas, of those about which there is a trace of a person, however unsure."""
    found = [_below(area) for area in destroyed]
    kept = [body for body in found if (_shared(body, traces.boxes[traces.scores >= least_score]) > _SHARED).any()]
    return np.array(kept, np.float32).reshape(-1, 4)


def wearers(footwear: NDArray[np.float32], traces: Detections) -> NDArray[np.float32]:
    """Traces f32[n, 4] of people that stand in footwear f32[k, 4]: of legs alone the detector is seldom sure."""
    boxes = traces.boxes[traces.scores >= _WEARER_SCORE]
    x, y = (footwear[:, 0] + footwear[:, 2]) / 2, (footwear[:, 1] + footwear[:, 3]) / 2
    x0, y0, x1, y1 = (side[:, None] for side in boxes.T)
    height = y1 - y0
    stands = (x0 <= x) & (x <= x1) & (y0 + _HIGHEST_FOOT * height <= y) & (y <= y1 + _BENEATH * height)
    small = footwear[:, 3] - footwear[:, 1] < _LARGEST_FOOT * height
    return np.asarray(boxes[(stands & small).any(axis=1)], np.float32)


def _below(area: Box) -> NDArray[np.float32]:
    middle, width = (area.x0 + area.x1) / 2, max(area.width, _ABREAST * min(area.width, area.height))
    return np.array(
        [middle - width / 2, area.y0, middle + width / 2, area.y1 + _BELOW * area.height],
        np.float32,
    )


def _shared(body: NDArray[np.float32], boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """What each box f32[n, 4] and the body share, as a share of the smaller one's area."""
    sides = np.minimum(body[2:], boxes[:, 2:]) - np.maximum(body[:2], boxes[:, :2])
    smaller = np.minimum(_area(boxes), _area(body[None]))
    return np.asarray(np.clip(sides, 0, None).prod(axis=1) / np.maximum(smaller, 1), np.float32)


def _area(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), np.float32)
