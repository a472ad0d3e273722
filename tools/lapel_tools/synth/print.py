"""The flat faces of printed things, one design a function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from lapel.core.things import Kind, Pixels
from lapel_tools.synth.art import PATTERNS, Palette, bars, emblem, palette, sheet, word, write


@dataclass(frozen=True, slots=True)
class Design:
    """A sort of printed thing. ``draw`` gives its face, RGB u8[h, w, 3]."""

    name: str
    kind: Kind
    draw: Callable[[Generator], Pixels]


def poster(random: Generator) -> Pixels:
    """A sheet with a picture above and two lines below."""
    colours, canvas = _begin(random, 640, 460)
    picture = canvas[30:430, 30:430]
    picture[:] = colours.second
    PATTERNS[int(random.integers(0, 3))](picture, random, colours)
    emblem(canvas, random, 230, 230, int(random.integers(60, 120)), colours)
    write(canvas, word(random), 36, 520, 388, colours.ink, int(random.integers(0, 4)))
    write(canvas, f"{word(random)} {word(random)} {random.integers(10, 99)}", 36, 590, 300, colours.ink, 3)
    return canvas


def label(random: Generator) -> Pixels:
    """The label of a parcel: a name, lines of small print, bars."""
    colours, canvas = _begin(random, 340, 520)
    cv2.rectangle(canvas, (10, 10), (509, 329), colours.ink, 4)
    cv2.rectangle(canvas, (10, 10), (509, 92), colours.first, -1)
    write(canvas, word(random).upper(), 26, 78, int(random.integers(220, 380)), colours.ground, 0)
    for line in range(4):
        text = f"{word(random)} {word(random)} {random.integers(100, 999)}"
        write(canvas, text, 26, 130 + 28 * line, int(random.integers(150, 260)), colours.ink, 3)
    emblem(canvas, random, 430, 165, 50, colours)
    bars(canvas, random, 26, 240, int(random.integers(280, 460)), 74)
    return canvas


def placard(random: Generator) -> Pixels:
    """A notice with a bold border, an emblem and one word."""
    colours, canvas = _begin(random, 480, 480)
    cv2.rectangle(canvas, (14, 14), (465, 465), colours.first, 26)
    emblem(canvas, random, 240, 190, 105, colours)
    write(canvas, word(random).upper(), 70, 375, 340, colours.ink, 0)
    write(canvas, f"{word(random)} {word(random)} {word(random)}", 70, 425, 340, colours.ink, 3)
    return canvas


def card(random: Generator) -> Pixels:
    """A card with a pattern from edge to edge and a small panel."""
    colours, canvas = _begin(random, 330, 520)
    PATTERNS[int(random.integers(0, 3))](canvas, random, colours)
    top = int(random.integers(20, 200))
    canvas[top : top + 100, 30:290] = colours.ground
    write(canvas, word(random), 46, top + 66, 220, colours.ink, int(random.integers(0, 4)))
    return canvas


def cover(random: Generator) -> Pixels:
    """The cover of a book: a title over two lines, a band and an emblem."""
    colours, canvas = _begin(random, 620, 430)
    band = int(random.integers(260, 400))
    canvas[band : band + 150] = colours.second
    PATTERNS[int(random.integers(0, 3))](canvas[band : band + 150], random, colours)
    write(canvas, word(random), 34, 105, int(random.integers(250, 360)), colours.ink, 1)
    write(canvas, word(random), 34, 195, int(random.integers(200, 360)), colours.ink, 1)
    emblem(canvas, random, int(random.integers(90, 340)), band + 75, 55, colours)
    write(canvas, f"{word(random)} {word(random)}", 34, 590, 190, colours.ink, 3)
    return canvas


DESIGNS = (
    Design("poster", Kind.ARTWORK, poster),
    Design("label", Kind.PACKAGE, label),
    Design("placard", Kind.PLACARD, placard),
    Design("card", Kind.CARD, card),
    Design("cover", Kind.BOOK, cover),
)


def _begin(random: Generator, height: int, width: int) -> tuple[Palette, Pixels]:
    colours = palette(random)
    canvas = sheet(height, width, colours.ground)
    # Paper is never of one value: a slow change of light, so that no face is digitally flat.
    light = np.linspace(0.94, 1.04, width, dtype=np.float32)[None, :, None]
    return colours, np.clip(canvas * light, 0, 255).astype(np.uint8)
