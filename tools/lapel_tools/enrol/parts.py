"""The parts that enrolment works with on this machine: the device's own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from lapel.capture.still import redact_still
from lapel.core.calibrate import WATCHING
from lapel.core.gallery import Gallery
from lapel.core.geometry import Box
from lapel.core.things import Frame, Pixels
from lapel.infer.detector import PERSON, people_share
from lapel.infer.finders import SureFaceFinder, for_stills
from lapel.infer.manifest import ModelStore
from lapel.ports import Watchlist
from lapel.wiring.seeing import Seeing
from lapel_tools.enrol.plate_share import PlateMeter
from lapel_tools.enrol.request import EnrolmentTools
from lapel_tools.enrol.trials import Watch
from lapel_tools.synth.things import render

_SURE_OF_A_FACE = 0.6
_DRAWN_FROM, _DRAWN = 5000, 24
"""Seeds of drawn things that nobody lists, far from those that a demonstration draws."""


def enrolment_tools(seeing: Seeing, today: date) -> EnrolmentTools:
    """Enrolment with the parts that a device sees by."""

    finders = for_stills(seeing.models)

    def read(path: Path) -> Frame:
        return redact_still(path, finders)

    return EnrolmentTools(read, ModelPeopleMeter(seeing.models), seeing.embedder, seeing.features, today)


def as_a_watch(seeing: Seeing, today: date) -> Watch:
    """Lists opened as a device opens them, that decide as a watch does."""

    def watch(gallery: Gallery) -> Watchlist:
        return seeing.recall(gallery, WATCHING, lambda: today)

    return watch


def drawn_distractors() -> tuple[Pixels, ...]:
    """Pictures of things that cannot be met, RGB u8[h, w, 3]: whatever they hit, they hit falsely."""
    return tuple(render(seed, view=1).pixels for seed in range(_DRAWN_FROM, _DRAWN_FROM + _DRAWN))


class ModelPeopleMeter:
    """Measures people and plates with the device's finders (port PeopleMeter)."""

    def __init__(self, models: ModelStore) -> None:
        self._faces = SureFaceFinder(models, _SURE_OF_A_FACE)
        self._detector = models.open("detector")
        self._plates = PlateMeter(models)
        (self._person,) = models.card("detector").classes_of((PERSON,))

    def confident_faces(self, picture: Path) -> tuple[Box, ...]:
        """Faces that the finder is sure of. Raw pixels stay inside capture: rectangles alone come back."""
        return redact_still(picture, (self._faces,)).destroyed

    def people_share(self, pixels: Pixels, least_score: float) -> float:
        """The share of the picture inside person boxes of at least that score."""
        return people_share(self._detector, pixels, least_score, self._person)

    def plate_share(self, pixels: Pixels) -> float:
        """The share of the picture that is a plate."""
        return self._plates.share(pixels)
