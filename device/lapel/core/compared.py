"""What a look was compared with: an entry's reference, and all that lies on the sighting. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lapel.core.agreement import Agreement
from lapel.core.calibrate import Likeness
from lapel.core.geometry import Box
from lapel.core.things import Entry, Geometry, Reference, Sighting


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """An entry's best reference for a sighting, and its place in the list: of a long list each is read once a look."""

    entry: Entry
    place: int
    reference: Reference
    likeness: Likeness
    geometry: Geometry | None
    print: Agreement | None = None

    @property
    def agreeing(self) -> float:
        """All that lies on the sighting: details and corners of the print."""
        return self.likeness.inliers + self.likeness.printed


def better(one: Compared | None, other: Compared) -> Compared:
    """The reference that speaks for an entry: of which more lies on the sighting; the closer one where nothing does.

    The entry's cosine is the best of all its references, since the two kinds of likeness speak apart.
    """
    if one is None:
        return other
    first, second = sorted((one, other), key=lambda c: (-c.agreeing, -c.likeness.similarity))
    closest = max(first.likeness.similarity, second.likeness.similarity)
    return replace(first, likeness=replace(first.likeness, similarity=closest))


def in_frame(one: Compared, sighting: Sighting) -> Box:
    """Where the reference's outline lies in the frame; the sighting's own box where nothing says."""
    lies = one.geometry or one.print
    if lies is None:
        return sighting.box
    seen = lies.box.shifted(sighting.box.x0, sighting.box.y0).intersection(sighting.frame_box)
    return seen if seen.area else sighting.box
