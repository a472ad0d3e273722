"""The pictograms of the hazard list: of GHS (CLP annex V) and of ADR (5.2.2.2 and 5.3), drawn by the project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.signs import code_of
from lapel.core.things import Pixels
from lapel.infer import sign_symbols as symbols
from lapel.infer.sign_pen import Pen

Colour = tuple[int, int, int]
WHITE, BLACK, RED, GREEN, BLUE = (246, 246, 244), (20, 20, 22), (206, 24, 34), (0, 124, 66), (20, 84, 164)
ORANGE, YELLOW = (240, 116, 24), (250, 214, 18)

SIDE_PX = 512
_SHEET = (214, 214, 212)  # a grey about the sign, which its mask leaves out
GHS, ADR = "CLP annex V and GHS annex 1", "ADR 5.2.2.2.2"


@dataclass(frozen=True, slots=True)
class Pictogram:
    """How a sign is drawn after its source: ``upper`` and ``lower`` are the colours of its halves."""

    id: str
    source: str
    symbol: Callable[[Pen], None]
    upper: Colour
    lower: Colour
    ink: Colour = BLACK
    rim: Colour = BLACK
    mark: str = ""

    def draw(self) -> tuple[Pixels, NDArray[np.bool_]]:
        """The sign standing on its corner, RGB u8[512, 512, 3], and where it is, bool[512, 512]."""
        canvas = np.full((SIDE_PX, SIDE_PX, 3), _SHEET, np.float32)
        outline = _diamond(0.98)
        upper = np.arange(SIDE_PX)[:, None] < SIDE_PX // 2
        for part, colour in ((outline * upper, self.upper), (outline * ~upper, self.lower)):
            _lay(canvas, part, colour)
        if self.source == GHS:
            _lay(canvas, outline - _diamond(0.84), self.rim)
            _lay(canvas, _symbol(self.symbol, *_PLACE.get(self.id, (0.48, 0.0))), self.ink)
        else:
            _lay(canvas, _diamond(0.93) - _diamond(0.9), self.rim)
            _lay(canvas, _symbol(self.symbol, *_PLACE.get(self.id, (0.42, -0.32))) * _diamond(0.86), self.ink)
            _lay(canvas, _written(self.mark), WHITE if WHITE in (self.ink, self.rim) or self.lower == BLACK else BLACK)
        return np.clip(canvas, 0, 255).astype(np.uint8), outline > 0.5


# How large a symbol is and how high it stands, where it is not the usual.
_PLACE = {
    "ghs-03": (0.52, -0.08),
    "ghs-05": (0.56, -0.12),
    "adr-7": (0.34, -0.38),
    "adr-9": (0.9, 0.0),
    "adr-environment": (0.52, 0.0),
}


@dataclass(frozen=True, slots=True)
class Sign:
    """Pictograms with one symbol, which a look may tell from the others: colours and numbers are for people to read."""

    id: str
    means: str
    check: str
    pictograms: tuple[Pictogram, ...]

    @property
    def code(self) -> str:
        """What a list calls it: ``sign:flame``."""
        return code_of(self.id.removeprefix("sign-"))


def signs() -> tuple[Sign, ...]:
    """All signs of the list, by their symbol."""
    return _SIGNS


_NUMBER = "Read the number in its lower corner, and the name beside it."
_LABEL = "Read the name, the signal word and the hazard statements beside it (CLP annex V)."

_SIGNS = (
    Sign(
        "sign-bomb",
        "explosive",
        f"{_NUMBER} {_LABEL}",
        (
            Pictogram("ghs-01", GHS, symbols.bomb, WHITE, WHITE, rim=RED),
            Pictogram("adr-1", ADR, symbols.bomb, ORANGE, ORANGE, mark="1"),
        ),
    ),
    Sign(
        "sign-flame",
        "flammable",
        "Read its number: 2 gas, 3 liquid, 4 solid, ignites by itself or gives gas with water, 5.2 organic peroxide "
        f"(ADR 5.2.2.2.2). {_LABEL}",
        (
            Pictogram("ghs-02", GHS, symbols.flame, WHITE, WHITE, rim=RED),
            Pictogram("adr-2.1", ADR, symbols.flame, RED, RED, WHITE, WHITE, "2"),
            Pictogram("adr-3", ADR, symbols.flame, RED, RED, mark="3"),
            Pictogram("adr-4.2", ADR, symbols.flame, WHITE, RED, mark="4"),
            Pictogram("adr-4.3", ADR, symbols.flame, BLUE, BLUE, WHITE, WHITE, "4"),
            Pictogram("adr-5.2", ADR, symbols.flame, RED, YELLOW, mark="5.2"),
        ),
    ),
    Sign(
        "sign-flame-over-circle",
        "oxidizing, makes others burn",
        f"{_NUMBER} {_LABEL}",
        (
            Pictogram("ghs-03", GHS, symbols.flame_over_circle, WHITE, WHITE, rim=RED),
            Pictogram("adr-5.1", ADR, symbols.flame_over_circle, YELLOW, YELLOW, mark="5.1"),
        ),
    ),
    Sign(
        "sign-cylinder",
        "gas under pressure",
        f"{_NUMBER} {_LABEL}",
        (
            Pictogram("ghs-04", GHS, symbols.cylinder, WHITE, WHITE, rim=RED),
            Pictogram("adr-2.2", ADR, symbols.cylinder, GREEN, GREEN, WHITE, WHITE, "2"),
        ),
    ),
    Sign(
        "sign-corrosion",
        "corrosive",
        f"{_NUMBER} {_LABEL}",
        (
            Pictogram("ghs-05", GHS, symbols.corrosion, WHITE, WHITE, rim=RED),
            Pictogram("adr-8", ADR, symbols.corrosion, WHITE, BLACK, mark="8"),
        ),
    ),
    Sign(
        "sign-skull",
        "toxic",
        f"Read its number: 2 gas, 6 other (ADR 5.2.2.2.2). {_LABEL}",
        (
            Pictogram("ghs-06", GHS, symbols.skull, WHITE, WHITE, rim=RED),
            Pictogram("adr-2.3", ADR, symbols.skull, WHITE, WHITE, mark="2"),
            Pictogram("adr-6.1", ADR, symbols.skull, WHITE, WHITE, mark="6"),
        ),
    ),
    Sign(
        "sign-exclamation",
        "harmful or irritant",
        _LABEL,
        (Pictogram("ghs-07", GHS, symbols.exclamation, WHITE, WHITE, rim=RED),),
    ),
    Sign(
        "sign-health",
        "lasting harm to health",
        _LABEL,
        (Pictogram("ghs-08", GHS, symbols.health, WHITE, WHITE, rim=RED),),
    ),
    Sign(
        "sign-environment",
        "hazardous to waters",
        _LABEL,
        (
            Pictogram("ghs-09", GHS, symbols.environment, WHITE, WHITE, rim=RED),
            Pictogram("adr-environment", ADR, symbols.environment, WHITE, WHITE),
        ),
    ),
    Sign(
        "sign-biohazard",
        "infectious",
        _NUMBER,
        (Pictogram("adr-6.2", ADR, symbols.biohazard, WHITE, WHITE, mark="6"),),
    ),
    Sign(
        "sign-trefoil",
        "radioactive",
        _NUMBER,
        (Pictogram("adr-7", ADR, symbols.trefoil, YELLOW, WHITE, mark="7"),),
    ),
    Sign(
        "sign-stripes",
        "another dangerous substance, class 9",
        _NUMBER,
        (Pictogram("adr-9", ADR, symbols.stripes, WHITE, WHITE, mark="9"),),
    ),
)


def _diamond(share: float) -> NDArray[np.float32]:
    """A square on its corner that fills that share of the sheet, as ink."""
    pen = Pen(SIDE_PX)
    pen.polygon((0, -share), (share, 0), (0, share), (-share, 0))
    return pen.ink()


def _symbol(draw: Callable[[Pen], None], size: float, rise: float) -> NDArray[np.float32]:
    side = round(SIDE_PX * size)
    pen = Pen(side)
    draw(pen)
    whole = np.zeros((SIDE_PX, SIDE_PX), np.float32)
    left, top = (SIDE_PX - side) // 2, round((SIDE_PX * (1 + rise) - side) / 2)
    whole[top : top + side, left : left + side] = pen.ink()
    return whole


def _lay(canvas: NDArray[np.float32], ink: NDArray[np.float32], colour: Colour) -> None:
    part = np.clip(ink, 0, 1)[..., None]
    canvas *= 1 - part
    canvas += part * np.array(colour, np.float32)


def _written(text: str) -> NDArray[np.float32]:
    """The number in the lower corner, as ink."""
    ink = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
    face, scale, weight = cv2.FONT_HERSHEY_DUPLEX, 2.6 if len(text) < 2 else 1.7, 6
    (wide, high), _ = cv2.getTextSize(text, face, scale, weight)
    cv2.putText(ink, text, ((SIDE_PX - wide) // 2, 408 + high // 2), face, scale, 255, weight, cv2.LINE_AA)
    return np.asarray(ink, np.float32) / np.float32(255)
