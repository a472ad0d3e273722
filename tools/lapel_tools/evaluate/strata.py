"""The instances part under bad input: every picture again mirrored, turned, tiny, huge, moved, out of focus, at night,
a list on which everything has a look-alike, and walls as references."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.capture.still import redact_still
from lapel.core.calibrate import STILL
from lapel.core.compact import fitted
from lapel.core.gallery import Gallery
from lapel.core.things import Frame, Pixels, Reference
from lapel.ports import Watchlist
from lapel_tools.enrol.consensus import on_the_thing
from lapel_tools.enrol.parts import enrolment_tools
from lapel_tools.enrol.request import EnrolmentTools, Photo
from lapel_tools.enrol.verdict import judge
from lapel_tools.evaluate.bench import Bench
from lapel_tools.evaluate.instances import PART, Onlooker, enrol_kit, queries_of
from lapel_tools.evaluate.kit import KitThing
from lapel_tools.evaluate.results import QueryResult
from lapel_tools.synth import spoilt

_TWIN = "-in-other-colours"
_WALL_PX = (960, 1280, 3)
_GREY = 150.0


@dataclass(frozen=True, slots=True)
class Stratum:
    """A way in which pictures are spoilt before they are looked at."""

    name: str
    spoil: spoilt.Spoil


STRATA = (
    Stratum("mirrored", spoilt.mirrored),
    Stratum("turned by 90°", spoilt.turned),
    Stratum("at 40 px", spoilt.small_in_view(40)),
    Stratum("at 80 px", spoilt.small_in_view(80)),
    Stratum("at 4000 px", spoilt.at_px(4000)),
    Stratum("moved", spoilt.moved(0.025)),
    Stratum("out of focus", spoilt.defocused(0.005)),
    Stratum("at night", spoilt.at_night(0.12, 5.0)),
)
LOOK_ALIKES = "look-alikes listed"


@dataclass(frozen=True, slots=True)
class StrataRun:
    """The results of each stratum, by its name, and what enrolment said of each wall."""

    results: tuple[tuple[str, tuple[QueryResult, ...]], ...]
    walls: tuple[str, ...]


def run_strata(bench: Bench) -> StrataRun:
    """Look at every picture of the instances part in every stratum. Raises: UsageError, MediaError."""
    instances = bench.kit.instances()
    tools = enrolment_tools(bench.seeing, bench.today)
    gallery = enrol_kit(bench.kit, instances.listed, tools, bench.progress).gallery
    chosen = bench.chosen(queries_of(instances))
    watchlist = bench.seeing.recall(gallery, STILL, lambda: bench.today)
    onlooker = Onlooker.of(bench)
    results = [(stratum.name, _spoilt(onlooker, chosen, stratum, watchlist)) for stratum in STRATA]
    twins = bench.seeing.recall(with_twins(bench, gallery, instances.listed, tools), STILL, lambda: bench.today)
    beside = [onlooker.look(*query, twins) for query in bench.progress.each(chosen, LOOK_ALIKES)]
    return StrataRun((*results, (LOOK_ALIKES, tuple(beside))), walls_as_references(tools))


def _spoilt(
    onlooker: Onlooker, chosen: tuple[tuple[str, str], ...], stratum: Stratum, watchlist: Watchlist
) -> tuple[QueryResult, ...]:
    """Faces are destroyed before a picture is spoilt, and looked for once more in what it then is."""
    bench = onlooker.bench

    def spoil(frame: Frame) -> Frame:
        return redact_still(stratum.spoil(frame.pixels), bench.finders)

    return tuple(onlooker.look(*query, watchlist, spoil) for query in bench.progress.each(chosen, stratum.name))


def with_twins(bench: Bench, gallery: Gallery, things: tuple[KitThing, ...], tools: EnrolmentTools) -> Gallery:
    """The list with a look-alike of every entry: its own pictures with their colours changed over."""
    references: list[Reference] = []
    for thing in bench.progress.each(things, "look-alikes"):
        frames = [tools.read(bench.kit.path(PART, file)) for file in thing.references]
        photos = [Photo(thing.id, replace(frame, pixels=spoilt.recoloured(frame.pixels))) for frame in frames]
        verdicts = [judge(photo, thing.id + _TWIN, tools) for photo in photos]
        taken = tuple(verdict.reference for verdict in verdicts if verdict.reference is not None)
        references += on_the_thing(taken, tools.features)
    twins = tuple(replace(e, id=e.id + _TWIN, label=f"{e.label}, in other colours") for e in gallery.entries)
    return fitted(replace(gallery, entries=(*gallery.entries, *twins), references=(*gallery.references, *references)))


def walls_as_references(tools: EnrolmentTools) -> tuple[str, ...]:
    """What enrolment says of a wall: blank, with a sensor's noise, and of rough plaster."""
    random = np.random.default_rng(1)
    noise = random.normal(0, 8, _WALL_PX)
    plaster = 4 * np.asarray(cv2.GaussianBlur(random.normal(0, 8, _WALL_PX), (0, 0), 2.0), np.float64)
    walls = (("blank", _grey(np.zeros(_WALL_PX))), ("noisy", _grey(noise)), ("plastered", _grey(plaster)))
    verdicts = [judge(Photo(f"{name} wall", Frame(wall, 0, 0.0)), "wall", tools) for name, wall in walls]
    return tuple(f"{verdict.photo} as a reference: {verdict.outcome.value}" for verdict in verdicts)


def _grey(grain: NDArray[np.float64]) -> Pixels:
    return np.asarray(np.clip(_GREY + grain, 0, 255), np.uint8)
