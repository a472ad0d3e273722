"""What printed things are made of: colours, made-up words, patterns and emblems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lapel.core.things import Pixels

Colour = tuple[int, int, int]

_FIRST_SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ka", "lan", "mer", "no", "pel", "ra", "se", "tos", "vin", "zu")
_LAST_SYLLABLES = ("dor", "fe", "kel", "le", "mi", "no", "pan", "rix", "sol", "tam", "ti", "vo")
_FONTS = (cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_SIMPLEX)
_EMBLEM_CORNERS = (3, 4, 5, 6, 8)


@dataclass(frozen=True, slots=True)
class Palette:
    """Four colours that go together: ground, ink that reads on it, and two accents."""

    ground: Colour
    ink: Colour
    first: Colour
    second: Colour


def palette(random: Generator) -> Palette:
    """Colours about one hue and its opposite."""
    hue = float(random.uniform(0, 180))
    is_dark = bool(random.random() < 0.4)
    ground = _colour(hue, random.uniform(60, 200), random.uniform(40, 90)) if is_dark else _colour(hue, 25, 235)
    ink = _colour(hue, 20, 245) if is_dark else _colour(hue, 160, 50)
    opposite = (hue + random.uniform(60, 120)) % 180
    return Palette(ground, ink, _colour(opposite, 210, 215), _colour((hue + 30) % 180, 190, 170))


def word(random: Generator) -> str:
    """A word that means nothing, of two or three syllables."""
    begun = random.choice(_FIRST_SYLLABLES, size=int(random.integers(1, 3)))
    return ("".join(begun) + str(random.choice(_LAST_SYLLABLES))).capitalize()


def sheet(height: int, width: int, colour: Colour) -> Pixels:
    """An empty sheet of one colour."""
    return np.full((height, width, 3), colour, dtype=np.uint8)


def write(canvas: Pixels, text: str, left: int, baseline: int, width: int, colour: Colour, font: int) -> None:
    """Write one line that is at most ``width`` px wide and a quarter of that high, in place."""
    face = _FONTS[font % len(_FONTS)]
    scale = width / 160
    while scale > 0.3 and cv2.getTextSize(text, face, scale, _weight(scale))[0][0] > width:
        scale *= 0.95
    cv2.putText(canvas, text, (left, baseline), face, scale, colour, _weight(scale), cv2.LINE_AA)


def emblem(canvas: Pixels, random: Generator, x: int, y: int, radius: int, colours: Palette) -> None:
    """A star, ring or polygon about a point, in place."""
    corners = int(random.choice(_EMBLEM_CORNERS))
    inner = float(random.uniform(0.35, 0.95))
    turn = float(random.uniform(0, 2 * np.pi))
    angles = turn + np.arange(2 * corners) * np.pi / corners
    reach = np.where(np.arange(2 * corners) % 2 == 0, radius, radius * inner)
    points = np.stack([x + reach * np.cos(angles), y + reach * np.sin(angles)], axis=1)
    cv2.circle(canvas, (x, y), round(radius * 1.15), colours.second, -1, cv2.LINE_AA)
    cv2.fillPoly(canvas, [points.round().astype(np.int32)], colours.first, cv2.LINE_AA)
    cv2.circle(canvas, (x, y), max(2, round(radius * inner * 0.45)), colours.ground, -1, cv2.LINE_AA)


def bars(canvas: Pixels, random: Generator, left: int, top: int, width: int, height: int) -> None:
    """Lines as of a barcode, which no reader can read, in place."""
    cv2.rectangle(canvas, (left, top), (left + width, top + height), (250, 250, 250), -1)
    x = left + 4
    while x < left + width - 6:
        thickness = int(random.integers(1, 5))
        cv2.rectangle(canvas, (x, top + 4), (x + thickness - 1, top + height - 4), (15, 15, 15), -1)
        x += thickness + int(random.integers(2, 6))


def stripes(canvas: Pixels, random: Generator, colours: Palette) -> None:
    """Slanted stripes over the whole canvas, in place."""
    height, width = canvas.shape[:2]
    step, slant = int(random.integers(18, 60)), float(random.uniform(-1.2, 1.2))
    for start in range(-height, width + height, step):
        end = start + round(slant * height)
        colour = colours.first if (start // step) % 3 else colours.second
        cv2.line(canvas, (start, 0), (end, height), colour, max(2, step // 3), cv2.LINE_AA)


def dots(canvas: Pixels, random: Generator, colours: Palette) -> None:
    """Scattered discs over the whole canvas, in place."""
    height, width = canvas.shape[:2]
    for _ in range(int(random.integers(25, 70))):
        centre = (int(random.integers(0, width)), int(random.integers(0, height)))
        colour = colours.first if random.random() < 0.5 else colours.second
        cv2.circle(canvas, centre, int(random.integers(4, max(6, width // 12))), colour, -1, cv2.LINE_AA)


def tiles(canvas: Pixels, random: Generator, colours: Palette) -> None:
    """Quarter circles in squares over the whole canvas, turned at random, in place."""
    height, width = canvas.shape[:2]
    side = int(random.integers(24, 64))
    for top in range(0, height, side):
        for left in range(0, width, side):
            colour = (colours.first, colours.second, colours.ink)[int(random.integers(0, 3))]
            corner = (left + side * int(random.integers(0, 2)), top + side * int(random.integers(0, 2)))
            square = canvas[top : top + side, left : left + side]
            local = (corner[0] - left, corner[1] - top)
            cv2.circle(square, local, round(side * 0.9), colour, -1, cv2.LINE_AA)


PATTERNS: tuple[Callable[[Pixels, Generator, Palette], None], ...] = (stripes, dots, tiles)


def _weight(scale: float) -> int:
    """How thick strokes are at a scale; the width of a line of text depends on it."""
    return max(1, round(scale * 1.6))


def _colour(hue: float, saturation: float, value: float) -> Colour:
    hsv: NDArray[np.uint8] = np.array([[[hue, saturation, value]]], dtype=np.uint8)
    red, green, blue = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0].tolist()
    return int(red), int(green), int(blue)
