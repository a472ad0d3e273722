"""How alike two pictures are once one lies on the other: what tells a carton from its neighbour of another flavour.

Local features agree on what two prints share, the maker's mark and the layout, and say nothing of the rest.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.things import Features, Geometry, Pixels

_LONGEST_PX = 160
"""Both are compared at this size: 96, 240 and 320 told apart no more."""
_SMOOTHING_PX = 1.0
_WINDOW_PX = 13
_NEAR_A_POINT = 0.03  # of the longer side: beyond it nothing says that the thing goes on
_FLAT = 16.0  # variance of a plain surface, which is alike everywhere
_LEAST_SEEN = 0.01


def resemblance(sighting: Pixels, picture: bytes, reference: Features, geometry: Geometry) -> float:
    """Mean correlation of colours about the reference's points in small windows, 0..1; 0 where too little is seen.

    ``sighting`` RGB u8[h, w, 3]; ``picture`` is the JPEG of the picture that ``reference`` describes.
    """
    decoded = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    if decoded is None or len(geometry.motion) != 9:
        return 0.0
    scale = _LONGEST_PX / max(reference.width, reference.height)
    size = (max(1, round(reference.width * scale)), max(1, round(reference.height * scale)))
    ours = np.asarray(
        cv2.resize(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), size, interpolation=cv2.INTER_AREA), np.uint8
    )
    motion = np.diag([scale, scale, 1.0]) @ np.linalg.inv(np.array(geometry.motion).reshape(3, 3))
    theirs = np.asarray(cv2.warpPerspective(sighting, motion, size, flags=cv2.INTER_LINEAR), np.uint8)
    seen = cv2.warpPerspective(np.full(sighting.shape[:2], 255, np.uint8), motion, size) == 255
    where = seen & _about(reference.points * scale, size)
    if where.sum() < _LEAST_SEEN * where.size:
        return 0.0
    return float(np.clip(_correlation(ours, theirs, where)[where].mean(), 0, 1))


def _about(points: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.bool_]:
    near = np.zeros(size[::-1], np.uint8)
    for x, y in np.rint(points).astype(int):
        cv2.circle(near, (int(x), int(y)), int(_NEAR_A_POINT * _LONGEST_PX), 255, -1)
    return np.asarray(near > 0)


def _correlation(ours: Pixels, theirs: Pixels, where: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Correlation about each pixel, f32[h, w], of all three colours together, of the pixels that ``where`` names."""
    weight = where.astype(np.float32)
    count = np.maximum(_summed(weight), 1)
    together = np.zeros(where.shape, np.float32)
    apart = np.zeros(where.shape, np.float32)
    one = cv2.GaussianBlur(ours, (0, 0), _SMOOTHING_PX).astype(np.float32)
    other = cv2.GaussianBlur(theirs, (0, 0), _SMOOTHING_PX).astype(np.float32)
    for channel in range(3):
        x, y = one[..., channel] * weight, other[..., channel] * weight
        mean_x, mean_y = _summed(x) / count, _summed(y) / count
        of_x = np.maximum(_summed(x * x) / count - mean_x**2, _FLAT)
        of_y = np.maximum(_summed(y * y) / count - mean_y**2, _FLAT)
        together += _summed(x * y) / count - mean_x * mean_y
        apart += np.sqrt(of_x * of_y)
    return together / apart


def _summed(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.boxFilter(values, -1, (_WINDOW_PX, _WINDOW_PX), normalize=False), np.float32)
