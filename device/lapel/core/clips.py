"""What is kept around an alert: stills from before it to after it, and nothing without one. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

LONGEST_S = 60.0
"""Alerts that lie close share a clip, which they make no longer than this."""


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """A redacted scene, people masked, as a JPEG. ``at_s`` is stream time."""

    at_s: float
    width_px: int
    height_px: int
    jpeg: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that a clip is kept for: the id of its record, its entry, its stream time."""

    record: str
    entry: str
    at_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """What becomes a clip: the alerts, the first of which names it, and the stills around them, in order."""

    alerts: tuple[Told, ...]
    stills: tuple[Still, ...]


@dataclass(slots=True)
class _Open:
    alerts: list[Told]
    stills: list[Still]
    ends_s: float


class Cutter:
    """Holds the stills of the last ``before_s`` seconds, and cuts clips that end ``after_s`` after an alert.

    It takes ``stills_per_s`` at most, by stream time, so its memory is bounded by the times: (before_s · stills_per_s)
    stills, and (LONGEST_S · stills_per_s) while a clip is open. A source that begins again, or whose pictures change
    their size, ends the open clips.
    """

    def __init__(self, before_s: float, after_s: float, stills_per_s: float) -> None:
        self._before_s, self._after_s, self._stills_per_s = before_s, after_s, stills_per_s
        self._ring: deque[Still] = deque(maxlen=max(1, round(before_s * stills_per_s) + 1))
        self._open: list[_Open] = []
        self._slot = -1

    @property
    def is_open(self) -> bool:
        """Whether a clip waits for its end."""
        return bool(self._open)

    def wants(self, at_s: float) -> bool:
        """Whether a still of that time is to be made: at most one in each slot of 1/stills_per_s."""
        return self._slot_of(at_s) != self._slot

    def see(self, still: Still) -> tuple[Cut, ...]:
        """Take a still; the clips that end with it."""
        done = self.finish() if self._is_another_source(still) else ()
        self._slot = self._slot_of(still.at_s)
        self._ring.append(still)
        for clip in self._open:
            clip.stills.append(still)
        over = [clip for clip in self._open if still.at_s >= clip.ends_s]
        self._open = [clip for clip in self._open if still.at_s < clip.ends_s]
        return (*done, *map(_cut, over))

    def alerted(self, told: Told) -> None:
        """Begin a clip, or lengthen the open one where that does not become too long."""
        ends_s = told.at_s + self._after_s
        clip = self._open[-1] if self._open else None
        if clip is not None and ends_s - clip.stills[0].at_s <= LONGEST_S:
            clip.alerts.append(told)
            clip.ends_s = max(clip.ends_s, ends_s)
        elif (
            stills := [still for still in self._ring if still.at_s >= told.at_s - self._before_s] or [*self._ring][-1:]
        ):
            self._open.append(_Open([told], stills, ends_s))

    def finish(self) -> tuple[Cut, ...]:
        """The open clips, as short as they are: nothing more comes. What was before is forgotten."""
        done = tuple(map(_cut, self._open))
        self._open.clear()
        self._ring.clear()
        return done

    def _slot_of(self, at_s: float) -> int:
        return int(at_s * self._stills_per_s + 1e-6)

    def _is_another_source(self, still: Still) -> bool:
        if not self._ring:
            return False
        last = self._ring[-1]
        return still.at_s < last.at_s or (still.width_px, still.height_px) != (last.width_px, last.height_px)


def _cut(clip: _Open) -> Cut:
    return Cut(tuple(clip.alerts), tuple(clip.stills))
