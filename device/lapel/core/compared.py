"""What a look was compared with: an entry's reference, and all that lies on the sighting. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lapel.core.agreement import Agreement
from lapel.core.calibrate import Likeness, Rule, details, lying
from lapel.core.geometry import Box
from lapel.core.outline import as_one_wide
from lapel.core.things import Entry, Geometry, Match, Reference, Sighting


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """An entry's best reference for a sighting, and its place in the list: of a long list each is read once a look."""

    entry: Entry
    place: int
    reference: Reference
    likeness: Likeness
    geometry: Geometry | None
    print: Agreement | None = None

    def with_print(self, found: Agreement | None, rule: Rule) -> Compared:
        """The same, with what of its print lies on the sighting, where that is not less than what was known of it."""
        if found is None:
            return self
        printed = found.corners * (found.in_middle if rule.in_middle else 1.0)
        if printed < self.likeness.printed:
            return self
        return replace(self, print=found, likeness=replace(self.likeness, printed=printed))

    def placed(self, rule: Rule) -> Geometry | Agreement | None:
        """What says how the reference lies on the sighting: its details or its print, as more of it does."""
        if self.geometry is None or self.print is None:
            return self.geometry or self.print
        by_print = rule.a_corner * self.likeness.printed
        return self.geometry if details(self.likeness, rule) >= by_print else self.print

    def motion(self, rule: Rule) -> NDArray[np.float64] | None:
        """The same as a homography f64[3, 3] of the reference, taken as one wide; None where nothing says."""
        lies = self.placed(rule)
        if lies is None or not lies.motion:
            return None
        motion = np.array(lies.motion).reshape(3, 3)
        return as_one_wide(motion, self.reference.features.width) if isinstance(lies, Geometry) else motion


def likeness(cosine: float, geometry: Geometry | None, rule: Rule) -> Likeness:
    """Before the two are laid on each other."""
    if geometry is None:
        return Likeness(cosine, 0, 0.0)
    share = geometry.share * (geometry.in_middle if rule.in_middle else 1.0)
    return Likeness(cosine, geometry.inliers, share, resemblance=0.0)


def better(one: Compared | None, other: Compared, rule: Rule) -> Compared:
    """The reference that speaks for an entry: of which more lies on the sighting; the closer one where nothing does.

    The entry's cosine is the best of all its references, since the two kinds of likeness speak apart.
    """
    if one is None:
        return other
    first, second = sorted((one, other), key=lambda c: (-lying(c.likeness, rule), -c.likeness.similarity))
    closest = max(first.likeness.similarity, second.likeness.similarity)
    return replace(first, likeness=replace(first.likeness, similarity=closest))


def best_of_each(compared: list[Compared], rule: Rule) -> tuple[Compared, ...]:
    """Of each entry the reference that speaks for it."""
    best: dict[str, Compared] = {}
    for one in compared:
        best[one.entry.id] = better(best.get(one.entry.id), one, rule)
    return tuple(best.values())


def likeliest(ordered: list[Compared], count: int) -> list[Compared]:
    """The first ``count``, half of them (two at least) of an entry each: one of many references crowds out none."""
    entries = {one.entry.id: one for one in reversed(ordered)}
    of_entries = [one for one in ordered if entries[one.entry.id] is one][: max(2, count // 2)]
    return (of_entries + [one for one in ordered if one not in of_entries])[:count]


def in_frame(one: Compared, sighting: Sighting, rule: Rule) -> Box:
    """Where the reference's outline lies in the frame; the sighting's own box where nothing says."""
    lies = one.placed(rule)
    if lies is None:
        return sighting.box
    seen = lies.box.shifted(sighting.box.x0, sighting.box.y0).intersection(sighting.frame_box)
    return seen if seen.area else sighting.box


def as_match(one: Compared, evidence: float, sighting: Sighting, rule: Rule) -> Match:
    """The row that it is on a candidate list."""
    motion = one.motion(rule)
    lies = () if motion is None else tuple(motion.ravel().tolist())
    return Match(
        one.entry, one.likeness.similarity, one.geometry, evidence, in_frame(one, sighting, rule), one.place, lies
    )
