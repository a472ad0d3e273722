"""Has a hot or underfed board do less: rests between frames, which are overtaken and counted, and takes fewer looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lapel.config.profile import Redaction
from lapel.core.heat import Condition, Policy, heat_event, said
from lapel.core.quality import Gate
from lapel.core.records import Event
from lapel.core.things import Frame
from lapel.health.board import heat_c, throttled
from lapel.ports import Clock, Health

_LOOK_EVERY_S = 5.0
_LONGEST_HELD_S = 2.5


def condition() -> Condition:
    """How this board is now."""
    return Condition(heat_c(), throttled())


def longest_apart_s(redaction: Redaction) -> float:
    """How far apart frames may come: rests keep no raw frame in the line for longer, and the watchdog is far."""
    return min(1.0, _LONGEST_HELD_S / (redaction.delay_frames + 1))


class Cooling:
    """Port Health for the loop, passed on: after each frame it rests, so that the step's share of frames is left, but
    no longer than that frames come every ``longest_s``: those that wait for redaction must not grow too old."""

    def __init__(
        self,
        health: Health,
        gate: Gate,
        clock: Clock,
        keep: Callable[[Event], None],
        notice: Callable[[str], None],
        longest_s: float,
        rest: Callable[[float], None],
        ask: Callable[[], Condition] = condition,
    ) -> None:
        """``rest`` sleeps, and has redaction do so."""
        self._health, self._gate, self._clock, self._keep, self._notice = health, gate, clock, keep, notice
        self._longest_s, self._ask, self._rest = longest_s, ask, rest
        self._policy = Policy()
        self._looks_per_second = gate.limits.looks_per_second
        self._asked_s = float("-inf")
        self._began_s: float | None = None

    def beat(self, frame: Frame) -> None:
        """A frame was looked at completely."""
        self._health.beat(frame)
        now_s = self._now_s()
        if now_s - self._asked_s >= _LOOK_EVERY_S:
            self._asked_s = now_s
            self._heed(self._ask(), now_s)
        frames = self._policy.step.frames
        if frames < 1 and self._began_s is not None:
            busy_s = now_s - self._began_s
            self._rest(max(0.0, min(busy_s / frames, self._longest_s) - busy_s))
        self._began_s = self._now_s()

    def awaiting(self, is_lost: bool) -> None:
        """A lost camera is awaited, or a frame that is not too late."""
        self._health.awaiting(is_lost)
        self._began_s = None

    def spent(self, stage: str, seconds: float) -> None:
        """A stage of the loop took that long."""
        self._health.spent(stage, seconds)

    def raw_wiped(self, age_s: float) -> None:
        """An unblurred picture was overwritten."""
        self._health.raw_wiped(age_s)

    def _heed(self, now: Condition, at_s: float) -> None:
        if not self._policy.see(now, at_s):
            return
        step = self._policy.step
        self._gate.limits = replace(self._gate.limits, looks_per_second=self._looks_per_second * step.looks)
        self._keep(heat_event(now, self._policy.number))
        self._notice(said(now, step))

    def _now_s(self) -> float:
        return self._clock.monotonic_ns() / 1e9
