"""A vote over several looks: a value is believed when enough of them agree, and no near one has a say. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

# Of reads with one wrong character a check digit lets one in eleven pass at worst (3.6% of those that occur); with
# two 11%. Such a value is near the true one, so near ones are rivals; farther ones are other things in view.
_NEAR = 3


@dataclass(frozen=True, slots=True)
class _Look:
    values: frozenset[str]
    at_s: float


class Ballot:
    """Counts looks that agree on a value.

    ``needed`` looks within ``memory_s`` seconds elect it, if they are at least ``lead`` times as many as those for
    any rival: a value that differs in at most three characters, and that was never read in one look with it (then
    both are in view, as on a tanker with two panels).
    """

    def __init__(self, needed: int = 2, lead: float = 3.0, memory_s: float = 6.0) -> None:
        if needed < 1 or lead <= 1:
            raise ValueError(f"needed {needed}, lead {lead}: a vote needs at least one look and a lead above 1")
        self._needed = needed
        self._lead = lead
        self._memory_s = memory_s
        self._looks: tuple[_Look, ...] = ()

    def cast(self, values: Iterable[str], at_s: float) -> tuple[str, ...]:
        """Count one look, in which each value counts once; those of them that are elected now, in their order."""
        seen = tuple(dict.fromkeys(values))
        kept = tuple(look for look in self._looks if 0 <= at_s - look.at_s <= self._memory_s)
        self._looks = (*kept, _Look(frozenset(seen), at_s)) if seen else kept
        return tuple(value for value in seen if self.elects(value))

    def is_open(self, at_s: float) -> bool:
        """Whether something was read lately, so that another look may settle it."""
        return any(0 <= at_s - look.at_s <= self._memory_s for look in self._looks)

    def elects(self, value: str) -> bool:
        """Whether a value is elected by the looks so far."""
        counts = Counter(other for look in self._looks for other in look.values)
        beside = {other for look in self._looks if value in look.values for other in look.values}
        rivals = [count for other, count in counts.items() if other not in beside and _is_near(other, value)]
        return counts[value] >= self._needed and counts[value] >= self._lead * max(rivals, default=0)


def _is_near(one: str, other: str) -> bool:
    if len(one) != len(other):
        # A hazard number that lost a character, over the same substance.
        return abs(len(one) - len(other)) == 1 and one[-4:] == other[-4:]
    return sum(a != b for a, b in zip(one, other, strict=True)) <= _NEAR
