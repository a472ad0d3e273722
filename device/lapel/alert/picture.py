"""Makes the one picture of a hit that may leave the loop: a small, redacted JPEG."""

from __future__ import annotations

import cv2
import numpy as np

from lapel.core.geometry import Box, whole
from lapel.core.things import Hit, Pixels
from lapel.errors import CropTooSmall

LARGEST_PICTURE_BYTES = 64 * 1024  # what a record may carry
LONGEST_SIDE_PX = 640

_MARGIN = 1.12  # a little of what stands around it, so that an officer can place the thing
_QUALITIES = (85, 75, 60, 45)
_SHRINK = 0.85


def picture_of(hit: Hit) -> bytes:
    """The redacted crop that shows what was matched, as ``jpeg`` gives it.

    It is cut from the sighting, whose faces were destroyed in the capture stage, never from anything earlier.
    """
    part = matched_part(hit)
    return jpeg(hit.sighting.pixels[part.y0 : part.y1, part.x0 : part.x1])


def jpeg(pixels: Pixels, longest_side_px: int = LONGEST_SIDE_PX, largest_bytes: int = LARGEST_PICTURE_BYTES) -> bytes:
    """RGB u8[h, w, 3] as a JPEG that keeps to both bounds; it loses quality first, then size.

    Raises: CropTooSmall for a picture without pixels.
    """
    height, width = pixels.shape[:2]
    if height == 0 or width == 0:
        raise CropTooSmall(f"a picture of {width} × {height} px cannot be shown; it needs at least one pixel")
    side_px = min(longest_side_px, max(width, height))
    while True:
        small = _bounded(pixels, side_px)
        for quality in _QUALITIES:
            encoded = _encode(small, quality)
            if len(encoded) <= largest_bytes or side_px == 1:
                return encoded
        side_px = max(1, int(side_px * _SHRINK))


def matched_part(hit: Hit) -> Box:
    """The part of the sighting's pixels about the match; the whole sighting where the two do not meet."""
    looked = hit.sighting.box
    height, width = hit.sighting.pixels.shape[:2]
    if not looked.area:
        return whole(width, height)
    across, down = width / looked.width, height / looked.height
    wanted = hit.match.box.grown(_MARGIN)
    part = Box(
        round((wanted.x0 - looked.x0) * across),
        round((wanted.y0 - looked.y0) * down),
        round((wanted.x1 - looked.x0) * across),
        round((wanted.y1 - looked.y0) * down),
    ).clipped(width, height)
    return part if part.area else whole(width, height)


def _bounded(pixels: Pixels, side_px: int) -> Pixels:
    height, width = pixels.shape[:2]
    scale = side_px / max(width, height)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _encode(pixels: Pixels, quality: int) -> bytes:
    # Its own Huffman tables: an eighth less of 40 KB, more of 4.
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    done, encoded = cv2.imencode(".jpg", pixels[..., ::-1], options)
    if not done:
        raise CropTooSmall(f"a picture of {pixels.shape[1]} × {pixels.shape[0]} px cannot be made a JPEG")
    return bytes(encoded.tobytes())
