"""How often a list alerts where nothing on it is to be seen, and the most that so much footage lets it be."""

from __future__ import annotations

from collections.abc import Sequence

from lapel.core.tail import MISS, poisson_upper
from lapel_tools.evaluate.crowd import is_distractor
from lapel_tools.evaluate.results import VideoResult


def of_silence(results: Sequence[VideoResult], listed_in: frozenset[str]) -> tuple[str, ...]:
    """False alerts with their upper bound, and listed things that alerted where they are.

    A distractor is nowhere to be seen, so that its alerts are false in every clip; any alert is in a clip that is not
    in ``listed_in``. The bound is the exact one of a Poisson count: 3 over the hours where there was none.
    """
    without = [result for result in results if result.file not in listed_in]
    hours = sum(result.seconds for result in without) / 3600
    false = sum(len(result.alerted) for result in without)
    lines = [
        f"{len(without)} clips without a listed thing, {3600 * hours:.0f} s: {false} false alerts"
        + (f", at most {poisson_upper(false, MISS) / hours:.0f} an hour (95%, one-sided)" if hours else "")
    ]
    for result in results:
        if result.file in listed_in:
            distractors = sum(is_distractor(entry) for entry in result.alerted)
            right = sorted({entry for entry in result.alerted if not is_distractor(entry)})
            lines.append(f"{result.file}: alerted {', '.join(right) or 'nothing listed'}; {distractors} distractors")
    return tuple(lines)
