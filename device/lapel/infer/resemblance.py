"""How alike two pictures are once one lies on the other: what tells a carton from its neighbour of another flavour.

Local features agree on what two prints share, the maker's mark and the layout, and say nothing of the rest.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.blank import BLANK
from lapel.core.things import Features, Geometry, Pixels
from lapel.infer.colours import colours_agree

_LONGEST_PX = 160
"""Both are compared at this size: 96, 240 and 320 told apart no more."""
_SMOOTHING_PX = 1.0
_WINDOW_PX = 13
_NEAR_A_POINT = 0.03  # of the longer side: beyond it nothing says that the thing goes on
_FLAT = 16.0  # variance of a plain surface, which is alike everywhere
_LEAST_SEEN = 0.01
# How far a JPEG may take the grey of what is not shown from what it was, and how wide such areas are at least.
_GREY_STEPS, _BLANK_PX = 3, 5
_BEYOND_PX = 5  # what is enclosed is taken so much wider
_AROUND = 0.25  # of the side of a square as large as what is enclosed


def resemblance(sighting: Pixels, picture: bytes, reference: Features, geometry: Geometry) -> float:
    """Mean correlation of colours about the reference's points in small windows, 0..1; 0 where too little is seen.

    ``sighting`` RGB u8[h, w, 3]; ``picture`` is the JPEG of the picture that ``reference`` describes.
    """
    shown = decoded(picture)
    if shown is None or len(geometry.motion) != 9:
        return 0.0
    scale = _LONGEST_PX / max(reference.width, reference.height)
    size = _compared_shape(reference.width, reference.height)[::-1]
    motion = np.array(geometry.motion).reshape(3, 3) @ np.diag([1 / scale, 1 / scale, 1.0])
    return _alike(sighting, shown, motion, _about(reference.points * scale, size))


def enclosed_resemblance(
    sighting: Pixels,
    shown: Pixels,
    reference: Features,
    points: NDArray[np.float32],
    motion: NDArray[np.float64],
    details: Features | None = None,
) -> float:
    """Mean correlation of colours in what ``points`` of the reference enclose, 0..1; 0 where it is too little.

    With ``details``, its local features, also where these are around it: there a look-alike shows what is its own.

    ``sighting`` RGB u8[h, w, 3]; ``shown`` the picture that ``reference`` describes, of any size; ``points`` f32[n, 2]
    and ``motion`` f64[3, 3], which takes them to the sighting, in the pixels of the picture that was described.
    """
    scale = _LONGEST_PX / max(reference.width, reference.height)
    area = _enclosed(points * scale, _compared_shape(reference.width, reference.height))
    if details is None:
        where = _widened(area, _BEYOND_PX)
    else:
        near = _about(details.points * (_LONGEST_PX / max(details.width, details.height)), area.shape[::-1])
        where = area | (_widened(area, 2 * int(_AROUND * area.sum() ** 0.5) + 1) & near)
    return _alike(sighting, shown, motion @ np.diag([1 / scale, 1 / scale, 1.0]), where)


def decoded(picture: bytes) -> Pixels | None:
    """A JPEG as RGB u8[h, w, 3]; None where it is none."""
    shown = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    return None if shown is None else np.asarray(cv2.cvtColor(shown, cv2.COLOR_BGR2RGB), np.uint8)


def compared_size(shown: Pixels) -> Pixels:
    """The picture as small as it is compared."""
    size = _compared_shape(shown.shape[1], shown.shape[0])[::-1]
    return np.asarray(cv2.resize(shown, size, interpolation=cv2.INTER_AREA), np.uint8)


def _compared_shape(width: int, height: int) -> tuple[int, int]:
    scale = _LONGEST_PX / max(width, height)
    return max(1, round(height * scale)), max(1, round(width * scale))


def _alike(sighting: Pixels, shown: Pixels, motion: NDArray[np.float64], where: NDArray[np.bool_]) -> float:
    """The mean correlation where ``where`` bool[h, w] is; ``motion`` takes its pixels to the sighting's."""
    size = where.shape[::-1]
    ours = np.asarray(cv2.resize(shown, size, interpolation=cv2.INTER_AREA), np.uint8)
    back = np.linalg.inv(motion)
    theirs = np.asarray(cv2.warpPerspective(sighting, back, size, flags=cv2.INTER_LINEAR), np.uint8)
    seen = cv2.warpPerspective(np.full(sighting.shape[:2], 255, np.uint8), back, size) == 255
    both = seen & where & ~_blank(ours) & ~_blank(theirs)
    if both.sum() < _LEAST_SEEN * both.size:
        return 0.0
    alike = float(np.clip(_correlation(ours, theirs, both)[both].mean(), 0, 1))
    return alike * colours_agree(ours, theirs, both)


def _blank(pixels: Pixels) -> NDArray[np.bool_]:
    """Where nothing is shown, bool[h, w]: faces and people were destroyed there, and neither thing looks so."""
    off = np.abs(pixels.astype(np.int16) - np.array(BLANK, np.int16)).max(axis=2)
    grey = np.asarray(off <= _GREY_STEPS, np.uint8)
    core = cv2.erode(grey, np.ones((_BLANK_PX, _BLANK_PX), np.uint8))
    return np.asarray(cv2.dilate(core, np.ones((_BLANK_PX + 4, _BLANK_PX + 4), np.uint8)) > 0)


def _enclosed(points: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.bool_]:
    area = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(area, np.rint(cv2.convexHull(np.asarray(points, np.float32))[:, 0]).astype(np.int32), 255)
    return area > 0


def _widened(area: NDArray[np.bool_], by_px: int) -> NDArray[np.bool_]:
    return np.asarray(cv2.dilate(area.astype(np.uint8), np.ones((by_px, by_px), np.uint8)) > 0)


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
