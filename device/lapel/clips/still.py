"""Makes the stills of the ring: small JPEGs of what a scene shows once faces are destroyed and people are masked."""

from __future__ import annotations

import cv2

from lapel.core.clips import Still
from lapel.core.things import Scene
from lapel.errors import CropTooSmall

QUALITY = 75


def still_of(scene: Scene, at_s: float, longest_side_px: int) -> Still:
    """A scene's canvas as a still, its longer side at most ``longest_side_px``; both sides even, as films want them.

    From the canvas and never from the frame: a frame still shows bodies, and no record holds a picture of a person.
    Raises: CropTooSmall for a scene of less than 2 × 2 px.
    """
    height, width = scene.canvas.shape[:2]
    scale = min(1.0, longest_side_px / max(width, height))
    size = (round(width * scale) // 2 * 2, round(height * scale) // 2 * 2)
    if not min(size):
        raise CropTooSmall(f"a scene of {width} × {height} px makes no film; it needs at least 2 × 2")
    pixels = cv2.cvtColor(scene.canvas, cv2.COLOR_RGB2BGR)
    if size != (width, height):
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR)
    _, encoded = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
    return Still(at_s, *size, bytes(encoded.tobytes()))
