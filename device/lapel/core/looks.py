"""Several looks, one decision: what the looks at one thing say of an entry, weighed together. Pure.

Looks at one thing are not independent: whatever makes one of them err stays in view. So agreement lowers how much
each look must show, and never multiplies chances.
"""

from __future__ import annotations

from dataclasses import dataclass

from lapel.core.geometry import Box
from lapel.core.things import Match, Origin, Sighting

NEEDED = (1.0, 0.8, 0.6)
"""Evidence that each of one, two or three agreeing looks must have. A strong look decides alone; of weak ones two or
three have to name the same entry at the same place."""

MOST_LOOKS = 8
MOST_GROUPS = 512
_SCENE = 0
"""Whole-frame and centre looks belong to no track; the tracker's numbers begin at 1, so 0 is theirs together."""

_REACH = 1.5
"""How much larger a match's box is taken where the next look is asked whether it is at the same place."""


@dataclass(frozen=True, slots=True)
class _Look:
    """``place`` is in the frame for looks at the scene; for a track's in thousandths of the track's own box."""

    evidence: float
    place: Box
    at_s: float
    frame: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the looks so far say of an entry. ``strength`` 1 is the decision's threshold; ``looks`` agree with the
    newest one, itself included; ``is_first`` when no look of this track was decided for the entry before."""

    strength: float
    looks: int
    is_first: bool

    @property
    def is_hit(self) -> bool:
        """Whether the looks together are enough."""
        return self.strength >= 1


class Looks:
    """Remembers the latest looks of each track and entry, and decides on all of them at once.

    ``track_memory_s``: a track that was not looked at for longer is forgotten; ``scene_memory_s`` the same for looks
    at the scene, whose track has no end. Both are stream time, so that a replay decides as the street did.
    """

    def __init__(self, track_memory_s: float = 10.0, scene_memory_s: float = 3.0) -> None:
        self._track_memory_s, self._scene_memory_s = track_memory_s, scene_memory_s
        self._groups: dict[tuple[int, str], tuple[_Look, ...]] = {}
        self._decided: dict[tuple[int, str], float] = {}
        self.decisions = 0

    def weigh(self, sighting: Sighting, match: Match, threshold: float = 1.0) -> Verdict:
        """Add a look's best match to what is known of its track, and judge.

        ``threshold`` multiplies the evidence that is needed (``core.calibration``).
        """
        key = (_track_of(sighting), match.entry.id)
        self._forget(sighting.at_s)
        look = _Look(match.evidence, _place(sighting, match), sighting.at_s, sighting.frame)
        if look.evidence < NEEDED[-1] * threshold:
            return Verdict(0.0, 0, is_first=False)
        kept = (*self._groups.pop(key, ()), look)[-MOST_LOOKS:]
        self._groups[key] = kept  # the newest group stands last, so that the oldest is the first to go
        while len(self._groups) > MOST_GROUPS:
            del self._groups[next(iter(self._groups))]
        agreeing = tuple(other for other in kept if _is_near(other.place, look.place))
        strength = combined(_one_a_frame(agreeing)) / threshold
        is_first = strength >= 1 and key not in self._decided
        if strength >= 1:
            self._decided[key] = sighting.at_s
        self.decisions += is_first
        return Verdict(strength, len(_one_a_frame(agreeing)), is_first)

    def _forget(self, now_s: float) -> None:
        for key in [key for key, looks in self._groups.items() if not self._is_fresh(key[0], looks[-1].at_s, now_s)]:
            del self._groups[key]
        if _SCENE in {track for track, _ in self._groups}:
            for key in [key for key in self._groups if key[0] == _SCENE]:
                fresh = tuple(look for look in self._groups[key] if self._is_fresh(_SCENE, look.at_s, now_s))
                self._groups[key] = fresh
        for key in [key for key, at_s in self._decided.items() if not self._is_fresh(key[0], at_s, now_s)]:
            del self._decided[key]

    def _is_fresh(self, track: int, at_s: float, now_s: float) -> bool:
        # A source that begins again counts from 0: what lies ahead of now is of the time before.
        return 0 <= now_s - at_s <= (self._scene_memory_s if track == _SCENE else self._track_memory_s)


def combined(evidence: tuple[float, ...]) -> float:
    """What looks that agree are worth together, 1 being enough: the best of what one, two or three of them are.

    Never falls when a look is added or shows more.
    """
    best = sorted(evidence, reverse=True)
    return max((shown / needed for shown, needed in zip(best, NEEDED, strict=False)), default=0.0)


def _one_a_frame(looks: tuple[_Look, ...]) -> tuple[float, ...]:
    """The best evidence in each frame: two cuts of one frame are one look."""
    best: dict[int, float] = {}
    for look in looks:
        best[look.frame] = max(look.evidence, best.get(look.frame, 0.0))
    return tuple(best.values())


def _track_of(sighting: Sighting) -> int:
    return _SCENE if sighting.origin in (Origin.WHOLE, Origin.CENTRE) or sighting.track < 0 else sighting.track


def _place(sighting: Sighting, match: Match) -> Box:
    """Where the entry lies: a thing may move through the frame, and then it takes its track's box along."""
    if _track_of(sighting) == _SCENE or not sighting.box.area:
        return match.box
    box, around = match.box, sighting.box
    across, down = 1000 / around.width, 1000 / around.height
    return Box(
        round((box.x0 - around.x0) * across),
        round((box.y0 - around.y0) * down),
        round((box.x1 - around.x0) * across),
        round((box.y1 - around.y0) * down),
    )


def _is_near(one: Box, other: Box) -> bool:
    """Whether two places are one: each one's middle lies in the other, a little grown."""
    return _holds_middle(one, other) and _holds_middle(other, one)


def _holds_middle(box: Box, other: Box) -> bool:
    wide = box.grown(_REACH)
    x, y = (other.x0 + other.x1) / 2, (other.y0 + other.y1) / 2
    return wide.x0 <= x <= wide.x1 and wide.y0 <= y <= wide.y1
