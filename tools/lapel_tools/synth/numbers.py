"""Flat faces that carry numbers: walls of containers, orange panels, plates of vehicles. All numbers are made up."""

from __future__ import annotations

import string
from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator

from lapel.core.adr import FIRST_UN, HAZARDS, LAST_UN
from lapel.core.iso6346 import check_digit
from lapel.core.things import Pixels
from lapel_tools.synth.art import Colour, sheet, word

_PAINTS: tuple[Colour, ...] = (
    (38, 72, 128),
    (128, 52, 38),
    (46, 96, 70),
    (150, 152, 150),
    (206, 204, 196),
    (196, 120, 40),
)
_WHITE, _BLACK, _ORANGE = (238, 238, 234), (22, 22, 24), (236, 104, 24)
_TYPE_CODES = ("22G1", "42G1", "45G1", "45R1", "22T1", "L5G1")


def container_number(random: Generator) -> str:
    """A number with the right check digit, of an owner that is made up."""
    letters = "".join(random.choice(list(string.ascii_uppercase), 3))
    first = f"{letters}{random.choice(list('UUUUUUJZ'))}{random.integers(0, 1_000_000):06d}"
    return f"{first}{check_digit(first)}"


def panel_number(random: Generator) -> str:
    """A hazard number that exists over a UN number in range."""
    return f"{random.choice(sorted(HAZARDS))}/{random.integers(FIRST_UN, LAST_UN + 1)}"


def plate_text(random: Generator) -> str:
    """Signs as on a plate."""
    letters = ["".join(random.choice(list(string.ascii_uppercase), n)) for n in random.integers(1, 4, 2)]
    digits = str(random.integers(10, 9999))
    forms = (
        f"{letters[0]} {letters[1]} {digits}",
        f"{letters[0]}{digits[:2]} {letters[1]}X",
        f"{digits} {letters[1]}D",
    )
    return forms[int(random.integers(0, len(forms)))]


def container_face(random: Generator, number: str) -> Pixels:
    """The upper part of a container's wall with its number, type code and weights, RGB u8[h, w, 3].

    One of four layouts: in one line, in two, in three, or as a column of letters.
    """
    paint = _PAINTS[int(random.integers(0, len(_PAINTS)))]
    ink = _BLACK if sum(paint) > 420 else _WHITE
    canvas = _corrugated(random, sheet(620, 820, paint))
    layout = _LAYOUTS[int(random.integers(0, len(_LAYOUTS)))]
    layout(canvas, number, str(random.choice(_TYPE_CODES)), ink)
    _print(canvas, word(random).upper(), (40, 420), 3.2, ink, 8)
    for line, text in enumerate(("MAX GROSS 30480 KG", "TARE 2220 KG", "CU CAP 33.2 CU M")):
        _print(canvas, text, (400, 470 + 48 * line), 0.8, ink, 2)
    return canvas


def panel_face(random: Generator, number: str) -> Pixels:
    """An orange panel of 400 × 300 mm at a pixel a millimetre (ADR 5.3.2.2), RGB u8[300, 400, 3]."""
    shade = random.uniform(0.85, 1.05)
    ground = tuple(int(min(255, value * shade)) for value in _ORANGE)
    canvas = sheet(300, 400, (ground[0], ground[1], ground[2]))
    cv2.rectangle(canvas, (0, 0), (399, 299), _BLACK, 15)
    cv2.rectangle(canvas, (0, 143), (399, 157), _BLACK, -1)
    for text, baseline in zip(number.split("/"), (128, 268), strict=True):
        width = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 4.4, 14)[0][0]
        _print(canvas, text, ((400 - width) // 2, baseline), 4.4, _BLACK, 14)
    return canvas


def plate_face(random: Generator, text: str) -> Pixels:
    """A plate of 520 × 110 mm, or of two lines, in white or yellow with a rim, RGB u8[h, w, 3]."""
    ground = ((236, 236, 232), (240, 200, 40))[int(random.random() < 0.25)]
    has_two_lines = bool(random.random() < 0.15) and " " in text
    canvas = sheet(200 if has_two_lines else 110, 280 if has_two_lines else 520, ground)
    cv2.rectangle(canvas, (0, 0), (canvas.shape[1] - 1, canvas.shape[0] - 1), _BLACK, 6)
    if random.random() < 0.5 and not has_two_lines:
        canvas[4:-4, 4:44] = (20, 50, 150)
    lines = text.split(" ", 1) if has_two_lines else [text]
    for place, line in enumerate(lines):
        scale = 2.7
        while cv2.getTextSize(line, cv2.FONT_HERSHEY_SIMPLEX, scale, 9)[0][0] > canvas.shape[1] - 70:
            scale *= 0.95
        _print(canvas, line, (52 if not has_two_lines else 30, 86 + 90 * place), scale, _BLACK, 9)
    return canvas


def _in_one_line(canvas: Pixels, number: str, kind: str, ink: Colour) -> None:
    _print(canvas, f"{number[:4]} {number[4:10]}", (90, 110), 2.4, ink, 7)
    _boxed(canvas, number[10], (690, 110), 2.4, ink)
    _print(canvas, kind, (560, 200), 2.2, ink, 6)


def _in_two_lines(canvas: Pixels, number: str, kind: str, ink: Colour) -> None:
    _print(canvas, number[:4], (420, 100), 2.4, ink, 7)
    _print(canvas, number[4:10], (420, 190), 2.4, ink, 7)
    _boxed(canvas, number[10], (740, 190), 2.4, ink)
    _print(canvas, kind, (420, 280), 2.2, ink, 6)


def _in_three_lines(canvas: Pixels, number: str, kind: str, ink: Colour) -> None:
    _print(canvas, number[:4], (460, 90), 2.2, ink, 6)
    _print(canvas, number[4:7], (460, 172), 2.2, ink, 6)
    _print(canvas, number[7:10], (460, 254), 2.2, ink, 6)
    _boxed(canvas, number[10], (640, 254), 2.2, ink)
    _print(canvas, kind, (460, 336), 2.0, ink, 6)


def _as_column(canvas: Pixels, number: str, kind: str, ink: Colour) -> None:
    for place, sign in enumerate(number):
        _print(canvas, sign, (720, 52 + 54 * place), 1.5, ink, 5)
    _print(canvas, kind, (420, 90), 2.0, ink, 6)


_LAYOUTS: tuple[Callable[[Pixels, str, str, Colour], None], ...] = (
    _in_one_line,
    _in_two_lines,
    _in_one_line,
    _in_two_lines,
    _in_three_lines,
    _as_column,
)


def _corrugated(random: Generator, canvas: Pixels) -> Pixels:
    """The wall's waves: slow stripes of light, and rust."""
    height, width = canvas.shape[:2]
    wave = 1 + random.uniform(0.03, 0.12) * np.sin(np.arange(width) / random.uniform(9, 16))
    stain = cv2.resize(
        random.normal(1, 0.06, (7, 9)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    return np.asarray(np.clip(canvas * wave[None, :, None] * stain[..., None], 0, 255), np.uint8)


def _boxed(canvas: Pixels, sign: str, at: tuple[int, int], scale: float, ink: Colour) -> None:
    """The check digit in its box."""
    _print(canvas, sign, at, scale, ink, round(scale * 2.8))
    wide, high = round(scale * 20), round(scale * 22)
    cv2.rectangle(canvas, (at[0] - round(scale * 5), at[1] - high - 6), (at[0] + wide + 4, at[1] + 10), ink, 3)


def _print(canvas: Pixels, text: str, at: tuple[int, int], scale: float, ink: Colour, weight: int) -> None:
    cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, ink, weight, cv2.LINE_AA)
