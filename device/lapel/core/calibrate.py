"""From how alike two things look to a decision: evidence, of which 1 is the threshold."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass

LEAST_RESEMBLANCE = 0.3
"""A thing seen from the side resembles its reference little where the two are not flat; its details still count."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike a sighting and an entry look: the entry's best reference speaks for it.

    ``similarity`` cosine -1..1 of the descriptors; ``inliers`` >= 0 and ``share`` 0..1 of the reference's own
    local features that lie on the sighting in one motion; ``resemblance`` 0..1 of what the two show when they lie on
    each other, in print and in colour; ``printed`` >= 0 corners of the reference's print that lie on the sighting,
    weighed by how alike what they enclose is. By a rule that says ``in_middle`` share and corners are less where few
    of them are in the reference's middle.
    """

    similarity: float
    inliers: int
    share: float
    resemblance: float = 1.0
    printed: float = 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    """When a likeness is enough.

    Geometry: ``inlier_margin`` inliers more than half of what any other entry has are evidence 1; inliers that are
    less than ``full_share`` of the reference count in proportion, since a background or a maker's mark that two
    pictures share gives many, and a small part of the reference; and all of them in proportion to the resemblance.
    Of the corners of a print that lie on the sighting ``a_corner`` each is added to them; they are looked for in its
    middle, too, and those of the ``closer`` best references once more from near. Where it says ``in_middle``, what
    agrees around the middle of a reference counts little: the same shelf may stand behind another thing.
    Descriptor: ``similarity_margin`` of cosine more than any other entry, and ``least_similarity``, are evidence
    1, too; a margin of None means that cosines never decide.
    """

    inlier_margin: float
    full_share: float
    similarity_margin: float | None
    least_similarity: float = 0.0
    a_corner: float = 0.5
    closer: int = 2
    in_middle: bool = False


# In video a thing is looked at again within half a second: geometry alone decides. Labels of one template share most
# corners, which are twice as many as details: counted whole, a list of one drawn thing breaks the usual budget. A
# thing that is followed is cut out and may be seen in part, so that its middle says nothing.
WATCHING = Rule(inlier_margin=35.0, full_share=0.1, similarity_margin=None)

EVIDENCE = 1
"""To be raised by hand with every change by which the same looks get other evidence by the same rule: in how evidence
is summed, in what is compared with a reference and how often, in how details, corners and colours are found and
weighed. Lists are to be calibrated anew then, as they are by themselves where a figure of the rule changes."""


def mark_of(rule: Rule) -> str:
    """What says by which rule, and by which evidence, a list was measured: the same on every machine."""
    return hashlib.sha256(repr((EVIDENCE, *astuple(rule))).encode()).hexdigest()[:16]


# A still is one look, at a whole picture. Measured on 82 pictures of 17 listed things and 140 pictures without one: no
# wrong entry, none of 140 hit, and 61 of 82 found (lapel-admin evaluate --part instances).
STILL = Rule(
    inlier_margin=35.0,
    full_share=0.25,
    similarity_margin=0.1,
    least_similarity=0.735,
    a_corner=1.0,
    closer=4,
    in_middle=True,
)

# How much more cosine than the least doubles the evidence.
_SIMILARITY_STEP = 0.1
# Look-alikes on one list share most of their details, and one of them may be right: it has to have half of them more
# than it shares, and so much more than the second best.
_OTHERS_SHARE = 0.5
_AHEAD = 0.3


def evidence(likenesses: tuple[Likeness, ...], rule: Rule) -> tuple[float, ...]:
    """Evidence of each entry against the best of the others; 1 and more is a hit.

    Geometry and descriptor may each name an entry, and not the same one: whoever has more of it stands first.
    """
    by_place = _by_place([lying(like, rule) for like in likenesses], rule.inlier_margin)
    if rule.similarity_margin is None:
        return tuple(by_place)
    found = []
    margins = _margins([like.similarity for like in likenesses], floor=0.5)
    for like, placed, margin in zip(likenesses, by_place, margins, strict=True):
        level = 1 + (like.similarity - rule.least_similarity) / _SIMILARITY_STEP
        found.append(max(placed, min(margin / rule.similarity_margin, level)))
    return tuple(found)


def lying(like: Likeness, rule: Rule) -> float:
    """All that lies on the sighting: details and corners of the print, as the rule weighs them."""
    return details(like, rule) + rule.a_corner * like.printed


def details(like: Likeness, rule: Rule) -> float:
    """The local features that lie on the sighting, as the rule weighs them."""
    return like.inliers * min(1.0, like.share / rule.full_share) * max(LEAST_RESEMBLANCE, like.resemblance)


def _by_place(lying: list[float], wanted: float) -> list[float]:
    """Evidence of details that lie on the sighting: they must be many, and clearly more than any other entry's."""
    return [
        min((own - _OTHERS_SHARE * other) / wanted, (own / other - 1) / _AHEAD if other else float("inf"))
        for own, other in zip(lying, _best_others(lying, floor=0.0), strict=True)
    ]


def _margins(values: list[float], floor: float) -> list[float]:
    """How far each value is above the highest of the others, or above ``floor`` where that is higher."""
    return [own - other for own, other in zip(values, _best_others(values, floor), strict=True)]


def _best_others(values: list[float], floor: float) -> list[float]:
    """For each value the highest of the others, or ``floor`` where that is higher."""
    order = sorted(range(len(values)), key=lambda i: -values[i])
    best = values[order[0]] if order else floor
    second = values[order[1]] if len(order) > 1 else floor
    return [max(floor, second if i == order[0] else best) for i in range(len(values))]
