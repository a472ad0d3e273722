"""Models of a profile, joined to the parts that see: shared by the lookout, the bench and enrolment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import cv2
import numpy as np

from lapel.config.profile import Profile
from lapel.core.calibrate import Rule
from lapel.core.gallery import Gallery
from lapel.infer.detector import SsdDetector
from lapel.infer.embedder import TfliteEmbedder
from lapel.infer.features import SiftFeatures
from lapel.infer.finders import STILL_PERSON_SCORE, for_stills, watching
from lapel.infer.gallery_search import TfliteSearch
from lapel.infer.manifest import ModelStore
from lapel.infer.tflite import Runtime
from lapel.matching import Recall
from lapel.ports import Finder


@dataclass(frozen=True, slots=True)
class Seeing:
    """Everything that looks at pixels, loaded once. ``finders`` see raw ones, and only say what to destroy."""

    models: ModelStore
    runtime: Runtime
    finders: tuple[Finder, ...]
    detector: SsdDetector
    embedder: TfliteEmbedder
    features: SiftFeatures

    def at_stills(self) -> Seeing:
        """The same models for single pictures, mostly of one thing close by: see ``infer.finders.for_stills``."""
        detector = SsdDetector(self.models, self.detector.least_score, mask_score=STILL_PERSON_SCORE)
        return replace(self, finders=for_stills(self.models), detector=detector)

    def recall(self, gallery: Gallery, rule: Rule, today: Callable[[], date]) -> Recall:
        """The gallery, searchable by this machine's models. Raises: ForeignModel."""
        rows = [reference.descriptors for reference in gallery.references]
        matrix = np.concatenate(rows) if rows else np.empty((0, self.embedder.dimensions), np.float32)
        engine = TfliteSearch(matrix, self.runtime)
        return Recall(gallery, engine, self.embedder, self.features, rule, today)


def open_seeing(profile: Profile, models_folder: Path | None = None, least_score: float = 0.3) -> Seeing:
    """Load the committed models as the profile says. Raises: Tampered, ConfigError, DelegateError."""
    # OpenCV takes every core that it finds; the capture thread needs one, and a busy core slows all the others.
    cv2.setNumThreads(profile.models.threads)
    runtime = Runtime(profile.models.runtime)
    store = ModelStore(models_folder, runtime, profile.models.delegate or None, profile.models.threads)
    return Seeing(
        store,
        runtime,
        watching(store),
        SsdDetector(store, least_score),
        TfliteEmbedder(store),
        SiftFeatures(),
    )
