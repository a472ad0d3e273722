"""What looks at a stream said of places in its last frames, so that a face need not be clear in each of them. Pure.

A small, dark or smeared face gives a look a score that things give as well. Where a face was a moment ago such a score
is enough; elsewhere it earns the place a closer look, one a frame. Only rectangles and scores are kept, only here, and
they are for destroying. Figures: models/face.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lapel.infer.centerface import Faces, overlaps

# Below it a score is no evidence at all.
LEAST_SCORE = 0.08
# Of the shrunk picture, where what is taken for a face is large, more is asked: for a face where one was, and to look
# closer.
_LEAST_SMALL_SCORE, _UNSURE_SMALL_SCORE = 0.12, 0.15
# What a closer look has to say by itself, and what it has to come to together with the look that it was taken for.
_CLOSER_SCORE, _CLOSER_SUM = 0.3, 0.45
# Boxes at one place: heads move by less between frames, and looks at one of them differ.
_SAME_PLACE = 0.3
# For how many frames a face is remembered, from which on of them it is looked for closely, how long a place is unsure,
# and how long none is looked at again.
_FACE_FRAMES, _LOST_FRAMES, _UNSURE_FRAMES, _REST_FRAMES = 16, 3, 4, 8


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where something was seen: ``faces``, and for each how many frames ago, i64[n]."""

    faces: Faces
    ages: NDArray[np.int64]

    def later(self, most: int) -> Places:
        """A frame later, without what is older than so many frames."""
        return self._only(self.ages < most, 1)

    def apart_from(self, boxes: NDArray[np.float32]) -> Places:
        """Without those at the places of boxes f32[k, 4]."""
        return self._only(~is_at(self.faces.boxes, boxes))

    def since(self, age: int) -> Places:
        """Those that were seen so many frames ago and more."""
        return self._only(self.ages >= age)

    def and_now(self, faces: Faces) -> Places:
        """With what is seen now, which comes first."""
        boxes = np.concatenate([faces.boxes, self.faces.boxes])
        scores = np.concatenate([faces.scores, self.faces.scores])
        return Places(Faces(boxes, scores), np.concatenate([np.zeros(len(faces.scores), np.int64), self.ages]))

    def _only(self, chosen: NDArray[np.bool_], later: int = 0) -> Places:
        return Places(Faces(self.faces.boxes[chosen], self.faces.scores[chosen]), self.ages[chosen] + later)


NOWHERE = Places(Faces(np.empty((0, 4), np.float32), np.empty(0, np.float32)), np.empty(0, np.int64))


class Attention:
    """To be asked in each frame: ``believed`` of each look, ``place``, ``confirmed`` of a look there, ``remember``."""

    def __init__(self) -> None:
        self._found = self._unsure = self._rested = NOWHERE

    def believed(self, look: Faces, sure_score: float, *, is_small: bool) -> Faces:
        """Of a look's faces, from ``LEAST_SCORE`` on, those that are sure, or are where one was a moment ago."""
        least, unsure = (_LEAST_SMALL_SCORE, _UNSURE_SMALL_SCORE) if is_small else (LEAST_SCORE, LEAST_SCORE)
        is_known = is_at(look.boxes, self._found.faces.boxes) & (look.scores >= least)
        is_face = is_known | (look.scores >= sure_score)
        self._unsure = self._unsure.and_now(chosen(look, ~is_face & (look.scores >= unsure)))
        return chosen(look, is_face)

    def place(self, found: Sequence[Faces]) -> NDArray[np.float32] | None:
        """Where to look closer, f32[4], after some faces were found in a frame: where one was lost, or is likeliest."""
        boxes = np.concatenate([NOWHERE.faces.boxes, *(faces.boxes for faces in found)])
        self._unsure = self._unsure.apart_from(boxes)
        lost = self._found.since(_LOST_FRAMES).apart_from(boxes)
        rested = self._rested.faces.boxes
        for waiting in (lost.apart_from(rested), self._unsure.apart_from(rested)):
            if len(waiting.ages):
                best = int(waiting.faces.scores.argmax())
                self._rested = self._rested.and_now(chosen(waiting.faces, np.arange(len(waiting.ages)) == best))
                return np.asarray(waiting.faces.boxes[best], np.float32)
        return None

    def confirmed(self, look: Faces) -> Faces:
        """Of a closer look's faces, those that it is sure of, by itself, with what other looks say, or for the past."""
        sums, unsure = look.scores.copy(), self._unsure.faces
        if len(unsure.scores):
            at_it = overlaps(look.boxes, unsure.boxes) > _SAME_PLACE
            sums += np.where(at_it, unsure.scores, 0).max(axis=1, initial=0)
        is_known = is_at(look.boxes, self._found.faces.boxes) & (look.scores >= _LEAST_SMALL_SCORE)
        return chosen(look, is_known | (look.scores >= _CLOSER_SCORE) | (sums >= _CLOSER_SUM))

    def remember(self, found: Faces) -> None:
        """All faces of a frame, each once: the next frame comes."""
        self._found = self._found.apart_from(found.boxes).and_now(found).later(_FACE_FRAMES)
        self._unsure = self._unsure.later(_UNSURE_FRAMES)
        self._rested = self._rested.later(_REST_FRAMES)


def is_at(boxes: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether each of boxes f32[n, 4] is at the place of any of others f32[k, 4]: bool[n]."""
    return np.asarray(overlaps(boxes, others).max(axis=1, initial=0) > _SAME_PLACE, np.bool_)


def chosen(faces: Faces, which: NDArray[np.bool_]) -> Faces:
    """Some of the faces."""
    return Faces(faces.boxes[which], faces.scores[which])
