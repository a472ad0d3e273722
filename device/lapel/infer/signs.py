"""Reads the signs of dangerous goods: what stands on squares on a corner is compared with the drawn pictograms."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.ballot import Ballot
from lapel.core.codes import Code, CodeKind
from lapel.core.geometry import Box
from lapel.core.things import Frame, Pixels
from lapel.infer.diamonds import FACE_PX, MARGIN_PX, diamonds_in
from lapel.infer.pictograms import SIDE_PX, signs

LEAST_ALIKE, LEAST_MARGIN, LEAST_TOGETHER = 0.7, 0.07, 0.84
"""Correlation with a sign's nearest pictogram, how much more that is than with the nearest of any other sign, and the
first with half of the second. What is no sign had at most .68 and .15 in 268 real pictures."""
_LEAST_CONTRAST = 14.0  # grey levels, standard deviation: below it there is nothing on the face
# Which square of a sign the edges show: its rim (.98 of the drawing), or the inside of the rim of GHS or of ADR.
_RIMS = (0.98, 0.915, 0.84)
_COMPARED = 0.84  # of the face's reach: the rim itself is the same on all signs
_SHIFTS = tuple((dx, dy) for dy in (-2, -1, 0, 1, 2) for dx in (-2, -1, 0, 1, 2))


@dataclass(frozen=True, slots=True)
class Seen:
    """A face and the sign that it is most like: how alike, and how much more than any other sign."""

    sign: str
    alike: float
    margin: float
    box: Box

    @property
    def is_sure(self) -> bool:
        """Whether it may count."""
        is_like_one = self.alike >= LEAST_ALIKE and self.margin >= LEAST_MARGIN
        return is_like_one and self.alike + self.margin / 2 >= LEAST_TOGETHER


class SignReader:
    """Reads signs in frames (port CodeReader): two frames have to agree, or, ``is_still``, one picture is enough."""

    def __init__(self, is_still: bool = False) -> None:
        self._names, self._rows = _templates()
        self._ballot = Ballot()
        self._is_still = is_still

    def read(self, frame: Frame) -> tuple[Code, ...]:
        """Signs that enough looks agree on, each once."""
        sure = [seen for seen in self.seen(frame.pixels) if seen.is_sure and not seen.box.touches(frame.destroyed)]
        values = tuple(dict.fromkeys(seen.sign for seen in sure))
        elected = values if self._is_still else self._ballot.cast(values, frame.at_s)
        return tuple(Code(CodeKind.SIGN, value) for value in elected)

    def seen(self, pixels: Pixels) -> tuple[Seen, ...]:
        """Every square on a corner in RGB u8[h, w, 3] that shows anything, with the sign it is most like."""
        found = []
        for diamond in diamonds_in(pixels):
            looks = _looks(diamond.face)
            if looks is None:
                continue
            alike = (looks @ self._rows.T).max(axis=0)
            best = int(alike.argmax())
            others = [score for name, score in zip(self._names, alike, strict=True) if name != self._names[best]]
            found.append(Seen(self._names[best], float(alike[best]), float(alike[best] - max(others)), diamond.box))
        return tuple(found)


def _templates() -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Each pictogram as each of its squares would show it, as unit rows."""
    names, rows = [], []
    for sign in signs():
        for pictogram in sign.pictograms:
            drawn, _ = pictogram.draw()
            for rim in _RIMS:
                reach = SIDE_PX * rim / 2
                low, high = SIDE_PX / 2 - reach, SIDE_PX / 2 + reach
                part = drawn[round(low) : round(high), round(low) : round(high)]
                small = cv2.resize(part, (FACE_PX, FACE_PX), interpolation=cv2.INTER_AREA)
                row = _row(_soft(np.asarray(small, np.uint8)))
                if row is not None:
                    names.append(sign.code)
                    rows.append(row)
    return tuple(names), np.array(rows, np.float32)


def _looks(face: Pixels) -> NDArray[np.float32] | None:
    """The face, shifted each way, as unit rows f32[25, n]; None where it shows nothing."""
    rows, soft = [], _soft(face)
    for dx, dy in _SHIFTS:
        left, top = MARGIN_PX + dx, MARGIN_PX + dy
        row = _row(soft[top : top + FACE_PX, left : left + FACE_PX])
        if row is None:
            return None
        rows.append(row)
    return np.array(rows, np.float32)


def _soft(face: Pixels) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(face, (0, 0), 1.0), np.float32)


def _row(face: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """What is compared of a smoothed face f32[64, 64, 3]: the inside without its mean, of length 1."""
    inside = face[_INSIDE]
    centred = inside - inside.mean(axis=0)
    if float(centred.std()) < _LEAST_CONTRAST:
        return None
    return np.asarray((centred / np.linalg.norm(centred)).ravel(), np.float32)


def _inside() -> NDArray[np.bool_]:
    away = np.abs(np.arange(FACE_PX) + 0.5 - FACE_PX / 2)
    return np.asarray(away[:, None] + away[None] < _COMPARED * FACE_PX / 2, np.bool_)


_INSIDE = _inside()
