"""Distractors that ship with Lapel: things that nobody can have listed, since the project drew them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lapel.core.things import Sighting
from lapel_tools.calibrate.episodes import whole_look
from lapel_tools.progress import Progress
from lapel_tools.synth.scene import worsened
from lapel_tools.synth.things import render

WHAT_IS_SHIPPED = "drawn things"
FIRST_SEED = 500_000
_VIEWS = 7
_SEED = 17


def shipped_looks(things: int, progress: Progress) -> Iterator[Sighting]:
    """Looks at so many drawn things, at an angle, smaller, less sharp and in other light; the same at every call."""
    random = np.random.default_rng(_SEED)
    for number in progress.each(range(things), "drawn"):
        thing = render(FIRST_SEED + number, view=1 + number % _VIEWS)
        yield whole_look(worsened(thing.pixels, random))
