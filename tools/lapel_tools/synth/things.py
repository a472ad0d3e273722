"""Rendered things: the same seed gives the same thing, another view of it the same thing seen otherwise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from lapel.core.things import Kind, Pixels
from lapel_tools.synth.print import DESIGNS
from lapel_tools.synth.scene import Outline, Side, backdrop, photographed, placed, upright

HEIGHT_PX, WIDTH_PX = 480, 640

_FACE, _VIEW = 1, 2  # streams of randomness of one seed, so that a view never changes the thing
_STEEPEST_TILT = 0.28
_BOX_EVERY = 6  # of six things one is a box, the others are flat


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A picture of a thing, RGB u8[h, w, 3], and where in it the thing is, bool[h, w]."""

    name: str
    label: str
    kind: Kind
    pixels: Pixels
    outline: Outline


def render(seed: int, view: int = 0) -> Rendered:
    """A thing by its number. View 0 is straight on and in good light, as for enrolment; others are at an angle.

    Deterministic for one version of OpenCV, whose fonts and filters it uses.
    """
    face, light = np.random.default_rng([seed, _FACE]), np.random.default_rng([seed, _VIEW, view])
    is_box = seed % _BOX_EVERY == _BOX_EVERY - 1
    design = DESIGNS[seed % _BOX_EVERY] if not is_box else DESIGNS[1]
    tilt = 0.02 if view == 0 else float(light.uniform(0.08, _STEEPEST_TILT))
    front = design.draw(face)
    sides = _box(front, design.draw(face), design.draw(face), light, tilt) if is_box else _flat(front, light, tilt)
    scene, outline = placed(backdrop(light, HEIGHT_PX, WIDTH_PX), sides)
    pixels = photographed(scene, light, noise=2.0 if view == 0 else 4.0)
    pixels.setflags(write=False)
    outline.setflags(write=False)
    name = "box" if is_box else design.name
    kind = Kind.BOX if is_box else design.kind
    return Rendered(f"drawn-{name}-{seed:03d}", f"Drawn {name} no. {seed}", kind, pixels, outline)


def face_of_thing(seed: int) -> Pixels:
    """The flat front of a thing, as it was printed."""
    is_box = seed % _BOX_EVERY == _BOX_EVERY - 1
    design = DESIGNS[1] if is_box else DESIGNS[seed % _BOX_EVERY]
    return design.draw(np.random.default_rng([seed, _FACE]))


def _flat(face: Pixels, light: Generator, tilt: float) -> tuple[Side, ...]:
    return (Side(face, upright(face, HEIGHT_PX, WIDTH_PX, light, tilt)),)


def _box(front: Pixels, top: Pixels, end: Pixels, light: Generator, tilt: float) -> tuple[Side, ...]:
    """Three visible sides of a box: its front, and top and right end that recede from it."""
    corners = upright(front, HEIGHT_PX, WIDTH_PX, light, tilt) * 0.82 + (WIDTH_PX * 0.05, HEIGHT_PX * 0.14)
    depth = np.array([light.uniform(60, 110), -light.uniform(50, 80)])
    behind = corners + depth
    a, b, c, _ = corners
    lid = np.array([behind[0], behind[1], b, a], dtype=np.float32)
    right = np.array([b, behind[1], behind[2], c], dtype=np.float32)
    return Side(top, lid, 1.06), Side(end, right, 0.72), Side(front, corners.astype(np.float32))
