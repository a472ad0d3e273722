"""Is what enrolment foretells of a thing what then happens?"""

from __future__ import annotations

from dataclasses import dataclass

from lapel.core.calibrate import WATCHING
from lapel.core.things import Entry
from lapel_tools.enrol.appraisal import Appraisal, appraise
from lapel_tools.enrol.parts import as_a_watch, drawn_distractors, enrolment_tools
from lapel_tools.evaluate.bench import Bench
from lapel_tools.evaluate.instances import EnrolledKit, Onlooker, enrol_kit, queries_of
from lapel_tools.evaluate.results import QueryResult
from lapel_tools.evaluate.summary import truth_of
from lapel_tools.report.share import Share


@dataclass(frozen=True, slots=True, eq=False)
class Foretold:
    """What enrolment thought of an entry, in how many of its pictures it was then ``found``, and the ``surest_false``
    evidence for it, >= 0, in a picture that does not show it."""

    appraisal: Appraisal
    found: Share
    surest_false: float


def run_estimates(bench: Bench) -> tuple[Foretold, ...]:
    """Appraise every listed thing as enrolment does, then look at every picture and decide as a watch does.

    Things of which no picture could be enrolled, or none is looked at, are left out. Raises: UsageError, MediaError.
    """
    instances = bench.kit.instances()
    tools = enrolment_tools(bench.seeing, bench.today)
    enrolled = enrol_kit(bench.kit, instances.listed, tools, bench.progress)
    watchlist = bench.seeing.recall(enrolled.gallery, WATCHING, lambda: bench.today)
    onlooker = Onlooker.of(bench)
    chosen = bench.progress.each(bench.chosen(queries_of(instances)), "queries")
    results = tuple(onlooker.look(part, file, watchlist) for part, file in chosen)
    truth = truth_of(instances)
    return tuple(
        Foretold(_appraised(bench, enrolled, entry), found, _surest_false(entry, results, truth))
        for entry in bench.progress.each(enrolled.gallery.entries, "estimates")
        if (found := _found(entry, results, truth)).total and _is_pictured(entry, enrolled)
    )


def _is_pictured(entry: Entry, enrolled: EnrolledKit) -> bool:
    return any(reference.entry_id == entry.id for reference in enrolled.whole)


def _appraised(bench: Bench, enrolled: EnrolledKit, entry: Entry) -> Appraisal:
    added = tuple(reference for reference in enrolled.whole if reference.entry_id == entry.id)
    watch = as_a_watch(bench.seeing, bench.today)
    return appraise(enrolled.gallery, entry, added, bench.seeing.features, watch, drawn_distractors())


def _found(entry: Entry, results: tuple[QueryResult, ...], truth: dict[str, str]) -> Share:
    own = [result for result in results if truth.get(result.query) == entry.id]
    return Share(sum(any(c.is_hit and c.entry == entry.id for c in result.candidates) for result in own), len(own))


def _surest_false(entry: Entry, results: tuple[QueryResult, ...], truth: dict[str, str]) -> float:
    others = (result for result in results if truth.get(result.query) != entry.id)
    return max(
        (c.score for result in others for c in result.candidates if c.entry == entry.id and c.score > 0), default=0
    )
