"""The symbols of dangerous goods, drawn after their descriptions in GHS annex 1 and ADR 5.2.2.2.2."""

from __future__ import annotations

import numpy as np

from lapel.infer.sign_pen import Pen


def flame(pen: Pen) -> None:
    """A flame over the ground."""
    _fire(pen, 0.0, -0.12, 0.88)
    pen.bar(0, 0.82, 1.5, 0.1, 0)


def flame_over_circle(pen: Pen) -> None:
    """A ring in flames: what makes others burn."""
    left = ((-0.5, 0.62), (-0.66, 0.3), (-0.64, 0.0)), ((-0.64, 0.0), (-0.58, 0.14), (-0.5, 0.1))
    inner = ((-0.5, 0.1), (-0.52, -0.2), (-0.4, -0.42)), ((-0.4, -0.42), (-0.36, -0.24), (-0.26, -0.2))
    middle = ((-0.26, -0.2), (-0.24, -0.5), (0.0, -1.0)), ((0.0, -1.0), (0.04, -0.6), (0.26, -0.24))
    right = ((0.26, -0.24), (0.34, -0.34), (0.38, -0.5)), ((0.38, -0.5), (0.52, -0.2), (0.5, 0.08))
    outer = ((0.5, 0.08), (0.58, 0.08), (0.62, -0.08)), ((0.62, -0.08), (0.68, 0.3), (0.5, 0.62))
    pen.shape(*left, *inner, *middle, *right, *outer)
    for x, top in ((-0.3, 0.0), (0.0, -0.22), (0.3, 0.0)):
        pen.shape(
            ((x - 0.1, 0.2), (x - 0.08, top + 0.12), (x, top)), ((x, top), (x + 0.08, 0.1), (x + 0.1, 0.2)), hole=True
        )
    pen.disc(0, 0.46, 0.46)
    pen.disc(0, 0.46, 0.35, hole=True)
    pen.bar(0, 0.95, 0.95, 0.1, 0)


def bomb(pen: Pen) -> None:
    """A ball that bursts, and its pieces."""
    pen.disc(-0.15, 0.3, 0.42)
    rays = ((-100, 0.5), (-75, 0.85), (-50, 0.62), (-28, 1.0), (-5, 0.62), (18, 0.85))
    for angle, reach in rays:
        a = np.radians(angle)
        tip = (-0.1 + reach * np.cos(a), 0.12 + reach * np.sin(a))
        side = (0.1 * np.sin(a), -0.1 * np.cos(a))
        pen.polygon((-0.1 + side[0], 0.12 + side[1]), tip, (-0.1 - side[0], 0.12 - side[1]))
    for x, y, size, turn in ((-0.62, -0.45, 0.2, 20), (0.62, -0.62, 0.22, 50), (0.8, 0.42, 0.2, 10)):
        pen.bar(x, y, size, size * 0.7, turn)
    for x, y, size in ((-0.2, -0.78, 0.07), (0.25, -0.85, 0.06), (0.78, -0.1, 0.06), (-0.75, -0.05, 0.06)):
        pen.disc(x, y, size)
    pen.polygon((-0.42, -0.12), (-0.2, 0.02), (-0.3, 0.16), (-0.05, 0.1), (0.1, 0.24), (0.1, -0.05), hole=True)


def cylinder(pen: Pen) -> None:
    """A gas bottle lying aslant."""
    pen.bar(-0.1, 0.1, 1.25, 0.42, -35)
    pen.ellipse(0.41, -0.26, 0.24, 0.21, -35)
    pen.ellipse(-0.61, 0.46, 0.1, 0.21, -35)
    pen.bar(0.68, -0.45, 0.3, 0.13, -35)
    pen.bar(0.82, -0.55, 0.12, 0.26, -35)


def corrosion(pen: Pen) -> None:
    """Two glasses that pour on a bar and on a hand, which smoke."""
    for side in (-1, 1):
        pen.bar(0.32 * side, -0.44, 0.56, 0.24, 12 * side)
        pen.bar(0.32 * side, -0.44, 0.46, 0.13, 12 * side, hole=True)
        pen.bar(0.34 * side, -0.37, 0.5, 0.07, 12 * side)
        pen.line((0.6 * side, -0.36), (0.6 * side, -0.12), width=0.06)
        pen.ellipse(0.6 * side, -0.02, 0.05, 0.09)
        for lean in (-0.28, -0.14, 0.14, 0.28):
            pen.line((0.6 * side + lean * 0.5, 0.14), (0.6 * side + lean, -0.08), width=0.04)
    pen.polygon((-1.0, 0.2), (-0.72, 0.2), (-0.62, 0.28), (-0.5, 0.2), (-0.16, 0.24), (-0.16, 0.42), (-1.0, 0.38))
    pen.shape(
        ((0.98, 0.16), (0.8, 0.14), (0.62, 0.2), (0.46, 0.16), (0.3, 0.26)),
        ((0.3, 0.26), (0.24, 0.34), (0.34, 0.4), (0.5, 0.52), (0.72, 0.52), (0.98, 0.46)),
    )
    for y in (0.26, 0.34, 0.42):
        pen.line((0.34, y), (0.62, y + 0.02), width=0.03, hole=True)


def skull(pen: Pen) -> None:
    """A skull over crossed bones."""
    for turn in (24, -24):
        pen.bar(0, 0.6, 1.7, 0.16, turn)
        for end in (-0.85, 0.85):
            a = np.radians(turn)
            x, y = end * np.cos(a), 0.6 + end * np.sin(a)
            for off in (-0.1, 0.1):
                pen.disc(x - off * np.sin(a), y + off * np.cos(a), 0.11)
    pen.ellipse(0, -0.3, 0.56, 0.56, hole=True)
    pen.ellipse(0, -0.32, 0.5, 0.5)
    pen.polygon((-0.3, 0.05), (0.3, 0.05), (0.26, 0.42), (-0.26, 0.42))
    for x in (-0.21, 0.21):
        pen.ellipse(x, -0.25, 0.14, 0.13, hole=True)
    pen.polygon((0, -0.1), (0.08, 0.06), (-0.08, 0.06), hole=True)
    for x in (-0.16, 0.0, 0.16):
        pen.bar(x, 0.3, 0.035, 0.26, 0, hole=True)


def exclamation(pen: Pen) -> None:
    """An exclamation mark."""
    pen.shape(
        ((-0.17, -0.72), (-0.12, -0.9), (0.0, -0.95), (0.12, -0.9), (0.17, -0.72)),
        ((0.17, -0.72), (0.12, -0.2), (0.07, 0.35)),
        ((0.07, 0.35), (0.0, 0.38), (-0.07, 0.35)),
        ((-0.07, 0.35), (-0.12, -0.2), (-0.17, -0.72)),
    )
    pen.disc(0, 0.7, 0.17)


def health(pen: Pen) -> None:
    """A bust with a star in its breast: lasting harm to health."""
    pen.ellipse(0, -0.62, 0.25, 0.31)
    pen.shape(
        ((-0.14, -0.4), (-0.2, -0.24), (-0.55, -0.12), (-0.72, 0.15), (-0.75, 0.75)),
        ((-0.75, 0.75), (0.75, 0.75)),
        ((0.75, 0.75), (0.72, 0.15), (0.55, -0.12), (0.2, -0.24), (0.14, -0.4)),
    )
    tips = [(0.02 + r * np.cos(a), 0.28 + r * np.sin(a)) for a, r in _star(6, 0.42, 0.13)]
    pen.polygon(*tips, hole=True)


def environment(pen: Pen) -> None:
    """A bare tree and a fish on its back by the water."""
    pen.line((-0.42, 0.5), (-0.42, -0.5), width=0.13)
    branches = (((-0.42, -0.1), (-0.72, -0.45)), ((-0.42, -0.25), (-0.15, -0.6)), ((-0.42, -0.45), (-0.55, -0.85)))
    twigs = (((-0.6, -0.3), (-0.85, -0.3)), ((-0.28, -0.44), (-0.05, -0.4)), ((-0.42, 0.1), (-0.2, -0.1)))
    for branch in branches:
        pen.line(*branch, width=0.08)
    for twig in twigs:
        pen.line(*twig, width=0.05)
    pen.shape(
        ((-0.95, 0.62), (-0.55, 0.48), (-0.2, 0.52), (0.05, 0.66)),
        ((0.05, 0.66), (-0.4, 0.72), (-0.95, 0.62)),
    )
    pen.shape(
        ((0.02, 0.38), (0.3, 0.1), (0.62, 0.14), (0.74, 0.32)),
        ((0.74, 0.32), (0.98, 0.1)),
        ((0.98, 0.1), (0.94, 0.36), (0.98, 0.62)),
        ((0.98, 0.62), (0.74, 0.44)),
        ((0.74, 0.44), (0.55, 0.62), (0.25, 0.62), (0.02, 0.38)),
    )
    pen.disc(0.2, 0.36, 0.05, hole=True)
    pen.line((0.36, 0.24), (0.42, 0.38), (0.36, 0.52), width=0.04, hole=True)


def biohazard(pen: Pen) -> None:
    """Three crescents on a ring."""
    for angle in (-90, 30, 150):
        a = np.radians(angle)
        pen.disc(0.42 * np.cos(a), 0.42 * np.sin(a), 0.5)
    for angle in (-90, 30, 150):
        a = np.radians(angle)
        pen.disc(0.55 * np.cos(a), 0.55 * np.sin(a), 0.37, hole=True)
        pen.bar(0.9 * np.cos(a), 0.9 * np.sin(a), 0.4, 0.18, angle, hole=True)
    ring = [(r * np.cos(a), r * np.sin(a)) for r, a in ((0.55, t) for t in np.linspace(0, 2 * np.pi, 49))]
    pen.line(*ring, width=0.11)
    pen.disc(0, 0, 0.12, hole=True)
    for angle in (-90, 30, 150):
        pen.bar(0.16 * np.cos(np.radians(angle)), 0.16 * np.sin(np.radians(angle)), 0.2, 0.05, angle, hole=True)


def trefoil(pen: Pen) -> None:
    """Three blades about a disc: radiation (ISO 361)."""
    for middle in (-150, -30, 90):
        angles = np.radians(np.linspace(middle - 30, middle + 30, 24))
        outer = [(0.95 * np.cos(a), 0.95 * np.sin(a)) for a in angles]
        inner = [(0.29 * np.cos(a), 0.29 * np.sin(a)) for a in angles[::-1]]
        pen.polygon(*outer, *inner)
    pen.disc(0, 0, 0.19)


def stripes(pen: Pen) -> None:
    """Seven upright stripes in the upper half."""
    for place in range(7):
        pen.bar(-0.6 + 0.2 * place, -0.5, 0.1, 1.0, 0)


def _fire(pen: Pen, x: float, y: float, size: float) -> None:
    """The flame alone, ``size`` half as high as it is, about a point."""

    def at(*points: tuple[float, float]) -> tuple[tuple[float, float], ...]:
        return tuple((x + px * size, y + py * size) for px, py in points)

    pen.shape(
        at((-0.3, 0.92), (-0.62, 0.62), (-0.72, 0.25), (-0.58, -0.12)),
        at((-0.58, -0.12), (-0.5, 0.12), (-0.36, 0.2)),
        at((-0.36, 0.2), (-0.42, -0.2), (-0.2, -0.55), (0.06, -1.0)),
        at((0.06, -1.0), (0.06, -0.62), (0.3, -0.38), (0.32, -0.06)),
        at((0.32, -0.06), (0.42, -0.18), (0.44, -0.36)),
        at((0.44, -0.36), (0.64, -0.02), (0.74, 0.3), (0.6, 0.66), (0.3, 0.92)),
    )
    pen.shape(
        at((-0.1, 0.9), (-0.32, 0.62), (-0.18, 0.36), (-0.02, 0.1)),
        at((-0.02, 0.1), (0.06, 0.36), (0.26, 0.55), (0.14, 0.9)),
        hole=True,
    )


def _star(points: int, outer: float, inner: float) -> list[tuple[float, float]]:
    turns = np.radians(-90 + np.arange(2 * points) * 180 / points)
    return [(float(a), outer if place % 2 == 0 else inner) for place, a in enumerate(turns)]
