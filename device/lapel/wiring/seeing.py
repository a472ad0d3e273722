"""Models of a profile, joined to the parts that see: shared by the lookout, the bench and enrolment."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import cv2

from lapel.config.profile import Gate, Profile
from lapel.core.calibrate import Rule
from lapel.core.careful import LeftOut
from lapel.core.codes import ListedCodes, has_signs, written_kinds
from lapel.core.compact import LEVELS
from lapel.core.listed import Listed
from lapel.core.quality import Limits
from lapel.core.search import directions
from lapel.core.things import Pixels, Reference
from lapel.core.withdrawals import NOTHING, Suspended
from lapel.health.memory import Libraries
from lapel.infer.barcode import BarcodeReader
from lapel.infer.bodies import BICYCLE_FRAMES
from lapel.infer.detector import SsdDetector
from lapel.infer.embedder import TfliteEmbedder
from lapel.infer.fan_in import EveryReader, SlowReader
from lapel.infer.features import SiftFeatures
from lapel.infer.finders import STILL_PERSON_SCORE, STILL_TRACE_SCORE, for_stills, sparing_text, watching
from lapel.infer.learned import read_local
from lapel.infer.manifest import ModelStore
from lapel.infer.plates import PlateFinder
from lapel.infer.prints import XFeatPrints
from lapel.infer.proposals import Proposer
from lapel.infer.proposing import ProposingDetector
from lapel.infer.searching import search_engine
from lapel.infer.signs import SignReader
from lapel.infer.text import TextCodes
from lapel.infer.tflite import Model, Runtime
from lapel.matching import COMPARED_WHOLE, Recall, Shortlists
from lapel.ports import CodeReader, Detector, Finder, Health

TEXT_EVERY_S = 1.0
"""A container or a tanker stays in view for seconds, and a look for text costs as much as several frames."""

SPARING_ABOVE = LEVELS[1].most_references
"""A list of more references takes so much memory that looks make do with less, and take longer."""

FOREMOST = 128
"""So many of an aggregate's 256 values are held in memory: its learned map has put those that tell most apart first."""


def _on_stderr(text: str) -> None:
    print(text, file=sys.stderr)


@dataclass(frozen=True, slots=True)
class Seeing:
    """Everything that looks at pixels, loaded once. ``finders`` see raw ones, and only say what to destroy."""

    models: ModelStore
    runtime: Runtime
    finders: tuple[Finder, ...]
    detector: SsdDetector
    embedder: TfliteEmbedder
    features: SiftFeatures
    prints: XFeatPrints

    def at_stills(self) -> Seeing:
        """The same models for single pictures, mostly of one thing close by: see ``infer.finders.for_stills``."""
        detector = SsdDetector(
            self.models,
            self.detector.least_score,
            mask_score=STILL_PERSON_SCORE,
            trace_score=STILL_TRACE_SCORE,
            company_score=STILL_PERSON_SCORE,
        )
        return replace(self, finders=for_stills(self.models), detector=detector)

    def without_turns(self) -> Seeing:
        """The same for pictures that do not show one scene: each has every look, since no other shows its faces."""
        return replace(self, finders=watching(self.models))

    def proposing(self, gate: Gate, health: Health) -> Detector:
        """The detector, with as many proposals beside it as the profile can bear."""
        if not gate.proposal_looks_per_second:
            return self.detector
        proposer = Proposer(gate.proposals, gate.shortest_side_px)
        return ProposingDetector(self.detector, proposer, 1 / gate.proposal_looks_per_second, health)

    def with_plates_destroyed(self) -> Seeing:
        """The same parts, with a finder of plates that spares other text: text is read of such frames alone."""
        return replace(self, finders=(*sparing_text(self.finders), PlateFinder(self.models)))

    def code_reader(self, codes: Iterable[str]) -> CodeReader:
        """A reader of listed codes in frames that these finders made: of barcodes, of text where any of the codes is
        written, of signs where any is listed. Raises: ValueError for written codes without a finder of plates."""
        listed = tuple(codes)
        readers: list[CodeReader] = [BarcodeReader(ListedCodes(listed))]
        if kinds := written_kinds(listed):
            readers.append(SlowReader(TextCodes(self.models, self.finders, kinds), TEXT_EVERY_S))
        if has_signs(listed):
            readers.append(SlowReader(SignReader(), TEXT_EVERY_S))
        return readers[0] if len(readers) == 1 else EveryReader(*readers)

    def recall(
        self,
        listed: Listed,
        rule: Rule,
        today: Callable[[], date],
        notice: Callable[[str], None] = _on_stderr,
        left_out: LeftOut | None = None,
        withdrawn: Callable[[], Suspended] = lambda: NOTHING,
    ) -> Recall:
        """The list, searchable by this machine's models. Raises: ForeignModel."""
        return self.recall_by(self.engines_alone(listed, notice), listed, rule, today, left_out, withdrawn)

    def recall_by(
        self,
        engines: Shortlists,
        listed: Listed,
        rule: Rule,
        today: Callable[[], date],
        left_out: LeftOut | None = None,
        withdrawn: Callable[[], Suspended] = lambda: NOTHING,
    ) -> Recall:
        """The list, searched by engines that were built already. Raises: ForeignModel."""
        self.fit(listed)
        parts = (self.embedder, self.features, self.prints)
        return Recall(listed, engines, *parts, rule, today, left_out=left_out, withdrawn=withdrawn)

    def fit(self, listed: Listed) -> None:
        """Make do with less memory from now on where the list is long."""
        # Details are then described when the network is gone. The short lists of what is not the thing, made beside a
        # long one of the same parts, change nothing of that.
        if listed.reference_count > SPARING_ABOVE:
            self.embedder.rests = True
            self.features.spare_memory()

    def reference(self, entry_id: str, pixels: Pixels, picture: bytes) -> Reference:
        """A reference that nobody enrolled: RGB u8[h, w, 3], h, w >= 16, described whole; ``picture`` is its JPEG."""
        features = self.features.extract(pixels)
        aggregates = directions(self.features.aggregate(features))
        return Reference(entry_id, directions(self.embedder.describe(pixels)), aggregates, features, picture)

    def engines_alone(self, listed: Listed, notice: Callable[[str], None] = _on_stderr) -> Shortlists:
        """``engines``, built while a network that need not be there beside them is not."""
        if listed.reference_count > COMPARED_WHOLE:
            self.prints.rest()  # its network and what a search is built of need not have room at once
        return self.engines(listed, notice)

    def engines(self, listed: Listed, notice: Callable[[str], None] = _on_stderr) -> Shortlists:
        """Both descriptions of the list's references, searchable; ``notice`` is told where only slowly."""
        descriptors, aggregates = listed.descriptors.stored, listed.aggregates.stored
        return Shortlists(
            search_engine(descriptors, self.runtime, notice),
            search_engine(aggregates, self.runtime, notice, FOREMOST),
        )


def open_seeing(profile: Profile, models_folder: Path | None = None, least_score: float = 0.3) -> Seeing:
    """Load the committed models as the profile says. Raises: Tampered, ConfigError, DelegateError."""
    # OpenCV takes every core that it finds; the capture thread needs one, and a busy core slows all the others.
    cv2.setNumThreads(profile.models.threads)
    runtime = Runtime(profile.models.runtime)
    store = ModelStore(models_folder, runtime, profile.models.delegate or None, profile.models.threads)
    libraries = Libraries()
    embedder = TfliteEmbedder(store, libraries.give_back)  # before the details of a picture are looked for
    return Seeing(
        store,
        runtime,
        watching(store, profile.redaction.delay_frames),
        SsdDetector(store, least_score, bicycle_frames=BICYCLE_FRAMES),
        embedder,
        SiftFeatures(read_local(store)),
        XFeatPrints(partial(_prints, store, embedder, libraries)),
    )


def _prints(store: ModelStore, embedder: TfliteEmbedder, libraries: Libraries) -> Model:
    if embedder.rests:
        libraries.give_back()  # its network takes most of what a look takes
    return store.open("prints")


def limits_of(profile: Profile) -> Limits:
    """The gate's limits that a profile asks for. Whole-frame and centre looks take at most half of the looks."""
    looks = profile.gate.looks_per_second
    return Limits(profile.gate.shortest_side_px, scene_every_s=max(0.25, 4 / looks), looks_per_second=looks)
