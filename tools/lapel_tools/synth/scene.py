"""Puts flat faces into a picture, seen at an angle, with light, blur and noise, and says where they are."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lapel.core.things import Pixels
from lapel_tools.synth.art import palette

Corners = NDArray[np.float32]
Outline = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A face of a thing and where its four corners (clockwise from the top left, f32[4, 2]) lie in the picture."""

    face: Pixels
    corners: Corners
    light: float = 1.0


def backdrop(random: Generator, height: int, width: int) -> Pixels:
    """A soft, cluttered ground on which nothing is sharp, as behind a thing that the camera is focused on."""
    colours = palette(random)
    small = np.zeros((9, 12, 3), dtype=np.float32)
    small[:] = np.array(colours.ground, dtype=np.float32) * 0.7
    small += random.normal(0, 14, (9, 12, 1)).astype(np.float32) + random.normal(0, 4, small.shape).astype(np.float32)
    ground = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(6):
        x, y = int(random.integers(0, width)), int(random.integers(0, height))
        size = int(random.integers(width // 12, width // 4))
        colour = np.array(colours.second, dtype=np.float64) * random.uniform(0.3, 0.8)
        cv2.rectangle(ground, (x, y), (x + size, y + size // 2), tuple(colour.tolist()), -1)
    soft = cv2.GaussianBlur(ground, (0, 0), width / 60)
    return np.clip(soft, 0, 255).astype(np.uint8)


def placed(ground: Pixels, sides: tuple[Side, ...]) -> tuple[Pixels, Outline]:
    """The sides on the ground, later ones over earlier ones, over a shadow; and the outline bool[h, w] of them all."""
    height, width = ground.shape[:2]
    outline = np.zeros((height, width), dtype=np.uint8)
    for side in sides:
        cv2.fillPoly(outline, [side.corners.round().astype(np.int32)], 255)
    shadow = cv2.GaussianBlur(outline, (0, 0), width / 50).astype(np.float32) / 255
    shadow = np.roll(shadow, (round(height * 0.015), round(width * 0.012)), axis=(0, 1))
    picture: NDArray[np.float32] = (ground * (1 - 0.55 * shadow[..., None])).astype(np.float32)
    for side in sides:
        picture = _laid(picture, side)
    return np.clip(picture, 0, 255).astype(np.uint8), outline > 0


def upright(face: Pixels, height: int, width: int, random: Generator, tilt: float) -> Corners:
    """Corners of a face that fills about two thirds of a picture; ``tilt`` 0 is straight on, .3 at a steep angle."""
    tall, wide = face.shape[:2]
    scale = 0.72 * min(height / tall, width / wide)
    half_w, half_h = wide * scale / 2, tall * scale / 2
    corners = np.array([[-half_w, -half_h], [half_w, -half_h], [half_w, half_h], [-half_w, half_h]])
    corners *= 1 + random.uniform(-tilt, tilt, (4, 2)) * 0.6
    turn = random.uniform(-tilt, tilt)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return np.asarray(corners @ rotation + (width / 2, height / 2), dtype=np.float32)


def photographed(picture: Pixels, random: Generator, noise: float = 3.0) -> Pixels:
    """The picture as a camera gives it: light that falls off, a slight softness, noise of ``noise`` grey levels."""
    height, width = picture.shape[:2]
    across = np.linspace(random.uniform(0.82, 1.0), random.uniform(0.9, 1.08), width, dtype=np.float32)
    down = np.linspace(random.uniform(0.95, 1.06), random.uniform(0.82, 1.0), height, dtype=np.float32)
    lit = cv2.GaussianBlur(picture, (0, 0), 0.6).astype(np.float32) * (down[:, None] * across)[..., None]
    noisy = lit + random.normal(0, noise, picture.shape)
    return np.asarray(np.clip(noisy, 0, 255), dtype=np.uint8)


def worsened(picture: Pixels, random: Generator) -> Pixels:
    """The picture smaller, less sharp, in other light and noisier, as a worn camera sees it."""
    scale = float(random.uniform(0.45, 1.0))
    size = (max(64, round(picture.shape[1] * scale)), max(64, round(picture.shape[0] * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), float(random.uniform(0.3, 1.4))).astype(np.float32)
    lit = 255 * (soft / 255) ** float(random.uniform(0.7, 1.5)) * float(random.uniform(0.6, 1.15))
    tinted = lit * random.uniform(0.9, 1.1, 3).astype(np.float32)
    noisy = tinted + random.normal(0, float(random.uniform(1, 6)), soft.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


def _laid(picture: NDArray[np.float32], side: Side) -> NDArray[np.float32]:
    height, width = picture.shape[:2]
    tall, wide = side.face.shape[:2]
    face_corners = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], dtype=np.float32)
    motion = cv2.getPerspectiveTransform(face_corners, side.corners)
    warped = cv2.warpPerspective(side.face, motion, (width, height), flags=cv2.INTER_AREA).astype(np.float32)
    cover = cv2.warpPerspective(np.ones((tall, wide), np.float32), motion, (width, height), flags=cv2.INTER_LINEAR)
    laid: NDArray[np.float32] = picture * (1 - cover[..., None]) + warped * side.light * cover[..., None]
    return laid
