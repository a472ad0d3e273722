"""Are things on a list found in other pictures of them, and is nothing found in pictures of other things?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from lapel.core.calibrate import STILL
from lapel.core.compact import fitted
from lapel.core.gallery import LONGEST_LISTING_DAYS, Gallery, Terms
from lapel.core.quality import Gate, Limits
from lapel.core.things import Entry, Frame, Kind, Reference, Sighting
from lapel.core.tracker import Tracker
from lapel.ports import Detector, Watchlist
from lapel.wiring.seeing import limits_of
from lapel_tools.enrol.consensus import on_the_thing
from lapel_tools.enrol.parts import enrolment_tools
from lapel_tools.enrol.request import EnrolmentTools, Photo
from lapel_tools.enrol.verdict import judge
from lapel_tools.evaluate.bench import Bench
from lapel_tools.evaluate.kit import Instances, Kit, KitThing
from lapel_tools.evaluate.results import CANDIDATES_A_QUERY, Candidate, QueryResult
from lapel_tools.progress import Progress

PART = "instances"


@dataclass(frozen=True, slots=True, eq=False)
class EnrolledKit:
    """The kit's things as a watchlist, the ``files`` of its references in their order, and why some are not on it.

    ``whole`` are the references before what other pictures do not confirm was left out.
    """

    gallery: Gallery
    files: tuple[str, ...]
    whole: tuple[Reference, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InstancesRun:
    """The results of the part, and what was enrolled for it."""

    results: tuple[QueryResult, ...]
    enrolled: EnrolledKit


def run_instances(bench: Bench) -> InstancesRun:
    """Enrol the kit's listed things, and look at every query picture. Raises: UsageError, MediaError."""
    instances = bench.kit.instances()
    tools = enrolment_tools(bench.seeing, bench.today)
    enrolled = enrol_kit(bench.kit, instances.listed, tools, bench.progress)
    watchlist = bench.seeing.recall(enrolled.gallery, STILL, lambda: bench.today)
    onlooker = Onlooker.of(bench)
    chosen = bench.progress.each(bench.chosen(queries_of(instances)), "queries")
    return InstancesRun(tuple(onlooker.look(part, file, watchlist) for part, file in chosen), enrolled)


@dataclass(frozen=True, slots=True, eq=False)
class Onlooker:
    """Looks at single pictures of the kit as the device would."""

    bench: Bench
    detector: Detector

    @classmethod
    def of(cls, bench: Bench) -> Onlooker:
        """With the detector that is for single pictures."""
        return cls(bench, bench.seeing.at_stills().detector)

    def look(
        self, part: str, file: str, watchlist: Watchlist, spoil: Callable[[Frame], Frame] | None = None
    ) -> QueryResult:
        """What a watchlist makes of a picture, or of what ``spoil`` makes of it. Raises: MediaError."""
        frame = self.bench.frame(part, file)
        sighting = one_look(spoil(frame) if spoil else frame, self.detector, limits_of(self.bench.profile))
        return QueryResult(file if part == PART else f"{part}/{file}", candidates_of(sighting, watchlist))


def queries_of(instances: Instances) -> tuple[tuple[str, str], ...]:
    """Every picture to look at: its part of the kit, and its file there."""
    queries = [(PART, file) for thing in (*instances.listed, *instances.unlisted) for file in thing.queries]
    return (*queries, *(("detection", file) for file in instances.scenes))


def enrol_kit(kit: Kit, things: tuple[KitThing, ...], tools: EnrolmentTools, progress: Progress) -> EnrolledKit:
    """Enrol every reference picture that enrolment takes; those it refuses are reported, and nothing else is done."""
    expires = tools.today + timedelta(days=LONGEST_LISTING_DAYS)
    references: list[Reference] = []
    whole: list[Reference] = []
    files: list[str] = []
    refused: list[str] = []
    for thing in progress.each(things, "listed things"):
        verdicts = [judge(Photo(file, kit.path(PART, file)), thing.id, tools) for file in thing.references]
        refused += [verdict.reason for verdict in verdicts if verdict.reference is None]
        files += [verdict.photo for verdict in verdicts if verdict.reference is not None]
        taken = tuple(verdict.reference for verdict in verdicts if verdict.reference is not None)
        whole += taken
        references += on_the_thing(taken, tools.features)
    entries = tuple(_entry(thing, expires) for thing in things)
    terms = Terms("evaluation", 1, tools.today, expires)
    gallery = fitted(Gallery(terms, tools.model_sha256, entries, tuple(references)))
    return EnrolledKit(gallery, tuple(files), tuple(whole), tuple(refused))


def one_look(frame: Frame, detector: Detector, limits: Limits) -> Sighting | None:
    """The one look that a still is: the largest that the device's gate lets pass, which is the whole picture.

    Where people fill most of the picture there is no look at the whole of it, and the largest thing is looked at.
    """
    scene = detector.detect(frame)
    looks = Gate(limits).good_looks(frame, scene, Tracker().update(frame, scene))
    return max(looks, key=lambda look: look.box.area, default=None)


def candidates_of(sighting: Sighting | None, watchlist: Watchlist) -> tuple[Candidate, ...]:
    """The best candidates for a look, best first; evidence of 1 and more is a hit, as the product decides it."""
    if sighting is None:
        return ()
    return tuple(
        Candidate(match.entry.id, match.evidence, match.evidence >= 1, match.reference)
        for match in watchlist.candidates(sighting, CANDIDATES_A_QUERY)
    )


def _entry(thing: KitThing, expires: date) -> Entry:
    return Entry(thing.id, thing.label, Kind.OTHER, "evaluation", "evaluation", "evaluation", expires)
