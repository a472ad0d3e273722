"""Scenes with one sign of dangerous goods in them, whose truth is known. What is measured on them is synthetic."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lapel.core.geometry import Box
from lapel.core.things import Pixels
from lapel.infer.pictograms import SIDE_PX, Pictogram
from lapel_tools.synth.scene import Corners, backdrop, photographed

HEIGHT_PX, WIDTH_PX = 480, 640
_VIEW = 6  # a stream of randomness of its own
_OUTLINE = 0.98  # of the drawing: where the sign ends


@dataclass(frozen=True, slots=True, eq=False)
class SignScene:
    """A scene RGB u8[h, w, 3], and the box of the sign in it."""

    pixels: Pixels
    box: Box


def render_sign(pictogram: Pictogram, view: int, share: float, ground: Pixels | None = None) -> SignScene:
    """A sign at an angle, ``share`` of the scene wide, in some light, a little soft and noisy.

    ``ground``: a picture to put it into instead of a drawn backdrop.
    """
    light = np.random.default_rng([_VIEW, view, *pictogram.id.encode()])
    behind = backdrop(light, HEIGHT_PX, WIDTH_PX) if ground is None else ground
    height, width = behind.shape[:2]
    across = share * width
    turn = light.uniform(-0.25, 0.25)
    corners = np.array([[0, -1], [1, 0], [0, 1], [-1, 0]]) * across / 2 * (1 + light.uniform(-0.15, 0.15, (4, 2)))
    corners = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    corners = np.asarray(corners + light.uniform(0.35, 0.65, 2) * (width, height), np.float32)
    lit = _laid(pictogram, corners, behind, float(light.uniform(0.6, 1.1)))
    soft = np.asarray(cv2.GaussianBlur(lit, (0, 0), float(light.uniform(0.3, 1.3))), np.uint8)
    pixels = photographed(soft, light, noise=float(light.uniform(2, 6)))
    pixels.setflags(write=False)
    low, high = corners.min(axis=0), corners.max(axis=0)
    return SignScene(pixels, Box(int(low[0]), int(low[1]), int(high[0]) + 1, int(high[1]) + 1))


def _laid(pictogram: Pictogram, corners: Corners, behind: Pixels, light: float) -> Pixels:
    drawn, outline = pictogram.draw()
    middle, reach = SIDE_PX / 2, SIDE_PX / 2 * _OUTLINE
    own = np.array(
        [[middle, middle - reach], [middle + reach, middle], [middle, middle + reach], [middle - reach, middle]]
    )
    motion = cv2.getPerspectiveTransform(own.astype(np.float32), corners)
    size = (behind.shape[1], behind.shape[0])
    # Smoothed to what is seen of it, so that nothing is left out between pixels.
    shrunk = SIDE_PX / max(1.0, float(np.linalg.norm(corners[1] - corners[3])))
    face = cv2.warpPerspective(cv2.GaussianBlur(drawn, (0, 0), max(0.1, 0.4 * shrunk)), motion, size)
    cover = cv2.warpPerspective(outline.astype(np.float32), motion, size)[..., None]
    return np.asarray(np.clip(behind * (1 - cover) + face * light * cover, 0, 255), np.uint8)
