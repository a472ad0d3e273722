"""Is a thing on a list of thousands still in the shortlist, and what does a look at it cost?

    python -m lapel_tools.evaluate.long_list --kit KIT [--distractors 10000] [--drawn 200]

The kit's things and drawn printed things stand on one list each, among distractors: parts of the kit's detection
pictures and clips, and other drawn things. Figures of drawn things are synthetic.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lapel.config.profile import load_profile
from lapel.core.calibrate import STILL
from lapel.core.compact import compacted, level_for
from lapel.core.gallery import Gallery, Terms
from lapel.core.geometry import whole
from lapel.core.rows import union
from lapel.core.search import directions
from lapel.core.things import Entry, Kind, Origin, Pixels, Quality, Reference, Sighting
from lapel.health.clock import SystemClock
from lapel.matching import SHORTLIST
from lapel.wiring.seeing import Seeing, limits_of, open_seeing
from lapel_tools.enrol.parts import enrolment_tools
from lapel_tools.evaluate.distractors import cut_out, distractors
from lapel_tools.evaluate.instances import enrol_kit, one_look
from lapel_tools.evaluate.kit import Kit
from lapel_tools.progress import BarOnStderr
from lapel_tools.synth.scene import worsened
from lapel_tools.synth.things import render

_VIEW = 7
_SEED = 5


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A look at a listed thing (``entry``), or at one that is not ("")."""

    source: str
    entry: str
    pixels: Pixels


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m lapel_tools.evaluate.long_list", description=__doc__)
    parser.add_argument("--kit", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--distractors", type=int, default=10_000, metavar="N")
    parser.add_argument("--drawn", type=int, default=200, metavar="N", help="as many listed, and as many not")
    args = parser.parse_args()
    kit, seeing = Kit(args.kit), open_seeing(load_profile("ci-video"))
    finders = seeing.at_stills().finders
    pictures = tuple(kit.path("detection", file) for file in kit.pictures("detection"))
    clips = tuple(kit.path("video", clip) for clip in kit.clips())
    others = tuple(
        _reference(seeing, "distractor", pixels, outline)
        for pixels, outline in distractors(pictures, clips, finders, args.distractors)
    )
    today = SystemClock().today()
    enrolled = enrol_kit(kit, kit.instances().listed, enrolment_tools(seeing, today), BarOnStderr()).gallery.references
    _measure(seeing, (*enrolled, *others), list(_kit_queries(kit, seeing)), "kit")
    drawn = tuple(_reference(seeing, f"drawn-{seed}", *cut_out(render(seed))) for seed in range(args.drawn))
    _measure(seeing, (*drawn, *others), list(_drawn_queries(args.drawn)), "drawn (synthetic)")


def _reference(seeing: Seeing, entry: str, pixels: Pixels, outline: NDArray[np.bool_] | None) -> Reference:
    features = seeing.features.extract(pixels, outline)
    described, together = seeing.embedder.describe(pixels), seeing.features.aggregate(features)
    return Reference(entry, directions(described), directions(together), features, b"no picture")


def _kit_queries(kit: Kit, seeing: Seeing) -> Iterator[Query]:
    stills, limits = seeing.at_stills(), limits_of(load_profile("ci-video"))
    instances = kit.instances()
    tools = enrolment_tools(seeing, SystemClock().today())
    for things, is_listed in ((instances.listed, True), (instances.unlisted, False)):
        for thing in things:
            for file in thing.queries:
                look = one_look(tools.read(kit.path("instances", file)), stills.detector, limits)
                if look is not None:
                    yield Query(thing.id.partition("_")[0], thing.id if is_listed else "", look.pixels)


def _drawn_queries(count: int) -> Iterator[Query]:
    random = np.random.default_rng(_SEED)
    for seed in range(2 * count):
        yield Query("drawn", f"drawn-{seed}" if seed < count else "", worsened(render(seed, _VIEW).pixels, random))


def _measure(seeing: Seeing, references: tuple[Reference, ...], queries: list[Query], title: str) -> None:
    level = level_for(len(references))
    references = tuple(replace(r, features=compacted(r.features, level)) for r in references)
    owners = np.array([reference.entry_id for reference in references])
    today = SystemClock().today()
    expires = today + timedelta(days=1)
    entries = tuple(
        Entry(name, name, Kind.OTHER, "evaluation", "evaluation", "evaluation", expires) for name in sorted(set(owners))
    )
    gallery = Gallery(Terms("long", 1, today, expires), seeing.models.describing_sha256, entries, references)
    kept = [r.features.descriptors.nbytes + 4 * len(r.features.points) for r in references]
    print(f"{title}: {len(references)} references, {np.mean(kept):.0f} bytes of local features each,", end=" ")
    print(f"{references[0].descriptors.nbytes} of descriptor, {references[0].aggregates.nbytes} of aggregate")
    engines = seeing.engines(gallery)
    in_list: dict[str, list[tuple[bool, bool, bool]]] = {}
    for query in (query for query in queries if query.entry):
        described = seeing.embedder.describe(query.pixels)
        together = seeing.features.aggregate(seeing.features.extract(query.pixels))
        by_descriptor = tuple(int(row) for row in engines.descriptors.shortlist(described, SHORTLIST))
        with_aggregate = np.flatnonzero([len(r.aggregates) for r in references])
        by_aggregate = tuple(int(with_aggregate[row]) for row in engines.aggregates.shortlist(together, SHORTLIST))
        lists = (by_descriptor, by_aggregate, union(by_descriptor, by_aggregate, SHORTLIST))
        one, other, both = (query.entry in owners[list(places)] for places in lists)
        in_list.setdefault(query.source, []).append((one, other, both))
    for source, found in in_list.items():
        one, other, both = np.mean(found, axis=0)
        print(
            f"  {source}: of {len(found)} in {SHORTLIST}: descriptor {one:.3f}, aggregate {other:.3f}, union {both:.3f}"
        )
    _decide(seeing, gallery, queries, title)


def _decide(seeing: Seeing, gallery: Gallery, queries: list[Query], title: str) -> None:
    """What the product itself makes of every look, and how long it takes."""
    today = SystemClock().today()
    recall = seeing.recall(gallery, STILL, lambda: today)
    outcomes: dict[tuple[str, str], int] = {}
    described_s, whole_s = [], []
    for query in queries:
        sighting = _sighting(query.pixels)
        started = time.thread_time()
        seeing.embedder.describe(query.pixels)
        seeing.features.aggregate(seeing.features.extract(query.pixels))
        between = time.thread_time()
        best = next(iter(recall.candidates(sighting, 1)), None)
        described_s.append(between - started)
        whole_s.append(time.thread_time() - between)
        named = best.entry.id if best and best.evidence >= 1 else ""
        verdict = ("found" if named == query.entry else "wrong" if named else "missed") if query.entry else ""
        verdict = verdict or ("false" if named else "quiet")
        outcomes[query.source, verdict] = outcomes.get((query.source, verdict), 0) + 1
    print(f"  {title}: " + ", ".join(f"{source} {verdict} {n}" for (source, verdict), n in sorted(outcomes.items())))
    describe_ms, whole_ms = (1000 * float(np.median(times)) for times in (described_s, whole_s))
    print(f"  a look: {describe_ms:.1f} ms of CPU to describe, shortlists and geometry {whole_ms - describe_ms:.1f}")


def _sighting(pixels: Pixels) -> Sighting:
    box = whole(pixels.shape[1], pixels.shape[0])
    quality = Quality(min(pixels.shape[:2]), 0.0, 0.0, truncated=False)
    return Sighting(0, Kind.OTHER, Origin.WHOLE, box, pixels, 0.0, 0, box, quality)


if __name__ == "__main__":
    main()
