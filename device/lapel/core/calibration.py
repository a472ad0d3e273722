"""From evidence to expected false alerts: a budget an hour becomes the thresholds of a list. Pure.

What is measured are episodes: everything that is decided at once on one thing that is not listed, a track or some
seconds of the scene. They are measured against the very list, so that its size and its entries are in the figures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lapel.core.calibrate import WATCHING, mark_of
from lapel.core.tail import MISS, Tail, poisson_upper, tail_of

DEFAULT_BUDGET_PER_HOUR = 1 / 8
"""One false alert in a shift of eight hours, over the whole list."""

LEAST_THRESHOLD, MOST_THRESHOLD = 1.0, 5.0
"""The rule's own thresholds are never lowered: they guard against what distractors do not show. Above five times as
much, things on the list are seldom found either: a list of 10,000 keeps too few details of each."""

CHANGED, OTHER_RULE = "changed since it was calibrated", "calibrated by another version of Lapel"

_STEP = 0.05
SHARE_OF_ONE = 0.05
"""What of the budget one entry with a threshold of its own may use."""
_MOST_SINGLED_OUT = 10
_FEWEST_OF_ONE = 5
_SEVERAL = 3


@dataclass(frozen=True, slots=True)
class Impostor:
    """An episode of something that is not listed: the entry that it is most like, and the strength of its looks."""

    entry_id: str
    strength: float


@dataclass(frozen=True, slots=True)
class EntryThreshold:
    """A threshold of one entry's own, higher than the list's."""

    entry_id: str
    threshold: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a list's thresholds are, and what they are expected to cost.

    ``version`` of the list that was measured; thresholds multiply the evidence that a decision needs. Rates are false
    alerts an hour over all ``entries``, at ``episodes_per_hour``; ``at_least_per_hour`` to ``at_most_per_hour`` are an
    interval of 95%. ``episodes`` of things that are not listed were measured, in ``scenes``; ``is_extrapolated`` when
    none of them came near the threshold. ``decoy_share`` is the share of false hits that falls on decoys. ``rule`` is
    the mark of that by which it was measured (``calibrate.mark_of``); empty of lists made before there were marks.
    """

    version: int
    scenes: str
    threshold: float
    entry_thresholds: tuple[EntryThreshold, ...]
    per_hour: float
    at_least_per_hour: float
    at_most_per_hour: float
    budget_per_hour: float
    episodes_per_hour: float
    episodes: int
    entries: int
    decoy_share: float
    is_extrapolated: bool
    rule: str = ""

    @property
    def is_of_this_rule(self) -> bool:
        """Whether it was measured by the rule and the evidence that watches decide by."""
        return self.rule == mark_of(WATCHING)

    @property
    def why_stale(self) -> str:
        """Why it says nothing of a list that it does not hold for, as in "it was ..."."""
        return CHANGED if self.is_of_this_rule else OTHER_RULE

    def holds_for(self, version: int) -> bool:
        """Whether it says what to expect of that version of the list."""
        return self.version == version and self.is_of_this_rule

    def threshold_of(self, entry_id: str) -> float:
        """What multiplies the evidence that is needed for an entry."""
        own = next((own.threshold for own in self.entry_thresholds if own.entry_id == entry_id), self.threshold)
        return max(own, self.threshold)


@dataclass(frozen=True, slots=True)
class Plan:
    """A calibration, and the entries that break the budget at any threshold: with one of these it must not be used.

    ``reached`` episodes came to the thresholds, hits on decoys aside: what the count alone says, nothing extrapolated.
    """

    calibration: Calibration
    breaking: tuple[str, ...]
    reached: int

    @property
    def counted_at_most_per_hour(self) -> float:
        """False alerts an hour that the count alone does not rule out (95%, one-sided): for none 3 over the episodes,
        the rule of three."""
        found = self.calibration
        return found.episodes_per_hour * min(1.0, poisson_upper(self.reached, MISS) / found.episodes)


@dataclass(frozen=True, slots=True)
class Load:
    """How much a list is to bear. ``entries`` are the ids listed with pictures, since a code errs otherwise; ``decoys``
    those of them that cannot be met.

    ``scenes`` says where the episodes were seen, in words; ``are_scenes_drawn`` when the project drew them,
    as it drew the decoys: then they say nothing of how often decoys are hit.
    """

    version: int
    scenes: str
    entries: tuple[str, ...]
    decoys: frozenset[str]
    episodes_per_hour: float
    budget_per_hour: float = DEFAULT_BUDGET_PER_HOUR
    are_scenes_drawn: bool = False


def plan(impostors: tuple[Impostor, ...], load: Load) -> Plan:
    """The lowest thresholds at which a list keeps its budget.

    An entry that draws more false evidence than the others gets a threshold of its own, so that one look-alike does
    not make the whole list deaf. ``impostors``: one an episode, also those of strength 0; hits on decoys are never
    shown, and are no false alerts.
    """
    shown = tuple(replace(i, strength=0.0) if i.entry_id in load.decoys else i for i in impostors)
    singled: dict[str, float] = {}
    breaking: list[str] = []
    own_tails: list[tuple[Tail, float]] = []
    while True:
        tail = tail_of(tuple(0.0 if i.entry_id in singled else i.strength for i in shown))
        left = load.budget_per_hour - load.episodes_per_hour * sum(own.chance(at) for own, at in own_tails)
        threshold = _lowest(tail, load, left)
        loudest = _loudest(shown, singled, tail)
        if threshold == LEAST_THRESHOLD or loudest is None or len(singled) >= _MOST_SINGLED_OUT:
            break
        own = tail_of(tuple(i.strength if i.entry_id == loudest else 0.0 for i in shown), _FEWEST_OF_ONE)
        found = _lowest(own, load, load.budget_per_hour * SHARE_OF_ONE)
        singled[loudest] = found or MOST_THRESHOLD
        if found is None:
            breaking.append(loudest)
        else:
            own_tails.append((own, found))
    if threshold is None:
        breaking += _contributors(shown, singled, tail)
    used = threshold or MOST_THRESHOLD
    together = ((tail, used), *own_tails)
    sure = 1 - MISS / len(together)  # Bonferroni: all of the intervals hold together
    rates = [each.rate(at, load.episodes_per_hour, sure) for each, at in together]
    calibration = Calibration(
        version=load.version,
        scenes=load.scenes,
        threshold=used,
        entry_thresholds=tuple(EntryThreshold(name, own) for name, own in singled.items()),
        per_hour=sum(rate.expected for rate in rates),
        at_least_per_hour=sum(rate.at_least for rate in rates),
        at_most_per_hour=sum(rate.at_most for rate in rates),
        budget_per_hour=load.budget_per_hour,
        episodes_per_hour=load.episodes_per_hour,
        episodes=len(impostors),
        entries=len(load.entries) - len(load.decoys),
        decoy_share=_decoy_share(impostors, load),
        is_extrapolated=tail.is_extrapolated(used),
        rule=mark_of(WATCHING),
    )
    reached = sum(impostor.strength >= calibration.threshold_of(impostor.entry_id) for impostor in shown)
    return Plan(calibration, tuple(breaking), reached)


def _lowest(tail: Tail, load: Load, budget: float) -> float | None:
    steps = round((MOST_THRESHOLD - LEAST_THRESHOLD) / _STEP) + 1
    thresholds = (round(LEAST_THRESHOLD + _STEP * step, 2) for step in range(steps))
    return next((t for t in thresholds if tail.chance(t) * load.episodes_per_hour <= budget), None)


def _loudest(impostors: tuple[Impostor, ...], singled: dict[str, float], tail: Tail) -> str | None:
    """The entry that draws the most evidence above the level, where that is several times an even share, and by
    enough episodes not to be chance."""
    above = _above(impostors, singled, tail)
    total = sum(sum(excesses) for excesses in above.values())
    often = [name for name, excesses in above.items() if len(excesses) >= _FEWEST_OF_ONE]
    name = max(often, key=lambda name: sum(above[name]), default=None)
    names = {impostor.entry_id for impostor in impostors} - singled.keys() - {""}
    if name is None or (len(above) > 1 and sum(above[name]) <= _SEVERAL * total / max(len(names), _SEVERAL + 1)):
        return None
    return name


def _contributors(impostors: tuple[Impostor, ...], singled: dict[str, float], tail: Tail) -> list[str]:
    above = _above(impostors, singled, tail)
    return sorted(above, key=lambda name: -sum(above[name]))[:_MOST_SINGLED_OUT]


def _above(impostors: tuple[Impostor, ...], singled: dict[str, float], tail: Tail) -> dict[str, list[float]]:
    """What the episodes of each entry have above the tail's level."""
    above: dict[str, list[float]] = {}
    for impostor in impostors:
        if impostor.entry_id not in singled and impostor.strength > tail.level:
            above.setdefault(impostor.entry_id, []).append(impostor.strength - tail.level)
    return above


def _decoy_share(impostors: tuple[Impostor, ...], load: Load) -> float:
    """The share of false hits that falls on decoys: their share of the list, moved by what was counted."""
    if not load.decoys:
        return 0.0
    even = len(load.decoys) / len(load.entries)
    if load.are_scenes_drawn:
        return even
    level = tail_of(tuple(i.strength for i in impostors)).level
    above = [impostor.entry_id in load.decoys for impostor in impostors if impostor.strength > level]
    return (sum(above) + even) / (len(above) + 1)
