"""What a receiver says of where it is, line by line as gpsd passes it on (gpsd_json(5)): which of it is a fix. Pure.

Ages are of a clock that nobody sets: neither the wall clock nor the receiver's own time makes a fix younger.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from math import isfinite

from lapel.core.position import Fix, Position, metres_apart

FASTEST_M_S = 350.0
"""An airliner's speed: what is faster than that was not moved, but mistaken."""
_SLACK_M = 1000.0
"""How far two fixes may be apart whatever the time between them: a receiver that wakes up errs by so much."""
_LEAST_ACCURATE_M = 10_000.0
_HAS_FIX = 2
"""From this mode on a receiver knows where it is (gpsd_json(5), TPV: mode)."""


class Heard(Enum):
    """What became of a line."""

    FIX = "fixes"
    NO_FIX = "without_fix"
    REPEATED = "repeated"
    ABSURD = "absurd"
    GARBAGE = "garbage"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class _Report:
    """A receiver's report: where it is, how well it knows, and its own time as it wrote it."""

    position: Position
    accuracy_m: float | None
    time: str


class Receiver:
    """Takes in line by line and keeps the last fix. ``counts`` says what became of all lines."""

    def __init__(self) -> None:
        self.counts: Counter[Heard] = Counter()
        self.spoke_s = float("-inf")
        self._last: tuple[_Report, float] | None = None
        self._held_back: tuple[_Report, float] | None = None

    def hear(self, line: bytes, now_s: float) -> Heard:
        """What a line is, at ``now_s`` seconds of a clock that never goes back."""
        heard = self._heard(line, now_s)
        self.counts[heard] += 1
        return heard

    def fix(self, now_s: float) -> Fix | None:
        """The last fix, as old as it is now."""
        if self._last is None:
            return None
        report, heard_s = self._last
        return Fix(report.position, now_s - heard_s, report.accuracy_m)

    def _heard(self, line: bytes, now_s: float) -> Heard:
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            return Heard.GARBAGE
        if not isinstance(said, dict) or not isinstance(said.get("class"), str):
            return Heard.GARBAGE
        if said["class"] != "TPV":
            return Heard.OTHER
        self.spoke_s = now_s
        mode = said.get("mode")
        if not isinstance(mode, int) or mode < _HAS_FIX:
            return Heard.NO_FIX
        report = _report(said)
        if report is None:
            return Heard.ABSURD
        # Of a receiver that hangs gpsd may pass on the same again and again.
        if report.time and self._last is not None and report.time == self._last[0].time:
            return Heard.REPEATED
        return self._taken(report, now_s)

    def _taken(self, report: _Report, now_s: float) -> Heard:
        """Where it can have come to since the last fix; elsewhere, once the next report says the same."""
        now = (report, now_s)
        if self._last is not None and not (_may_follow(now, self._last) or _may_follow(now, self._held_back)):
            self._held_back = now
            return Heard.ABSURD
        self._last, self._held_back = now, None
        return Heard.FIX


def _may_follow(now: tuple[_Report, float], before: tuple[_Report, float] | None) -> bool:
    if before is None:
        return False
    errors_m = (now[0].accuracy_m or 0.0) + (before[0].accuracy_m or 0.0)
    reach_m = _SLACK_M + errors_m + FASTEST_M_S * (now[1] - before[1])
    return metres_apart(now[0].position, before[0].position) <= reach_m


def _report(said: dict[str, object]) -> _Report | None:
    """What a TPV says; None where it cannot be so."""
    latitude, longitude = _number(said.get("lat")), _number(said.get("lon"))
    if latitude is None or longitude is None:
        return None
    position = Position(latitude, longitude)
    # 0, 0 lies in the sea, and is what a broken receiver says.
    if not position.is_on_earth or (latitude == 0 and longitude == 0):
        return None
    errors_m = [error for key in ("eph", "epx", "epy") if (error := _number(said.get(key))) is not None]
    accuracy_m = max(errors_m, default=None)
    if accuracy_m is not None and not 0 <= min(errors_m) <= accuracy_m <= _LEAST_ACCURATE_M:
        return None
    return _Report(position, accuracy_m, str(said.get("time", "")))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return float("inf")
    return number if isfinite(number) else float("inf")
