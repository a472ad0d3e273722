"""Faces of a single picture, found by what many looks at it say together: at several scales, then again where unsure.

A small, dark, masked or turned face gives each look a score that things give as well, but it gives it at its place in
look after look, and things seldom do. So scores of looks of different kinds at one place are added up. Figures of the
limits: models/face.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lapel.core.things import Pixels
from lapel.infer.attention import chosen
from lapel.infer.centerface import Faces, overlaps
from lapel.infer.face_looks import FaceLooker, Growth, Manner, View, joined

# Each a kind of look that adds to what others say.
SCALES = (0.8, 1.3, 2.2, 3.1)
FEWER_SCALES = (0.8, 2.2)
# Below the first a score is no evidence; below the next it confirms faces of other looks, and is none itself. What is
# taken for a face in the shrunk picture is large: at .1 there a third more of what is no head was destroyed in crowds.
_LEAST_EVIDENCE, _LEAST_SCORE, _LEAST_SHRUNK_SCORE = 0.05, 0.1, 0.3
# Of its input's pixels: boxes of lower faces are often far too large there, or lie between two, and all other looks see
# them better.
_LEAST_SHRUNK_HEIGHT_PX = 16.0
# What scores have to add up to, by the height of the face's box in pixels: what is lost with a small area is little.
# Where one face is beyond doubt, others are likely, and less is asked of them. Of pictures of single things 7 times as
# much was destroyed before less was asked there alone, and of 50 things found in them 18 were lost.
_HEIGHTS_PX = np.array([9, 16, 40, 90])
_NEEDED = np.array([2.5, 1.0, 1.5, 2.0, 3.0], np.float32)
_NEEDED_IN_COMPANY = np.array([0.45, 0.45, 0.7, 1.2, 2.0], np.float32)
_DOUBTLESS_SCORE, _DOUBTLESS_SUM = 0.85, 3.0
# Where it is worth another look, mirrored and brightened.
_UNSURE_SCORE, _UNSURE_SUM = 0.08, 0.1
# Overlap of looks at one face: to add them up, to average their boxes, to destroy it once.
_SAME_PLACE, _SAME_BOX, _SAME_FACE = 0.3, 0.55, 0.4
_INNER_AREA = 4.0
# What grows beyond heads is little with few faces, and most of the picture in a crowd: there areas are closer, and
# faces, each seen in many looks, have to be surer. Closer they are as well where nearly every look is sure of a face:
# from .74 on of what all could give one of 813 pasted heads is no longer covered, from .78 on as many as before. Both
# are shares of that: fewer looks give a face less.
GROWTH, CLOSE_GROWTH = Growth(0.7, 0.2, 0.55, rim_px=2), Growth(0.45, 0.05, 0.3)
CROWD_FACES, _CROWD_SHARE = 28, 0.083
_PLAIN_SHARE = 0.78


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What all looks of one kind see. From a score and a height on it is a face of its own, below it confirms others.

    The network's input has one pixel for ``step_px`` of the picture's; edges of its boxes err by as much and more.
    """

    faces: Faces
    least_score: float
    step_px: float = 1.0
    least_height_px: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Faces that looks see; for each the sum f32[n] of the best scores that looks of every kind give its place, and
    how much its box counts beside others of the same face, f32[n]."""

    faces: Faces
    sums: NDArray[np.float32]
    weights: NDArray[np.float32]


def found(looker: FaceLooker, pixels: Pixels, scales: tuple[float, ...]) -> tuple[tuple[Faces, Growth], ...]:
    """Faces of RGB u8[h, w, 3] in its pixels, each once, by how far heads about them are destroyed."""
    views = looker.views(pixels, scales)
    looks = {(view, Manner.PLAIN): looker.look(pixels, view, _LEAST_EVIDENCE) for view in views}
    centres = _unsure(weighed(_kinds(looker, looks)))
    for view in views:
        if _holds_any(view, centres):
            for manner in (Manner.MIRRORED, Manner.BRIGHTENED):
                looks[view, manner] = looker.look(pixels, view, _LEAST_EVIDENCE, manner)
    kinds = _kinds(looker, looks)
    return grown(weighed(kinds), len(kinds))


def grown(evidence: Evidence, kinds: int) -> tuple[tuple[Faces, Growth], ...]:
    """Which faces that so many kinds of looks saw are destroyed, each once, by how far."""
    sure = merged(_taken(evidence, np.full(len(evidence.sums), _CROWD_SHARE * kinds, np.float32)))
    if len(sure.sums) >= CROWD_FACES:
        return ((sure.faces, CLOSE_GROWTH),)
    taken = merged(_taken(evidence, needed(evidence)))
    is_plain = taken.sums >= _PLAIN_SHARE * kinds
    return (chosen(taken.faces, is_plain), CLOSE_GROWTH), (chosen(taken.faces, ~is_plain), GROWTH)


def needed(evidence: Evidence) -> NDArray[np.float32]:
    """What scores have to add up to for each face to be destroyed: f32[n]."""
    is_company = ((evidence.faces.scores >= _DOUBTLESS_SCORE) & (evidence.sums >= _DOUBTLESS_SUM)).any()
    table = _NEEDED_IN_COMPANY if is_company else _NEEDED
    heights = evidence.faces.boxes[:, 3] - evidence.faces.boxes[:, 1]
    return np.asarray(table[np.searchsorted(_HEIGHTS_PX, heights, side="right")], np.float32)


def weighed(kinds: Sequence[Kind]) -> Evidence:
    """Faces that looks of any kind see for themselves, and the sums of each kind's best score there."""
    seen = [chosen(kind.faces, _is_own(kind)) for kind in kinds]
    sums = [faces.scores.copy() for faces in seen]
    for i, faces in enumerate(seen):
        for j, others in enumerate(kinds):
            if i != j and len(others.faces.scores):
                is_there = overlaps(faces.boxes, others.faces.boxes) > _SAME_PLACE
                sums[i] += np.where(is_there, others.faces.scores, 0).max(axis=1, initial=0)
    weights = [faces.scores / np.float32(kind.step_px) for kind, faces in zip(kinds, seen, strict=True)]
    none = np.empty(0, np.float32)
    return Evidence(joined(seen), np.concatenate([none, *sums]), np.concatenate([none, *weights]))


def merged(evidence: Evidence) -> Evidence:
    """Each face once, by falling score, its box the weighted mean of those that nearly agree; what has its middle
    inside of it is it, unless it is much larger."""
    ordered = _only(evidence, np.argsort(-evidence.faces.scores, kind="stable"))
    boxes, weights = ordered.faces.boxes, ordered.weights
    centres, areas = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    alive, kept, means = np.ones(len(boxes), np.bool_), [], []
    for i, box in enumerate(boxes):
        if not alive[i]:
            continue
        overlap = overlaps(box[None], boxes)[0]
        alike = overlap >= _SAME_BOX
        means.append(np.average(boxes[alike], axis=0, weights=weights[alike]))
        kept.append(i)
        is_inside = ((centres > box[:2]) & (centres < box[2:])).all(axis=1) & (areas < _INNER_AREA * areas[i])
        alive &= (overlap < _SAME_FACE) & ~is_inside
    best = _only(ordered, np.array(kept, np.intp))
    return Evidence(Faces(np.array(means, np.float32).reshape(-1, 4), best.faces.scores), best.sums, best.weights)


def _kinds(looker: FaceLooker, looks: dict[tuple[View, Manner], Faces]) -> list[Kind]:
    seen: dict[tuple[float, bool, Manner], list[Faces]] = {}
    for (view, manner), faces in looks.items():
        seen.setdefault((looker.step_px(view), view.is_small, manner), []).append(faces)
    return [_kind(joined(faces), step_px, is_small) for (step_px, is_small, _), faces in seen.items()]


def _kind(faces: Faces, step_px: float, is_small: bool) -> Kind:
    if is_small:
        return Kind(faces, _LEAST_SHRUNK_SCORE, step_px, _LEAST_SHRUNK_HEIGHT_PX * step_px)
    return Kind(faces, _UNSURE_SCORE, step_px)


def _is_own(kind: Kind) -> NDArray[np.bool_]:
    heights = kind.faces.boxes[:, 3] - kind.faces.boxes[:, 1]
    return np.asarray((kind.faces.scores >= kind.least_score) & (heights >= kind.least_height_px), np.bool_)


def _taken(evidence: Evidence, least: NDArray[np.float32]) -> Evidence:
    return _only(evidence, np.flatnonzero((evidence.sums >= least) & (evidence.faces.scores >= _LEAST_SCORE)))


def _only(evidence: Evidence, which: NDArray[np.intp]) -> Evidence:
    faces = Faces(evidence.faces.boxes[which], evidence.faces.scores[which])
    return Evidence(faces, evidence.sums[which], evidence.weights[which])


def _unsure(evidence: Evidence) -> NDArray[np.float32]:
    """Centres f32[n, 2] of what may be a face and is no part of one that is sure."""
    boxes = evidence.faces.boxes
    is_sure = evidence.sums >= needed(evidence)
    is_unsure = ~is_sure & (evidence.sums >= _UNSURE_SUM)
    is_unsure &= overlaps(boxes, boxes[is_sure]).max(axis=1, initial=0) < _SAME_PLACE
    return np.asarray((boxes[is_unsure, :2] + boxes[is_unsure, 2:]) / 2, np.float32)


def _holds_any(view: View, points: NDArray[np.float32]) -> bool:
    low, high = (view.box.x0, view.box.y0), (view.box.x1, view.box.y1)
    return bool(((points > low) & (points < high)).all(axis=1).any())
