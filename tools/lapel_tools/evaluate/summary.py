"""What an evaluation found, in lines for people; counts of pictures with the Wilson 95% interval of their share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set

from lapel.core import adr, iso6346
from lapel.core.codes import Code, CodeKind
from lapel.core.geometry import Box, mask_of
from lapel.core.iso6346 import bare
from lapel_tools.evaluate.coverage import Coverage
from lapel_tools.evaluate.head_shares import of_heads
from lapel_tools.evaluate.instances import InstancesRun
from lapel_tools.evaluate.kit import Barcode, Instances
from lapel_tools.evaluate.results import DetectionResult, FacesResult, QueryResult, TextResult, VideoResult
from lapel_tools.evaluate.silence import of_silence
from lapel_tools.evaluate.strata import StrataRun
from lapel_tools.evaluate.trade import Scores, scores_of, source_of
from lapel_tools.report.share import Share

BARCODES = "barcodes"
MOST_FALSE = 0.01
"""The share of false alarms at which lists of things are compared in print."""


def of_instances(run: InstancesRun, instances: Instances) -> tuple[str, ...]:
    """How often the right entry came first and was hit, how often a wrong one; by source and over all."""
    truth = truth_of(instances)
    mated: dict[str, list[QueryResult]] = defaultdict(list)
    others: dict[str, list[QueryResult]] = defaultdict(list)
    for result in run.results:
        (mated if result.query in truth else others)[source_of(result.query, truth)].append(result)
    lines = [f"{source}: {_found(mated[source], truth)}" for source in sorted(mated)]
    lines += [f"{source}: {_false(others[source])}" for source in sorted(others)]
    every_mated, every_other = [q for rows in mated.values() for q in rows], [q for r in others.values() for q in r]
    lines += [f"all: {_found(every_mated, truth)}", f"all: {_false(every_other)}"]
    lines.append(f"all: {_at_most_false(scores_of(run.results, truth))}")
    refused = run.enrolled.refused
    pictures = sum(len(thing.references) for thing in instances.listed)
    lines.append(f"reference pictures refused at enrolment: {len(refused)} of {pictures}")
    lines += [f"  {reason}" for reason in refused]
    return tuple(lines)


def truth_of(instances: Instances) -> dict[str, str]:
    """The entry that each picture of a listed thing shows."""
    return {query: thing.id for thing in instances.listed for query in thing.queries}


def of_strata(run: StrataRun, instances: Instances) -> tuple[str, ...]:
    """What was found and what was taken for it in every stratum, and what a wall is worth as a reference."""
    truth = truth_of(instances)
    lines: list[str] = []
    for name, results in run.results:
        mated = [result for result in results if result.query in truth]
        others = [result for result in results if result.query not in truth]
        lines += [f"{name}: {_found(mated, truth)}", f"{name}: {_false(others)}"]
    return (*lines, *run.walls)


def of_detection(results: Sequence[DetectionResult]) -> tuple[str, ...]:
    """How much was seen."""
    boxes, people = sum(len(result.boxes) for result in results), sum(result.people for result in results)
    return (f"{len(results)} pictures: {boxes} boxes down to score .05, {people} people counted",)


def of_coverage(coverage: Coverage) -> tuple[str, ...]:
    """How many things there is a look at, whatever they are called."""
    looks = coverage.looks / max(1, coverage.pictures)
    return (
        f"of {coverage.things} things {coverage.by_looks} are covered by a look at IoU .5, {coverage.by_boxes} of them "
        f"by a box of the detector; {looks:.1f} looks a picture",
    )


def of_faces(results: Sequence[FacesResult], heads: Mapping[str, Sequence[Box]]) -> tuple[str, ...]:
    """How much was destroyed, areas that overlap once; and of the heads that the kit knows of."""
    regions = sum(len(result.regions) for result in results)
    destroyed = sum(int(mask_of(result.regions, result.width, result.height).sum()) for result in results)
    share = destroyed / max(1, sum(result.width * result.height for result in results))
    return (
        f"{len(results)} pictures: {regions} areas destroyed, {share:.1%} of all pixels",
        *of_heads(results, heads),
    )


def of_text(results: Sequence[TextResult], barcodes: Iterable[Barcode]) -> tuple[str, ...]:
    """How many codes were read exactly, how many values are in no picture's index; by sort where there are several."""
    truth = {barcode.file: set(barcode.strings) for barcode in barcodes}
    known: dict[str, list[TextResult]] = defaultdict(list)
    for result in results:
        if truth.get(result.file):
            known[sort_of(truth[result.file])].append(result)
    lines = [f"{sort}: {_read(known[sort], truth)}" for sort in sorted(known)] if len(known) > 1 else []
    return (*lines, _read([result for rows in known.values() for result in rows], truth))


def sort_of(strings: Set[str]) -> str:
    """What a picture with these contents shows: a container, an orange panel, or else a barcode."""
    if any(iso6346.is_valid(bare(text)) for text in strings):
        return "containers"
    in_halves = any(adr.paired(upper, lower) for upper in strings for lower in strings)
    return "orange panels" if in_halves or any(map(adr.is_valid, strings)) else BARCODES


def _read(results: Sequence[TextResult], truth: Mapping[str, Set[str]]) -> str:
    right = sum(any(_is_true(code, truth[result.file]) for code in result.codes) for result in results)
    wrong = sum(not _is_true(code, truth[result.file]) for result in results for code in result.codes)
    return f"{Share(right, len(results)).in_full()} pictures read exactly, {wrong} wrong values"


def _is_true(code: Code, strings: Set[str]) -> bool:
    """Whether an index has a code: a container's number as it is written, a panel's numbers together or apart."""
    if code.kind is CodeKind.ISO6346:
        return code.value in map(bare, strings)
    if code.kind is CodeKind.ADR:
        return code.value in strings or set(code.value.split("/")) <= strings
    return code.value in strings


def of_video(
    results: Sequence[VideoResult], is_watching: bool, listed_in: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """What was found in each clip, and how often falsely, if it is known in which clips a listed thing is."""
    lines = [] if is_watching else ["no watchlist given: nothing could be found; give --watchlist"]
    for result in results:
        entries = sorted({hit.entry for hit in result.hits})
        counted = f"{len(result.hits)} hits of {result.decisions} tracks, {len(result.alerted)} alerts"
        found = f"{counted} ({', '.join(entries)})" if entries else "no hit"
        lines.append(f"{result.file}: {result.frames} frames, {found}, at most {result.people_max} people")
    return (*lines, *(of_silence(results, listed_in) if listed_in else ()))


def _found(results: Sequence[QueryResult], truth: dict[str, str]) -> str:
    def of_all(count: int) -> Share:
        return Share(count, len(results))

    top = of_all(sum(bool(r.candidates) and r.candidates[0].entry == truth[r.query] for r in results))
    hit = of_all(sum(any(c.is_hit and c.entry == truth[r.query] for c in r.candidates) for r in results))
    wrong = of_all(sum(any(c.is_hit and c.entry != truth[r.query] for c in r.candidates) for r in results))
    blind = sum(not r.candidates for r in results)
    return (
        f"of {len(results)} pictures of listed things {top} have theirs first, {hit} hit it, {wrong} hit another, "
        f"{blind} had no candidate"
    )


def _false(results: Sequence[QueryResult]) -> str:
    hits = sum(any(candidate.is_hit for candidate in result.candidates) for result in results)
    return f"of {len(results)} pictures without a listed thing {Share(hits, len(results))} hit one"


def _at_most_false(scores: Scores) -> str:
    """What another threshold on the same evidence would give: how well it ranks, aside from where it decides."""
    threshold = scores.held_to(MOST_FALSE)
    missed, false = scores.missed(threshold), scores.false(threshold)
    found = Share(missed.total - missed.count, missed.total)
    return (
        f"with evidence {threshold:.2f} as the threshold {found} of {found.total} would be found, "
        f"{false} of {false.total} false: at most {MOST_FALSE:.0%}"
    )
