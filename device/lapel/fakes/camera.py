"""Doubles of cameras: one that the capture stage reads, and an eye that delivers ready frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

import numpy as np

from lapel.core.things import Frame, Pixels
from lapel.errors import CameraLost

Raw = TypeVar("Raw")


class RecordedCamera(Generic[Raw]):
    """A source with the pictures it is given, which can be lost and come back.

    ``wrap`` makes a source's frame of pixels, number and time: unblurred pixels have a type that only capture
    may name. ``lost_at`` are the frame numbers before which the camera is lost once; ``refusals`` how often it
    then refuses to open. ``before_read`` is called with the number of each frame about to be read, so that a
    test can hold the camera back.
    """

    def __init__(
        self,
        wrap: Callable[[Pixels, int, float], Raw],
        pictures: Sequence[Pixels],
        *,
        fps: float = 25.0,
        is_live: bool = True,
        lost_at: Sequence[int] = (),
        refusals: int = 0,
        before_read: Callable[[int], None] = lambda number: None,
    ) -> None:
        self.name = "recorded camera"
        self.fps = fps
        self.is_live = is_live
        self.is_moving = True
        self.ending = ""
        self.opened = 0
        self.closed = 0
        self._wrap = wrap
        self._pictures = tuple(pictures)
        self._lost_at = set(lost_at)
        self._refusals = refusals
        self._before_read = before_read
        self._number = 0
        self._is_open = False

    def open(self) -> None:
        """Start, or start again where it was lost. Raises: CameraLost while it still refuses."""
        if self._number and self._refusals:
            self._refusals -= 1
            raise CameraLost(f"{self.name}: does not answer; check its cable")
        self.opened += 1
        self._is_open = True

    def read(self) -> Raw | None:
        """The next picture, or None at the end. Raises: CameraLost."""
        self._before_read(self._number)
        if self._number in self._lost_at:
            self._lost_at.remove(self._number)
            self._is_open = False
        if not self._is_open:
            raise CameraLost(f"{self.name}: was unplugged; check its cable")
        if self._number == len(self._pictures):
            self.ending = f"{self.name}: end after {self._number} frames"
            return None
        raw = self._wrap(self._pictures[self._number].copy(), self._number, self._number / self.fps)
        self._number += 1
        return raw

    def close(self) -> None:
        """Let go."""
        self._is_open = False
        self.closed += 1


class RecordedEye:
    """The port Eye over frames that are already redacted."""

    def __init__(self, frames: Sequence[Frame]) -> None:
        self._frames = tuple(frames)

    def frames(self) -> Iterator[Frame]:
        """The frames, in order."""
        yield from self._frames


def plain_frames(count: int, width: int = 64, height: int = 48, fps: float = 25.0) -> tuple[Frame, ...]:
    """Frames that differ in their grey, read-only, numbered from 0."""
    made = []
    for number in range(count):
        pixels = np.full((height, width, 3), 40 + number % 200, np.uint8)
        pixels.setflags(write=False)
        made.append(Frame(pixels, number, number / fps))
    return tuple(made)
