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
from lapel.infer.centerface import Faces, overlaps
from lapel.infer.face_looks import FaceLooker, Growth, Manner, View, joined

# Each a kind of look that adds to what others say.
SCALES = (0.8, 1.3, 2.2, 3.1)
FEWER_SCALES = (0.8, 2.2)
# Below the first a score is no evidence; below the next it confirms faces of other looks, and is none itself. What is
# taken for a face in the shrunk picture is large: at .1 there a third more of what is no head was destroyed in crowds.
_LEAST_EVIDENCE, _LEAST_SCORE, _LEAST_SHRUNK_SCORE = 0.05, 0.1, 0.3
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
_INNER_AREA = 2.5
# What grows beyond heads is little with few faces, and most of the picture in a crowd: there areas are closer, and
# faces, each seen in many looks, have to be surer.
GROWTH, CROWD_GROWTH = Growth(0.7, 0.2, 0.55, rim_px=2), Growth(0.45, 0.08, 0.3)
CROWD_FACES, _CROWD_NEEDED = 35, 1.4


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Faces that looks see, and for each the sum f32[n] of the best scores that looks of every kind give its place."""

    faces: Faces
    sums: NDArray[np.float32]


def found(looker: FaceLooker, pixels: Pixels, scales: tuple[float, ...]) -> tuple[Faces, Growth]:
    """Faces of RGB u8[h, w, 3] in its pixels, each once, and how far heads about them are destroyed."""
    views = looker.views(pixels, scales)
    looks = {(view, Manner.PLAIN): looker.look(pixels, view, _LEAST_EVIDENCE) for view in views}
    centres = _unsure(_weighed(looks))
    for view in views:
        if _holds_any(view, centres):
            for manner in (Manner.MIRRORED, Manner.BRIGHTENED):
                looks[view, manner] = looker.look(pixels, view, _LEAST_EVIDENCE, manner)
    evidence = _weighed(looks)
    sure = merged(_taken(evidence, np.full(len(evidence.sums), _CROWD_NEEDED, np.float32)))
    if len(sure.boxes) >= CROWD_FACES:
        return sure, CROWD_GROWTH
    return merged(_taken(evidence, needed(evidence))), GROWTH


def needed(evidence: Evidence) -> NDArray[np.float32]:
    """What scores have to add up to for each face to be destroyed: f32[n]."""
    is_company = ((evidence.faces.scores >= _DOUBTLESS_SCORE) & (evidence.sums >= _DOUBTLESS_SUM)).any()
    table = _NEEDED_IN_COMPANY if is_company else _NEEDED
    heights = evidence.faces.boxes[:, 3] - evidence.faces.boxes[:, 1]
    return np.asarray(table[np.searchsorted(_HEIGHTS_PX, heights, side="right")], np.float32)


def weighed(kinds: Sequence[Faces], least_scores: Sequence[float]) -> Evidence:
    """Faces that any of some kinds of looks see at its least score, and the sums of each kind's best score there."""
    seen = [
        Faces(faces.boxes[faces.scores >= least], faces.scores[faces.scores >= least])
        for faces, least in zip(kinds, least_scores, strict=True)
    ]
    sums = [faces.scores.copy() for faces in seen]
    for i, faces in enumerate(seen):
        for j, others in enumerate(kinds):
            if i != j and len(others.scores):
                is_there = overlaps(faces.boxes, others.boxes) > _SAME_PLACE
                sums[i] += np.where(is_there, others.scores, 0).max(axis=1, initial=0)
    return Evidence(joined(seen), np.concatenate([np.empty(0, np.float32), *sums]))


def merged(faces: Faces) -> Faces:
    """Each face once, by falling score, its box the mean of those that nearly agree; what lies inside of it is it."""
    order = np.argsort(-faces.scores, kind="stable")
    boxes, scores = faces.boxes[order], faces.scores[order]
    centres, areas = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    alive, kept, means = np.ones(len(boxes), np.bool_), [], []
    for i, box in enumerate(boxes):
        if not alive[i]:
            continue
        overlap = overlaps(box[None], boxes)[0]
        alike = overlap >= _SAME_BOX
        means.append(np.average(boxes[alike], axis=0, weights=scores[alike]))
        kept.append(i)
        is_inside = ((centres > box[:2]) & (centres < box[2:])).all(axis=1) & (areas < _INNER_AREA * areas[i])
        alive &= (overlap < _SAME_FACE) & ~is_inside
    return Faces(np.array(means, np.float32).reshape(-1, 4), scores[kept])


def _weighed(looks: dict[tuple[View, Manner], Faces]) -> Evidence:
    kinds: dict[tuple[int, bool, Manner], list[Faces]] = {}
    for (view, manner), faces in looks.items():
        kinds.setdefault((view.box.width, view.is_small, manner), []).append(faces)
    least = [_LEAST_SHRUNK_SCORE if is_small else _UNSURE_SCORE for _, is_small, _ in kinds]
    return weighed([joined(each) for each in kinds.values()], least)


def _taken(evidence: Evidence, least: NDArray[np.float32]) -> Faces:
    is_face = (evidence.sums >= least) & (evidence.faces.scores >= _LEAST_SCORE)
    return Faces(evidence.faces.boxes[is_face], evidence.faces.scores[is_face])


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
