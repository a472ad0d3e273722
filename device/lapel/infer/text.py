"""Reads the numbers of containers and of orange panels in a redacted frame, and keeps nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

import cv2
import numpy as np

from lapel.core.ballot import Ballot
from lapel.core.codes import Code, CodeKind, parse_container, parse_panel
from lapel.core.geometry import Box, whole
from lapel.core.iso6346 import bare, without_check_digit
from lapel.core.things import Frame, Pixels
from lapel.infer.boxed import digits_after
from lapel.infer.columns import columns_of, laid_side_by_side
from lapel.infer.layout import reading_orders
from lapel.infer.manifest import ModelStore
from lapel.infer.panels import Panel, panels_in
from lapel.infer.plates import PlateFinder
from lapel.infer.text_lines import TextFinder, TextLine
from lapel.infer.text_reader import LineReader, cut_upright
from lapel.ports import Finder

BOTH = frozenset({CodeKind.ISO6346, CodeKind.ADR})
LEAST_SURE = 0.45
"""Of the least sure character of a line. Below it a line is not read at all."""
_MOST_READ = 24  # lines a look: what is beyond is print, not the face of a container
_LOWEST_PX = 8.0  # nothing can be read that is lower
_LONGEST = 16  # times the height: a container's number and its type code in one line


class _Look(Enum):
    """Ways to look at one picture, different enough that a mistake of one is seldom the other's."""

    PLAIN = 1
    CLOSER = 2
    SOFTER = 3


_IN_TURN = (_Look.PLAIN, _Look.CLOSER)  # of a camera, whose frames differ by themselves


@dataclass(frozen=True, slots=True)
class _Read:
    text: str = field(repr=False)
    line: TextLine


class TextCodes:
    """Numbers of containers (ISO 6346) and orange panels (ADR), by two networks (port CodeReader).

    ``finders`` are those that made the frames: without a finder of plates among them nothing is read (ValueError),
    so that no plate can reach the reader. Two looks have to agree on a value, and no near one may have a say: two
    frames of a camera, or, with ``is_still``, two of three looks at one picture.
    """

    def __init__(
        self, store: ModelStore, finders: Sequence[Finder], kinds: frozenset[CodeKind] = BOTH, is_still: bool = False
    ) -> None:
        if not any(isinstance(finder, PlateFinder) for finder in finders):
            raise ValueError("text is read only where plates are destroyed; add a PlateFinder to the finders")
        self._lines = TextFinder(store)
        self._reader = LineReader(store)
        self._kinds = kinds
        self._is_still = is_still
        self._ballot = Ballot()
        self._frames = 0

    def read(self, frame: Frame) -> tuple[Code, ...]:
        """Codes that enough looks agree on. Whatever else a look read is gone when this returns."""
        if self._is_still:
            return _elected(Ballot(), [self._look(frame, kind) for kind in _Look], frame.at_s)
        kind = _IN_TURN[self._frames % len(_IN_TURN)]
        self._frames += 1
        return _elected(self._ballot, [self._look(frame, kind)], frame.at_s)

    def _look(self, frame: Frame, kind: _Look) -> tuple[Code, ...]:
        pixels = _PREPARED[kind](frame.pixels)
        found: list[Code] = []
        panels: tuple[Panel, ...] = ()
        if CodeKind.ADR in self._kinds:
            panels = tuple(p for p in panels_in(pixels) if not p.box.touches(frame.destroyed))
            found += self._on_panels(panels)
        if CodeKind.ISO6346 in self._kinds:
            lines = self._lines.lines(pixels, views_of(frame.width, frame.height, kind is _Look.CLOSER))
            closed = (*frame.destroyed, *(panel.box for panel in panels))
            allowed = tuple(line for line in lines if not line.box.touches(closed))
            found += self._on_containers(pixels, allowed)
        return tuple(dict.fromkeys(found))

    def _on_panels(self, panels: tuple[Panel, ...]) -> list[Code]:
        """The numbers of panels, also of those on their head, as on a tanker that lies overturned.

        Digits that are read on their head are no pair: four of them stand above two or three.
        """
        found = []
        for panel in panels:
            code = self._paired(panel.upper, panel.lower)
            found.append(code or self._paired(_on_its_head(panel.lower), _on_its_head(panel.upper)))
        return [code for code in found if code is not None]

    def _paired(self, above: Pixels, below: Pixels) -> Code | None:
        upper, lower = self._reader.read(above), self._reader.read(below)
        return parse_panel(upper.text, lower.text) if min(upper.least, lower.least) >= LEAST_SURE else None

    def _on_containers(self, pixels: Pixels, lines: tuple[TextLine, ...]) -> list[Code]:
        lying = [line for line in lines if not line.is_upright and _is_legible(line)]
        read = [r for line in lying[:_MOST_READ] if (r := self._lying(pixels, line)) is not None]
        chains = reading_orders([r.line.box for r in read])
        found = [code for chain in chains for code in self._chained(pixels, [read[i] for i in chain])]
        columns = sorted(columns_of(lines), key=lambda column: -column.height_px)
        return found + [code for column in columns[:4] for code in self._standing(pixels, column)]

    def _chained(self, pixels: Pixels, chain: list[_Read]) -> tuple[Code, ...]:
        """The number in neighbouring lines, or in those up to one whose check digit was not seen as text."""
        texts = [r.text for r in chain]
        if codes := parse_container(texts):
            return codes
        for end in range(1, len(chain) + 1):
            if ten := without_check_digit(texts[:end]):
                digit = self._digit_after(pixels, chain[end - 1].line)
                return parse_container([ten, digit]) if digit else ()
        return ()

    def _digit_after(self, pixels: Pixels, line: TextLine) -> str:
        for picture in digits_after(pixels, line):
            reading = self._reader.read(picture)
            sign = bare(reading.text)
            if len(sign) == 1 and reading.least >= LEAST_SURE:
                return sign
        return ""

    def _lying(self, pixels: Pixels, line: TextLine) -> _Read | None:
        reading = self._reader.read(cut_upright(pixels, line))
        return _Read(reading.text, line) if reading.least >= LEAST_SURE else None

    def _standing(self, pixels: Pixels, column: TextLine) -> tuple[Code, ...]:
        """A column of letters, or a line that is turned by a quarter either way."""
        letters = laid_side_by_side(cut_upright(pixels, column))
        pictures = [*([letters] if letters is not None else []), *(cut_upright(pixels, column, n) for n in (1, 3))]
        for picture in pictures:
            reading = self._reader.read(picture)
            codes = parse_container([" ".join(bare(reading.text))]) if reading.least >= LEAST_SURE else ()
            if codes:
                return codes
        return ()


def views_of(width: int, height: int, is_closer: bool) -> tuple[Box, ...]:
    """What a look at a frame looks at: the whole of it, and overlapping quarters where it is to see more."""
    if not is_closer or min(width, height) < 480:
        return (whole(width, height),)
    w, h = round(width * 0.6), round(height * 0.6)
    quarters = (Box(x, y, x + w, y + h) for y in (0, height - h) for x in (0, width - w))
    return (whole(width, height), *quarters)


def _elected(ballot: Ballot, looks: Sequence[tuple[Code, ...]], at_s: float) -> tuple[Code, ...]:
    for codes in looks:
        ballot.cast([code.value for code in codes], at_s)
    seen = dict.fromkeys(code for codes in looks for code in codes)
    return tuple(code for code in seen if ballot.elects(code.value))


def _is_legible(line: TextLine) -> bool:
    return line.height_px >= _LOWEST_PX and line.length_px <= _LONGEST * line.height_px


def _on_its_head(half: Pixels) -> Pixels:
    return np.ascontiguousarray(half[::-1, ::-1])


def _sharpened(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.addWeighted(pixels, 1.8, cv2.GaussianBlur(pixels, (0, 0), 1.5), -0.8, 0), np.uint8)


def _softened(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 0.8), np.uint8)


_PREPARED: dict[_Look, Callable[[Pixels], Pixels]] = {
    _Look.PLAIN: lambda pixels: pixels,
    _Look.CLOSER: _sharpened,
    _Look.SOFTER: _softened,
}
