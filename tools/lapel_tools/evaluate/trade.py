"""The trade of misses against false alarms: what every threshold on the evidence would have given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from lapel_tools.evaluate.results import QueryResult
from lapel_tools.report.share import Share

_IN_NO_FOLDER = "unlisted"


@dataclass(frozen=True, slots=True)
class Scores:
    """``mated``: evidence of the right entry where it stands first, else -inf, of each picture of a listed thing.
    ``others``: evidence of the first candidate, -inf where there is none, of each picture without one."""

    mated: tuple[float, ...]
    others: tuple[float, ...]

    def missed(self, threshold: float) -> Share:
        """Pictures of listed things that are not hit (FNIR, ISO/IEC 19795-1)."""
        return Share(sum(score < threshold for score in self.mated), len(self.mated))

    def false(self, threshold: float) -> Share:
        """Pictures without a listed thing that hit some entry (FPIR)."""
        return Share(sum(score >= threshold for score in self.others), len(self.others))

    def thresholds(self) -> tuple[float, ...]:
        """Where something changes, lowest first."""
        return tuple(sorted({score for score in (*self.mated, *self.others) if score > -inf}))

    def held_to(self, most_false: float) -> float:
        """The lowest threshold at which no larger share than that is a false alarm; inf where none is.

        A threshold is put just above a false alarm's evidence, so that it does not depend on a lucky mated picture.
        """
        allowed = int(most_false * len(self.others))
        highest = sorted(self.others, reverse=True)
        above = highest[allowed] if allowed < len(highest) else -inf
        return min((score for score in self.mated if score > above), default=inf)


def scores_of(results: Sequence[QueryResult], truth: Mapping[str, str], source: str | None = None) -> Scores:
    """Evidence of all pictures; of one source alone the mated ones, against the pictures without of all sources."""
    mated, others = [], []
    for result in results:
        first = result.candidates[0] if result.candidates else None
        right = truth.get(result.query)
        if right is None:
            others.append(first.score if first else -inf)
        elif source is None or source_of(result.query, truth) == source:
            mated.append(first.score if first and first.entry == right else -inf)
    return Scores(tuple(mated), tuple(others))


def source_of(query: str, truth: Mapping[str, str]) -> str:
    """The group that a picture is counted in: the first word of its folder. Where it lies in none, that of the listed
    thing's id, and one group for all others."""
    folder, slash, _ = query.partition("/")
    return first_word(folder if slash else truth.get(query, _IN_NO_FOLDER))


def first_word(name: str) -> str:
    """What stands before the first _: the source that a thing was taken from."""
    return name.split("_")[0]
