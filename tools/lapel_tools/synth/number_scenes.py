"""Scenes with one number in them, whose truth is known: a container, an orange panel or a vehicle's plate.

The same seed gives the same number and face, another view of it the same face seen otherwise. What is measured on
them is to be called synthetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
from numpy.random import Generator

from lapel.core.geometry import Box
from lapel.core.things import Pixels
from lapel_tools.synth import numbers
from lapel_tools.synth.scene import Corners, Side, backdrop, photographed, placed

HEIGHT_PX, WIDTH_PX = 720, 1280
_FACE, _VIEW = 3, 4  # streams of randomness of one seed
_STEEPEST = 0.22


class Carrier(Enum):
    """What carries the number."""

    CONTAINER = "container"
    PANEL = "panel"
    PLATE = "plate"


# How wide the face is, as a share of the scene's width: near ones and far ones.
_SHARES = {Carrier.CONTAINER: (0.3, 0.75), Carrier.PANEL: (0.045, 0.2), Carrier.PLATE: (0.06, 0.18)}


@dataclass(frozen=True, slots=True, eq=False)
class NumberScene:
    """A scene RGB u8[720, 1280, 3], the number in it, and the box of the face that carries it."""

    pixels: Pixels
    value: str
    box: Box


def face_of(carrier: Carrier, seed: int) -> tuple[Pixels, str]:
    """The flat face of a carrier, and the number on it."""
    random = np.random.default_rng([seed, _FACE, list(Carrier).index(carrier)])
    if carrier is Carrier.CONTAINER:
        value = numbers.container_number(random)
        return numbers.container_face(random, value), value
    if carrier is Carrier.PANEL:
        value = numbers.panel_number(random)
        return numbers.panel_face(random, value), value
    value = numbers.plate_text(random)
    return numbers.plate_face(random, value), value


def render_number(
    carrier: Carrier, seed: int, view: int = 0, ground: Pixels | None = None, at: Box | None = None
) -> NumberScene:
    """A scene with one carrier. ``ground``: a picture to put it into instead of a drawn backdrop; ``at``: where."""
    light = np.random.default_rng([seed, _VIEW, list(Carrier).index(carrier), view])
    face, value = face_of(carrier, seed)
    behind = backdrop(light, HEIGHT_PX, WIDTH_PX) if ground is None else ground
    corners = _corners(face, light, behind.shape[1], behind.shape[0], _SHARES[carrier], at)
    scene, _ = placed(behind, (Side(_sized(face, corners), corners, float(light.uniform(0.6, 1.1))),))
    pixels = photographed(_moved(scene, light), light, noise=float(light.uniform(2, 8)))
    pixels.setflags(write=False)
    low, high = corners.min(axis=0), corners.max(axis=0)
    return NumberScene(pixels, value, Box(int(low[0]), int(low[1]), int(high[0]) + 1, int(high[1]) + 1))


def _corners(
    face: Pixels, light: Generator, width: int, height: int, shares: tuple[float, float], at: Box | None
) -> Corners:
    """Where a face's corners come to lie: seen from the side, a little turned."""
    tall, wide = face.shape[:2]
    across = float(at.width) if at else width * float(light.uniform(*shares))
    down = across * tall / wide
    slant, rise = light.uniform(-_STEEPEST, _STEEPEST), light.uniform(-0.06, 0.06)
    left, right = 1 + slant, 1 - slant
    corners = np.array([[-1, -left], [1, -right], [1, right], [-1, left]]) * (across / 2, down / 2)
    corners[:, 0] *= 1 - abs(slant) * 0.6
    turn = np.array([[np.cos(rise), np.sin(rise)], [-np.sin(rise), np.cos(rise)]])
    corners = corners @ turn
    reach = np.abs(corners).max(axis=0) + 4
    if at is not None:
        centre = np.array([(at.x0 + at.x1) / 2, (at.y0 + at.y1) / 2])
    else:
        centre = np.array([light.uniform(r, max(r + 1, s - r)) for r, s in zip(reach, (width, height), strict=True)])
    return np.asarray(corners + centre, np.float32)


def _sized(face: Pixels, corners: Corners) -> Pixels:
    """The face at about the size that it is seen at, so that nothing is left out between pixels."""
    across = float(np.linalg.norm(corners[1] - corners[0]))
    scale = min(1.0, 1.3 * across / face.shape[1])
    return np.asarray(cv2.resize(face, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _moved(scene: Pixels, light: Generator) -> Pixels:
    """The blur of a moving camera, up to four pixels along one direction, in every second scene."""
    if light.random() < 0.5:
        return scene
    length = int(light.integers(2, 5))
    kernel = np.zeros((5, 5), np.float32)
    angle = light.uniform(0, np.pi)
    end = (round(2 + length / 2 * np.cos(angle)), round(2 + length / 2 * np.sin(angle)))
    cv2.line(kernel, (4 - end[0], 4 - end[1]), end, 1.0, 1)
    return np.asarray(cv2.filter2D(scene, -1, kernel / kernel.sum()), np.uint8)
