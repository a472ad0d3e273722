"""From how alike two things look to a decision: evidence, of which 1 is the threshold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike a sighting and an entry look: the entry's best reference speaks for it.

    ``similarity`` cosine -1..1 of the descriptors; ``inliers`` >= 0 and ``share`` 0..1 of the reference's own
    local features that lie on the sighting in one motion.
    """

    similarity: float
    inliers: int
    share: float


@dataclass(frozen=True, slots=True)
class Rule:
    """When a likeness is enough. Margins are over the second-best entry, which is a cohort for the best.

    ``inlier_margin`` inliers more than any other entry are evidence 1, provided that they are at least
    ``least_share`` of the reference (else a background both pictures share would do);
    ``similarity_margin`` of cosine more than any other entry is evidence 1, too; None: cosines never decide.
    """

    inlier_margin: float
    least_share: float
    similarity_margin: float | None


# In video a thing is looked at again within a quarter of a second: geometry alone decides. Unlisted shots
# of the street clip give at most 6 inliers, a listed bicycle at least 160.
WATCHING = Rule(inlier_margin=20.0, least_share=0.08, similarity_margin=None)

# A still is one look. Constants measured by leave-one-source-out on 17 listed things, 61 unlisted pictures.
STILL = Rule(inlier_margin=40.0, least_share=0.05, similarity_margin=0.15)


def evidence(likenesses: tuple[Likeness, ...], rule: Rule) -> tuple[float, ...]:
    """Evidence of each entry against the best of the others; 1 and more is a hit, and at most one entry has it."""
    inliers = [float(like.inliers) if like.share >= rule.least_share else 0.0 for like in likenesses]
    found = [margin / rule.inlier_margin for margin in _margins(inliers, floor=0.0)]
    if rule.similarity_margin is None:
        return tuple(found)
    cosines = _margins([like.similarity for like in likenesses], floor=0.5)
    return tuple(
        max(by_place, cosine / rule.similarity_margin) for by_place, cosine in zip(found, cosines, strict=True)
    )


def _margins(values: list[float], floor: float) -> list[float]:
    """How far each value is above the highest of the others, or above ``floor`` where that is higher."""
    order = sorted(range(len(values)), key=lambda i: -values[i])
    best = values[order[0]] if order else floor
    second = values[order[1]] if len(order) > 1 else floor
    return [value - max(floor, second if i == order[0] else best) for i, value in enumerate(values)]
