"""How much a hot or underfed board is asked for: steps of the frame rate, then of looks. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from lapel.core.records import Event, RecordKind


@dataclass(frozen=True, slots=True)
class Step:
    """From ``from_c`` degrees Celsius on this share of frames is looked at, and this share of looks is taken."""

    from_c: float
    frames: float
    looks: float


STEPS = (
    Step(float("-inf"), 1.0, 1.0),
    Step(72.0, 0.5, 1.0),
    Step(77.0, 0.25, 1.0),
    Step(81.0, 0.25, 0.5),
)
"""A Raspberry Pi slows itself down from 80 °C and hard at 85 (its documentation, frequency management and thermal
control); fewer frames chosen by us are better than all of them late. The detector's input stays as it is: of a smaller
one fewer people would be found to mask. Chosen by thought: no board was measured."""

COOLER_C = 5.0
"""How much cooler than where a step begins it must be before it ends."""

HELD_S = 30.0
"""How long a step lasts at least: a case cools slowly."""

_UNDER_VOLTAGE, _THROTTLED = 1 << 0, 1 << 2
"""Bits of the firmware's get_throttled that say how it is now (Raspberry Pi documentation, vcgencmd)."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a board says of itself: its hottest zone, and the firmware's get_throttled; None where it says nothing."""

    heat_c: float | None
    throttled: int | None = None

    @property
    def is_underfed(self) -> bool:
        """Whether its supply is too weak, now."""
        return bool((self.throttled or 0) & _UNDER_VOLTAGE)

    @property
    def is_slowed(self) -> bool:
        """Whether the board already slows itself down, now."""
        return bool((self.throttled or 0) & (_UNDER_VOLTAGE | _THROTTLED))


class Policy:
    """Goes up to a step at once and down by one at a time, once it is cooler and the step has lasted."""

    def __init__(self) -> None:
        self._number = 0
        self._since_s = float("-inf")

    @property
    def number(self) -> int:
        """The step that holds, 0 for all that the board can."""
        return self._number

    @property
    def step(self) -> Step:
        """What it asks for."""
        return STEPS[self._number]

    def see(self, now: Condition, at_s: float) -> bool:
        """Take in how the board is at ``at_s`` seconds of a clock that never goes back; whether the step changed."""
        least = 1 if now.is_slowed else 0
        heat_c = float("-inf") if now.heat_c is None else now.heat_c
        wanted = max(least, max(number for number, step in enumerate(STEPS) if heat_c >= step.from_c))
        if wanted <= self._number:
            is_cooler = heat_c < self.step.from_c - COOLER_C and self._number > least
            wanted = self._number - (is_cooler and at_s - self._since_s >= HELD_S)
        if wanted == self._number:
            return False
        self._number, self._since_s = wanted, at_s
        return True


def heat_event(now: Condition, number: int) -> Event:
    """What is kept of a step."""
    return Event(RecordKind.HEAT, (("heat_c", now.heat_c), ("step", number), ("throttled", now.throttled)))


def said(now: Condition, step: Step) -> str:
    """A step in words."""
    heat = "" if now.heat_c is None else f"{now.heat_c:.0f} °C"
    cause = ", ".join(part for part in (heat, "supply too weak" if now.is_underfed else "") if part) or "slowed down"
    if step.frames == 1:
        return f"all frames are looked at again ({cause})"
    looks = "" if step.looks == 1 else f" and {step.looks:.0%} of the looks taken"
    return f"TOO HOT OR UNDERFED ({cause}): {step.frames:.0%} of the frames are looked at{looks}; shade or feed it"
