"""Where things may be that the detector has no word for: class-agnostic proposals, a few a frame."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box
from lapel.core.things import Kind, Origin, Pixels, Thing
from lapel.infer.quads import quads
from lapel.infer.regions import Regions, covered_share, distinct, gathered
from lapel.infer.salient import salient_regions

# A proposal is left out when more of it than this shows people or was destroyed.
MOST_COVERED = 0.25
# Two looks that overlap by more show the same.
_SAME_IOU = 0.55
# A look at nearly the whole frame is the whole-frame look.
_LARGEST_SHARE = 0.75
# Quads and regions are sought in a picture of at most so many pixels a side; an integer step keeps shrinking cheap.
_WORKING_PX = 640


class Proposer:
    """Proposes at most ``budget`` boxes a frame: the detector's unsure boxes, four-sided things, what stands out.

    ``least_side_px``: smaller things are not proposed, since no look would be spent on them.
    """

    def __init__(self, budget: int, least_side_px: int = 32) -> None:
        self.budget = budget
        self.least_side_px = least_side_px

    def propose(
        self, canvas: Pixels, forbidden: NDArray[np.bool_], unsure: Regions, taken: tuple[Box, ...]
    ) -> tuple[Thing, ...]:
        """Things of ``Origin.PROPOSAL`` on a canvas RGB u8[h, w, 3], the worthiest first; ``score`` is their worth.

        ``forbidden`` bool[h, w]: people and destroyed areas, of which at most ``MOST_COVERED`` of a proposal may
        consist; ``unsure``: boxes of no person, worth their score, class ignored; ``taken``: boxes that are looked
        at anyway.
        """
        height, width = canvas.shape[:2]
        found = self._regions(canvas, unsure).within(width, height)
        sides = found.boxes[:, 2:] - found.boxes[:, :2]
        found = found.only(
            (sides.min(axis=1) >= self.least_side_px)
            & (sides.prod(axis=1) <= _LARGEST_SHARE * height * width)
            & (covered_share(found.boxes, forbidden) <= MOST_COVERED)
        )
        others = np.array([(box.x0, box.y0, box.x1, box.y1) for box in taken], np.float32).reshape(-1, 4)
        chosen = distinct(found, self.budget, others, _SAME_IOU)
        return tuple(
            Thing(Kind.OTHER, Box(*(int(v) for v in box)), float(worth), Origin.PROPOSAL)
            for box, worth in zip(chosen.boxes.tolist(), chosen.worth, strict=True)
        )

    def _regions(self, canvas: Pixels, unsure: Regions) -> Regions:
        """All candidates, their worths on one scale: the share of one-thing boxes among each source's boxes of a
        worth, as measured on pictures. It is forgiving: half or twice a weight changes few choices."""
        height, width = canvas.shape[:2]
        step = max(1, -(-max(height, width) // _WORKING_PX))
        small = canvas
        if step > 1:
            size = (width // step, height // step)
            small = np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.uint8)
        four_sided = quads(small, self.least_side_px / step)
        standing_out = salient_regions(small)
        return gathered(
            (
                Regions(unsure.boxes, 0.9 * unsure.worth),
                Regions(four_sided.boxes * step, 0.55 * four_sided.scores**2),
                Regions(standing_out.boxes * step, 0.03 + 0.05 * standing_out.worth),
            )
        )
