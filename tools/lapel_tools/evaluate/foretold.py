"""What became of enrolment's estimates, in lines for people and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lapel_tools.enrol.appraisal import Worth
from lapel_tools.evaluate.estimates import Foretold
from lapel_tools.evaluate.results import write_table
from lapel_tools.evaluate.trade import first_word
from lapel_tools.report.rank import rank_correlation
from lapel_tools.report.share import Share

_HEADER = ("entry", "pictures", "held_out", "verdict", "estimated", "looks", "found", "nearest_drawn", "surest_false")
_FEWEST = 5


def of_estimates(foretold: Sequence[Foretold]) -> tuple[str, ...]:
    """How well the estimates put things in the order of what then happened, and how often each verdict's were found."""
    lines = [f"all, {_found(foretold)}"]
    for source in sorted({first_word(one.appraisal.entry.id) for one in foretold}):
        group = [one for one in foretold if first_word(one.appraisal.entry.id) == source]
        if _FEWEST <= len(group) < len(foretold):
            lines.append(f"{source}, {_found(group)}")
    nearest = rank_correlation([one.appraisal.false.nearest for one in foretold], [o.surest_false for o in foretold])
    lines.append(f"all, falsely hit: rank correlation {nearest or 'none'} things, the nearest drawn thing's evidence")
    for worth in Worth:
        things = [one for one in foretold if one.appraisal.worth is worth]
        looks = Share(sum(one.found.count for one in things), sum(one.found.total for one in things))
        lines.append(f"{worth.value}: {len(things)} things, of whose pictures {looks.in_full()} were found")
    return tuple(lines)


def write_estimates(path: Path, foretold: Sequence[Foretold]) -> None:
    """A row a thing; ``looks`` pictures of it, of which it was hit in ``found``."""
    write_table(path, _HEADER, (_row(one) for one in foretold))


def _found(foretold: Sequence[Foretold]) -> str:
    estimated, happened = [one.appraisal.found.rate for one in foretold], [one.found.rate for one in foretold]
    apart = [estimate - rate for estimate, rate in zip(estimated, happened, strict=True)]
    count = max(1, len(apart))
    return (
        f"found: rank correlation {rank_correlation(estimated, happened) or 'none'} things; estimated "
        f"{sum(apart) / count:+.2f} off in the mean, {sum(map(abs, apart)) / count:.2f} either way"
    )


def _row(one: Foretold) -> tuple[str | int, ...]:
    thought = one.appraisal
    return (
        thought.entry.id,
        len(thought.pictures),
        int(thought.found.is_held_out),
        thought.worth.value,
        f"{thought.found.rate:.4f}",
        one.found.total,
        one.found.count,
        f"{max(0.0, thought.false.nearest):.4f}",
        f"{one.surest_false:.4f}",
    )
