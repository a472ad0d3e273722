"""The parts that enrolment works with on this machine: the device's own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from lapel.capture.still import redact_still
from lapel.core.geometry import Box
from lapel.core.things import Frame, Pixels
from lapel.infer.detector import PERSON, people_share
from lapel.infer.finders import FACE_GROWTH, FaceFinder, for_stills
from lapel.infer.manifest import ModelStore
from lapel.wiring.seeing import Seeing
from lapel_tools.enrol.request import EnrolmentTools

_SURE_OF_A_FACE = 0.6


def enrolment_tools(seeing: Seeing, today: date) -> EnrolmentTools:
    """Enrolment with the parts that a device sees by."""

    finders = for_stills(seeing.models)

    def read(path: Path) -> Frame:
        return redact_still(path, finders)

    return EnrolmentTools(read, ModelPeopleMeter(seeing.models), seeing.embedder, seeing.features, today)


class ModelPeopleMeter:
    """Measures people with the device's face finder and detector (port PeopleMeter)."""

    def __init__(self, models: ModelStore) -> None:
        self._faces = FaceFinder(models, _SURE_OF_A_FACE, is_fine=False)
        self._detector = models.open("detector")
        self._person = [label.lower() for label in models.card("detector").labels].index(PERSON)

    def confident_faces(self, picture: Path) -> tuple[Box, ...]:
        """Faces that the finder is sure of. Raw pixels stay inside capture: rectangles alone come back."""
        # The size of the face is asked, not of what has to be destroyed around it.
        return tuple(area.grown(1 / FACE_GROWTH) for area in redact_still(picture, (self._faces,)).destroyed)

    def people_share(self, pixels: Pixels, least_score: float) -> float:
        """The share of the picture inside person boxes of at least that score."""
        return people_share(self._detector, pixels, least_score, self._person)
