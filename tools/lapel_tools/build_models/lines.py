"""Rendered lines of text, made to be about as hard as codes seen by a body camera: what the reader is measured on.

Fonts are those that the matplotlib wheel carries; every line, distortion and noise comes from a fixed seed.
"""

from __future__ import annotations

import io
import random
import string
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from lapel_tools.build_models.pins import FONTS
from lapel_tools.build_models.sources import read

Picture = NDArray[np.uint8]


def lines(count: int, cache: Path) -> list[tuple[str, Picture]]:
    """``count`` lines of codes with their pictures."""
    fonts = [ImageFont.truetype(io.BytesIO(read(font, cache)), 40) for font in FONTS]
    texts = random.Random(1)
    return [(text, _picture(text, fonts[i % len(fonts)], i)) for i, text in enumerate(_codes(count, texts))]


def _codes(count: int, chance: random.Random) -> list[str]:
    """Container codes with and without gaps, hazard numbers, UN numbers and serials, in turn."""

    def some(alphabet: str, length: int) -> str:
        return "".join(chance.choices(alphabet, k=length))

    letters, digits = string.ascii_uppercase, string.digits
    kinds = (
        lambda: f"{some(letters, 3)}{some('UJZ', 1)} {some(digits, 6)} {some(digits, 1)}",
        lambda: some(digits, chance.choice((2, 3))),
        lambda: some(digits, 4),
        lambda: some(letters, 4) + some(digits, 7),
        lambda: "SN " + some(letters + digits, 8),
    )
    return [kinds[i % len(kinds)]() for i in range(count)]


def _picture(text: str, font: ImageFont.FreeTypeFont, seed: int) -> Picture:
    """A line in two colours, seen aslant, at a quarter to all of its size, half of them blurred, all noisy."""
    chance = np.random.default_rng(seed)
    ink, ground = chance.integers(0, 90, 3), chance.integers(140, 256, 3)
    if chance.random() < 0.5:
        ink, ground = ground, ink
    sheet = Image.new("RGB", (int(font.getlength(text)) + 20, 64), tuple(int(v) for v in ground))
    ImageDraw.Draw(sheet).text((10, 6), text, font=font, fill=tuple(int(v) for v in ink))
    picture = np.asarray(sheet)
    height, width = picture.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    moved = corners + chance.uniform(-0.06, 0.06, (4, 2)) * [height * 1.5, height]
    turn = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    picture = cv2.warpPerspective(picture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    factor = float(chance.uniform(0.25, 1.0))
    picture = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    if chance.random() < 0.5:
        picture = cv2.GaussianBlur(picture, (0, 0), float(chance.uniform(0.4, 1.2)))
    noisy = picture + chance.normal(0, chance.uniform(2, 14), picture.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)
