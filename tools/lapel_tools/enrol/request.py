"""What an administrator asks to have listed, and the parts that enrolment works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lapel.core.gallery import made_by
from lapel.core.geometry import Box
from lapel.core.things import Entry, Frame
from lapel.ports import Embedder, LocalFeatures
from lapel_tools.enrol.people import PeopleMeter


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A picture of the thing: a file, or a frame whose faces are destroyed already.

    ``outline`` (a box in the picture's pixels) or ``mask`` (bool[h, w], as large as the picture) says where the
    thing is; without either, the whole picture is taken for the thing, and its background will match too.
    """

    name: str
    source: Path | Frame
    outline: Box | None = None
    mask: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class EnrolmentRequest:
    """One thing to list: its terms, and its pictures. An entry with codes needs no picture."""

    entry: Entry
    photos: tuple[Photo, ...]


@dataclass(frozen=True, slots=True, eq=False)
class EnrolmentTools:
    """The parts of the production path. ``read`` gives a picture file as a frame without faces (MediaError if it
    cannot); ``today`` is the UTC date on which expiry is judged."""

    read: Callable[[Path], Frame]
    people: PeopleMeter
    embedder: Embedder
    features: LocalFeatures
    today: date

    @property
    def model_sha256(self) -> str:
        """Names the models that a list made with these tools is made by."""
        return made_by(self.embedder.model_sha256, self.features.model_sha256)
