"""What one line of text says: PP-OCRv4's reader on a line cut upright."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.things import Pixels
from lapel.infer.manifest import ModelStore
from lapel.infer.text_lines import TextLine

_SIGNED_UNIT = 127.5
_GREY = 128
# Lines that are longer than the reader's input are squeezed up to this; beyond, they are read in pieces.
_MOST_SQUEEZED = 1.4
# The network's marks are tight at the ends of a line; a little more of it keeps the first and last character whole.
_MARGIN = 0.12


@dataclass(frozen=True, slots=True)
class Reading:
    """What a line says, and the least sure of its characters, 0..1. Never printed: it may be anything."""

    text: str = field(repr=False)
    least: float


class LineReader:
    """Reads lines of printable ASCII."""

    def __init__(self, store: ModelStore) -> None:
        self._model = store.open("text_reader")
        self._signs = store.signs("text_reader")

    def read(self, picture: Pixels) -> Reading:
        """What RGB u8[h, w, 3] that holds one lying line says."""
        _, high, wide, _ = self._model.input.shape
        parts = _parts(picture, wide / high)
        readings = [self._one(part) for part in parts]
        return Reading(" ".join(r.text for r in readings if r.text), min(r.least for r in readings))

    def _one(self, picture: Pixels) -> Reading:
        _, high, wide, _ = self._model.input.shape
        across = min(wide, max(8, round(picture.shape[1] * high / picture.shape[0])))
        how = cv2.INTER_AREA if picture.shape[0] > high else cv2.INTER_CUBIC
        canvas = np.full((high, wide, 3), _GREY, np.uint8)
        canvas[:, :across] = cv2.resize(picture, (across, high), interpolation=how)
        (logits,) = self._model.invoke(canvas[None].astype(np.float32) / _SIGNED_UNIT - 1)
        return decoded(logits[0], self._signs)


def decoded(logits: NDArray[np.float32], signs: str) -> Reading:
    """Greedy CTC of logits f32[columns, 1 + signs]: repeats merged, then blanks (output 0) dropped."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    sure = shifted.max(axis=1) / shifted.sum(axis=1)
    best = logits.argmax(axis=1)
    text, least, before = [], 1.0, 0
    for column, output in enumerate(best):
        if output and output != before:
            text.append(signs[output - 1])
            peak = float(sure[column])
            if signs[output - 1] != " ":
                least = min(least, peak)
        before = int(output)
    return Reading("".join(text).strip(), least if text else 0.0)


def cut_upright(pixels: Pixels, line: TextLine, quarter_turns: int = 0) -> Pixels:
    """A line cut out of RGB u8[h, w, 3] so that it lies; ``quarter_turns`` of a standing one, counter-clockwise."""
    long, high = max(4, round(line.length_px)), max(4, round(line.height_px))
    grow = _MARGIN * min(long, high) / 2
    target = np.array([[grow, grow], [long + grow, grow], [long + grow, high + grow], [grow, high + grow]], np.float32)
    motion = cv2.getPerspectiveTransform(line.corners.astype(np.float32), target)
    size = (round(long + 2 * grow), round(high + 2 * grow))
    cut = cv2.warpPerspective(pixels, motion, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(np.rot90(cut, quarter_turns))


def _parts(picture: Pixels, aspect: float) -> list[Pixels]:
    """The line whole, or cut at its widest gaps so that every part fits the reader."""
    if picture.shape[1] <= picture.shape[0] * aspect * _MOST_SQUEEZED:
        return [picture]
    at = _widest_gap(picture)
    return [*_parts(picture[:, :at], aspect), *_parts(picture[:, at:], aspect)]


def _widest_gap(picture: Pixels) -> int:
    """The column amid the widest stretch without ink in the middle half of a line."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    ink = np.abs(np.diff(grey, axis=0)).mean(axis=0)
    high, width = picture.shape[:2]
    smooth = np.convolve(ink, np.ones(max(3, high // 3)) / max(3, high // 3), mode="same")
    low, top = int(width // 4), int(width - width // 4)
    return low + int(np.argmin(smooth[low:top]))
