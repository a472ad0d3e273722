"""What was a head a moment ago: it stays destroyed for a while, along its motion, though no finder sees it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lapel.capture.motion import GROWTH, Field
from lapel.core.geometry import Box

_SAME_IOU = 0.3
# Two finds are one head under way when it kept about its size and moved less than the next head would be away, in
# parts of an area, which reaches well beyond the head.
_FARTHEST = 0.45
_SAME_SIZE = 1.6

Step = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Remembered:
    """``awaited`` areas are to be destroyed although nothing was found there; ``new`` are those found areas that the
    frame before does not explain."""

    awaited: tuple[Box, ...]
    new: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class _Held:
    """A head that is awaited in two places, since either way of guessing its motion may err. ``flowing`` goes with
    what is around it, ``pacing`` goes on at ``step`` pixels a frame: a shaken camera breaks the pace, and a small
    head before a still wall is not in the flow."""

    flowing: Box
    pacing: Box
    step: Step
    frames_left: int

    def next(self, field: Field | None) -> _Held:
        """The head one frame later."""
        flowing = field.forth(self.flowing) if field is not None else self.flowing
        pacing = self.pacing.shifted(round(self.step[0]), round(self.step[1]))
        return _Held(flowing.grown(GROWTH), pacing.grown(GROWTH), self.step, self.frames_left - 1)

    def is_one_of(self, found: Iterable[Box]) -> bool:
        """Whether it was found again."""
        return any(max(self.flowing.iou(box), self.pacing.iou(box)) >= _SAME_IOU for box in found)


class Memory:
    """Holds what was found for ``frames`` frames, in the places to which it may have moved."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._held: tuple[_Held, ...] = ()
        self._found: tuple[Box, ...] = ()

    def after(self, found: Sequence[Box], field: Field | None) -> Remembered:
        """What a frame adds to what was found before. ``field`` is the motion up to it."""
        steps = [_step(box, self._found) for box in found]
        moved = (held.next(field) for held in self._held if held.frames_left > 0)
        awaited = tuple(held for held in moved if not held.is_one_of(found))
        fresh = (_Held(box, box, step or (0, 0), self._frames) for box, step in zip(found, steps, strict=True))
        self._held, self._found = (*fresh, *awaited), tuple(found)
        return Remembered(
            tuple(box for held in awaited for box in {held.flowing, held.pacing}),
            tuple(box for box, step in zip(found, steps, strict=True) if step is None),
        )


def _step(box: Box, before: Iterable[Box]) -> Step | None:
    """How far a box is from the nearest one of about its size in the frame before; None where there is none."""
    steps = [
        (x, y)
        for other in before
        if max(box.area, other.area) <= _SAME_SIZE**2 * min(box.area, other.area)
        for x, y in [((box.x0 + box.x1 - other.x0 - other.x1) / 2, (box.y0 + box.y1 - other.y0 - other.y1) / 2)]
        if abs(x) <= _FARTHEST * box.width and abs(y) <= _FARTHEST * box.height
    ]
    return min(steps, key=lambda step: step[0] ** 2 + step[1] ** 2, default=None)
