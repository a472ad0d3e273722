"""The worst of what went wrong: false alarms that were surest of themselves, and things that were missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lapel_tools.evaluate.results import Candidate, QueryResult


@dataclass(frozen=True, slots=True)
class Mistake:
    """A picture and what it was taken for. ``truth`` is the entry that it shows, empty where it shows none.

    ``taken_for`` is the first candidate that is not the truth, None where there is none; ``own`` the truth's own
    candidate, None where it was not among the candidates.
    """

    query: str
    truth: str
    taken_for: Candidate | None
    own: Candidate | None

    @property
    def is_false_alarm(self) -> bool:
        """Whether the product would have alerted a thing that is not there."""
        return self.taken_for is not None and self.taken_for.is_hit


def false_alarms(results: Sequence[QueryResult], truth: Mapping[str, str]) -> tuple[Mistake, ...]:
    """Pictures that come first for an entry that they do not show, the most evidence first, hits and near ones."""
    wrong = [
        mistake
        for result in results
        if result.candidates
        and (mistake := _mistake(result, truth)).taken_for is result.candidates[0]
        and result.candidates[0].score > 0
    ]
    return tuple(sorted(wrong, key=lambda m: (-_score(m.taken_for), m.query)))


def misses(results: Sequence[QueryResult], truth: Mapping[str, str]) -> tuple[Mistake, ...]:
    """Pictures of listed things that do not hit theirs, the least evidence for it first."""
    missed = [
        mistake
        for result in results
        if result.query in truth and not ((mistake := _mistake(result, truth)).own and mistake.own.is_hit)
    ]
    return tuple(sorted(missed, key=lambda m: (_score(m.own), m.query)))


def _mistake(result: QueryResult, truth: Mapping[str, str]) -> Mistake:
    right = truth.get(result.query, "")
    other = next((c for c in result.candidates if c.entry != right), None)
    return Mistake(result.query, right, other, next((c for c in result.candidates if c.entry == right), None))


def _score(candidate: Candidate | None) -> float:
    return candidate.score if candidate else float("-inf")
