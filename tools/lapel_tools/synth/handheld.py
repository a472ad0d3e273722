"""A hand-held camera that pans over a wide picture: where it looks, how it shakes, and what that does to a frame."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lapel.core.things import Pixels
from lapel_tools.synth.scene import Corners

WIDTH_PX, HEIGHT_PX = 960, 540
FPS = 12.5
FRAMES = 75

_SHAKE_PX, _SHAKE_KEPT = 3.5, 0.75  # of the wide picture, and how much of a frame's shake the next one keeps
_ROLL_DEG = 1.2
_SHUTTER = 0.3  # of the time between frames, in which the picture smears
_LONGEST_SMEAR_PX = 11


@dataclass(frozen=True, slots=True, eq=False)
class Pan:
    """Motions f64[3, 3] from the wide picture to each frame of 960 × 540 px."""

    motions: tuple[NDArray[np.float64], ...]

    def seen(self, number: int, corners: Corners) -> Corners:
        """Where corners f32[4, 2] of the wide picture lie in a frame."""
        lying = cv2.perspectiveTransform(corners[None].astype(np.float64), self.motions[number])[0]
        return np.asarray(lying, np.float32)

    def frame(self, number: int, wide: Pixels, light: Generator) -> Pixels:
        """The frame RGB u8[540, 960, 3]: smeared by the camera's motion, in changing light, soft and noisy."""
        sharp = cv2.warpPerspective(
            wide,
            self.motions[number],
            (WIDTH_PX, HEIGHT_PX),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )
        smeared = _smeared(np.asarray(sharp, np.uint8), self._step(number))
        glow = 1 + 0.06 * np.sin(number / 9) + light.normal(0, 0.01)
        noisy = smeared.astype(np.float32) * np.float32(glow)
        noisy += light.normal(0, 3.5, noisy.shape).astype(np.float32)
        return np.asarray(np.clip(noisy, 0, 255), np.uint8)

    def _step(self, number: int) -> NDArray[np.float64]:
        """How far the middle of the frame moved since the frame before, in pixels."""
        if number == 0:
            return np.zeros(2)
        middle = np.array([[[WIDTH_PX / 2, HEIGHT_PX / 2]]])
        there = cv2.perspectiveTransform(middle, np.linalg.inv(self.motions[number]))
        before = cv2.perspectiveTransform(there, self.motions[number - 1])
        return np.asarray((middle - before)[0, 0], np.float64)


def pan_over(wide: tuple[int, int], target: tuple[float, float], random: Generator, frames: int = FRAMES) -> Pan:
    """A pan over a picture of that width and height that comes upon a point, holds it for a while and goes on."""
    way = np.interp(np.linspace(0, 1, frames), [0, 0.25, 0.75, 1], [-1, -0.12, 0.12, 1])
    direction = 1 if random.random() < 0.5 else -1
    zoom = np.linspace(random.uniform(0.8, 1.0), random.uniform(1.0, 1.35), frames)
    shake, lean, motions = np.zeros(2), random.normal(0, 0.02, 2), []
    for number in range(frames):
        shake = _SHAKE_KEPT * shake + random.normal(0, _SHAKE_PX, 2)
        moved = np.array([direction * way[number] * wide[0] * 0.5, 12 * np.sin(number / 11)])
        centre = np.array(target) + moved + shake
        lean = np.clip(lean + random.normal(0, 0.002, 2), -0.05, 0.05)
        motions.append(_motion(centre, float(zoom[number]), float(random.normal(0, _ROLL_DEG)), lean))
    return Pan(tuple(motions))


def _motion(
    centre: NDArray[np.float64], zoom: float, roll_deg: float, lean: NDArray[np.float64]
) -> NDArray[np.float64]:
    half = np.array([WIDTH_PX, HEIGHT_PX]) / 2 / zoom
    quad = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    quad = quad * (1 + quad[:, ::-1] / half[::-1] * lean)  # one side nearer than the other
    angle = np.radians(roll_deg)
    turned = quad @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) + centre
    target = np.array([[0, 0], [WIDTH_PX, 0], [WIDTH_PX, HEIGHT_PX], [0, HEIGHT_PX]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(turned.astype(np.float32), target), np.float64)


def _smeared(pixels: Pixels, step: NDArray[np.float64]) -> Pixels:
    length = min(_LONGEST_SMEAR_PX, round(float(np.linalg.norm(step)) * _SHUTTER))
    if length < 2:
        return pixels
    kernel = np.zeros((_LONGEST_SMEAR_PX, _LONGEST_SMEAR_PX), np.float32)
    middle = _LONGEST_SMEAR_PX // 2
    end = step / np.linalg.norm(step) * length / 2
    ends = [(round(middle + sign * end[0]), round(middle + sign * end[1])) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1)
    return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum()), np.uint8)
