"""The pictures of an alert, by which an officer compares like with like: what was seen, laid on what is listed."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.alert.picture import LONGEST_SIDE_PX, jpeg, matched_part, picture_of
from lapel.core.blank import BLANK
from lapel.core.geometry import Box
from lapel.core.outline import corners_on
from lapel.core.things import Hit, Pixels

_SHORTEST_EDGE_PX = 16.0
"""Of the reference on the sighting: of less, laid straight, nothing can be told."""
_LEAST_IN_VIEW = 0.25  # of the reference
_FARTHEST = 8.0  # of the sighting's longer side
_DRAWN_ON_PX = 320  # a smaller crop is enlarged, so that a line hides little of it
_LINE, _EDGE = (255, 214, 0), (0, 0, 0)  # one of the two is seen on any ground
_LINES_ACROSS = 240  # line widths that a picture is long


@dataclass(frozen=True, slots=True)
class Pictures:
    """JPEG each, empty where there is none. ``listed`` the reference; ``straight`` the sighting as large and as upright
    as it; ``seen`` the crop, with the reference's border drawn on it where it is known."""

    listed: bytes = field(repr=False)
    straight: bytes = field(repr=False)
    seen: bytes = field(repr=False)


def pictures_of(hit: Hit) -> Pictures:
    """What an officer is shown of a hit; nothing of what was seen where it is not located.

    All are made of the sighting, whose faces were destroyed in the capture stage, never of anything earlier. The crop
    alone is recorded (``picture_of``), with nothing drawn on it: what was seen is held against it later.
    """
    if not hit.is_located:
        return Pictures(hit.reference_picture, b"", b"")
    size = _size_of(hit.reference_picture)
    border = None if size is None else _border(hit, *size)
    if size is None or border is None:
        return Pictures(hit.reference_picture, b"", picture_of(hit))
    straight = _straight(hit, *size, border)
    return Pictures(hit.reference_picture, straight, jpeg(_drawn(hit, border)))


def _size_of(picture: bytes) -> tuple[int, int] | None:
    """Width and height of a JPEG; None where it is none."""
    shown = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE) if picture else None
    return None if shown is None else (int(shown.shape[1]), int(shown.shape[0]))


def _border(hit: Hit, width: int, height: int) -> NDArray[np.float64] | None:
    """The reference's corners on the sighting, f64[4, 2]; None where that is unknown or absurd."""
    if len(hit.match.motion) != 9:
        return None
    corners = corners_on(np.array(hit.match.motion).reshape(3, 3), 1, height / width)
    if corners is None:
        return None
    down, across = hit.sighting.pixels.shape[:2]
    if np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1).min() < _SHORTEST_EDGE_PX:
        return None
    if np.abs(corners).max() > _FARTHEST * max(across, down):
        return None
    frame = np.array([[0, 0], [across, 0], [across, down], [0, down]], np.float32)
    shared, _ = cv2.intersectConvexConvex(corners.astype(np.float32), frame)
    return corners if shared >= _LEAST_IN_VIEW * cv2.contourArea(corners.astype(np.float32)) else None


def _straight(hit: Hit, width: int, height: int, border: NDArray[np.float64]) -> bytes:
    """The sighting, laid on a reference of that size; larger than it where the sighting shows more."""
    shows = (cv2.contourArea(border.astype(np.float32)) / (width * height)) ** 0.5
    scale = min(max(1.0, shows), max(1.0, LONGEST_SIDE_PX / max(width, height)))
    size = (round(width * scale), round(height * scale))
    onto = np.array(hit.match.motion).reshape(3, 3) @ np.diag([1 / size[0], 1 / size[0], 1.0])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return jpeg(
        np.asarray(cv2.warpPerspective(hit.sighting.pixels, onto, size, flags=how, borderValue=BLANK), np.uint8)
    )


def _drawn(hit: Hit, border: NDArray[np.float64]) -> Pixels:
    """The crop with all of the reference's border that is in it, drawn on a copy."""
    pixels = hit.sighting.pixels
    (left, top), (right, bottom) = np.floor(border.min(axis=0)).astype(int), np.ceil(border.max(axis=0)).astype(int)
    matched = matched_part(hit)
    part = Box(
        min(matched.x0, int(left)), min(matched.y0, int(top)), max(matched.x1, int(right)), max(matched.y1, int(bottom))
    ).clipped(pixels.shape[1], pixels.shape[0])
    longest = max(part.width, part.height)
    scale = min(max(longest, _DRAWN_ON_PX), LONGEST_SIDE_PX) / longest
    size = (max(1, round(part.width * scale)), max(1, round(part.height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    crop = np.asarray(cv2.resize(pixels[part.y0 : part.y1, part.x0 : part.x1], size, interpolation=how), np.uint8)
    line = np.rint((border - (part.x0, part.y0)) * scale).astype(np.int32)
    wide = max(1, round(max(size) / _LINES_ACROSS))
    cv2.polylines(crop, [line], True, _EDGE, wide + 2, cv2.LINE_AA)
    cv2.polylines(crop, [line], True, _LINE, wide, cv2.LINE_AA)
    return crop
