"""What three ways found and what they cost, in rows of one table; counts with the Wilson 95% interval."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lapel.wiring.stopwatch import ALL, CLOSER, DESCRIBE, GEOMETRY, LAY, PRINTS, SHORTLIST, VERIFY
from lapel_tools.evaluate.results import QueryResult
from lapel_tools.evaluate.summary import MOST_FALSE
from lapel_tools.evaluate.trade import scores_of, source_of
from lapel_tools.evaluate.ways import SiftEverywhere, Way
from lapel_tools.report.share import Share

EVERY = "all"
Results = Sequence[QueryResult]
_STAGES = (
    ("describe", DESCRIBE),
    (SHORTLIST, (SHORTLIST,)),
    (VERIFY, (VERIFY,)),
    (PRINTS, (PRINTS,)),
    (f"{LAY}, where it comes to that", (LAY,)),
    (f"{CLOSER}, where it comes to that", (CLOSER,)),
    ("shortlist and geometry together", (SHORTLIST, *GEOMETRY)),
    ("all of a look", (ALL,)),
)


def quality_rows(results: Mapping[str, Results], truth: Mapping[str, str]) -> Iterator[str]:
    """For each source and for all: right first, found at 1% false of the source's own and of all; then decisions."""
    yield _row("", *results)
    queries = [result.query for result in next(iter(results.values()))]
    for source in (*sorted({source_of(query, truth) for query in queries if query in truth}), EVERY):
        chosen = {query for query in queries if source in (EVERY, source_of(query, truth))}
        others = len(chosen - truth.keys())
        of_source = {name: [r for r in rows if r.query in chosen] for name, rows in results.items()}
        right = (str(_right(rows, truth)) for rows in of_source.values())
        yield _row(f"{source}: right first of {len(chosen) - others}", *right)
        if others:
            own = (str(found_at(rows, rows, truth)) for rows in of_source.values())
            yield _row(f"{source}: found at ≤ {MOST_FALSE:.0%} of {others} false", *own)
        if source != EVERY:
            pooled = (str(found_at(of_source[name], results[name], truth)) for name in results)
            yield _row(f"{source}: found at the threshold for all", *pooled)
    yield from _decisions(results, truth)


def found_at(rows: Results, negatives_of: Results, truth: Mapping[str, str]) -> Share:
    """What is found of ``rows`` at the threshold at which at most 1% of the others of ``negatives_of`` are false."""
    threshold = scores_of(negatives_of, truth).held_to(MOST_FALSE)
    missed = scores_of(rows, truth).missed(threshold)
    return Share(missed.total - missed.count, missed.total)


def _right(rows: Results, truth: Mapping[str, str]) -> Share:
    mated = [result for result in rows if result.query in truth]
    return Share(sum(bool(r.candidates) and r.candidates[0].entry == truth[r.query] for r in mated), len(mated))


def _decisions(results: Mapping[str, Results], truth: Mapping[str, str]) -> Iterator[str]:
    """Of the ways that decide: hits of the right entry, of another, and of any where none is shown."""
    for name, rows in results.items():
        mated = [result for result in rows if result.query in truth]
        others = [result for result in rows if result.query not in truth]
        right = sum(any(c.is_hit and c.entry == truth[r.query] for c in r.candidates) for r in mated)
        wrong = sum(any(c.is_hit and c.entry != truth[r.query] for c in r.candidates) for r in mated)
        false = sum(any(c.is_hit for c in r.candidates) for r in others)
        if right or wrong or false:
            yield (
                f"{name} decides: {Share(right, len(mated)).in_full()} found, {Share(wrong, len(mated)).in_full()} "
                f"taken for another, {Share(false, len(others)).in_full()} of the others false"
            )


def cost_rows(ways: Mapping[str, Way], references: int, rss_mib: float) -> Iterator[str]:
    """What a look costs by stage. Medians of parts do not add up to the median of the whole."""
    yield _row(f"ms of CPU a look, {references} references", *ways)
    for title, stages in _STAGES:
        if any(way.watch.median_ms(*stages) for way in ways.values()):
            yield _row(title, *(f"{way.watch.median_ms(*stages):.2f}" for way in ways.values()))
    yield _row("looks that come to laying one on the other", *(f"{way.watch.share(LAY):.0%}" for way in ways.values()))
    yield _row("bytes a reference", *(f"{way.bytes_of():.0f}" for way in ways.values()))
    for name, way in ways.items():
        if isinstance(way, SiftEverywhere):
            one_ms = way.watch.median_ms(VERIFY) / max(1, way.references)
            yield f"{name}: by arithmetic {one_ms * 10:.0f} s a look at 10,000 references ({one_ms:.2f} ms each)"
    yield f"at most {rss_mib:.0f} MiB resident so far, with the finders of faces and all that was tried"


def _row(title: str, *cells: str) -> str:
    return f"{title:44}" + "".join(f"{cell:>23}" for cell in cells)
