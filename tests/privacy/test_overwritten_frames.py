"""A frame that was overwritten while somebody was at it is never shown, and shows no face in those around it."""

import cv2
import numpy as np
import pytest

from lapel.capture.eye import CapturedEye
from lapel.capture.raw import RawFrame
from lapel.core.geometry import Box
from lapel.core.things import Pixels
from lapel.fakes.camera import RecordedCamera
from lapel.fakes.clock import FakeClock
from lapel.hunt.mark import likeness
from lapel.hunt.scene import scenes
from lapel.infer.finders import watching
from lapel.infer.manifest import ModelStore
from lapel.infer.tflite import Runtime
from lapel.ports import Finder

pytestmark = pytest.mark.models

# Where a look takes tens of times as long, at x86's, the beginning has to do.
FRAMES = {Runtime.LITERT: 24, Runtime.TFLITE: 8}


class Interrupted:
    """A finder during whose looks, before or after it has looked, every other frame is overwritten."""

    def __init__(self, finder: Finder, raws: list[RawFrame]) -> None:
        self._finder, self._raws = finder, raws

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        newest = self._raws[-1]
        if newest.number % 4 == 1:
            newest.overwrite()
        found = self._finder.find(pixels)
        if newest.number % 4 == 3:
            newest.overwrite()
        return found


def test_no_face_is_shown_where_every_other_frame_is_overwritten_during_a_look(
    models: ModelStore, runtime: Runtime
) -> None:
    raws: list[RawFrame] = []

    def wrap(pixels: Pixels, number: int, at_s: float) -> RawFrame:
        raws.append(RawFrame(pixels, number, at_s))
        return raws[-1]

    camera = RecordedCamera(wrap, list(scenes(FRAMES[runtime])), is_live=False)
    camera.open()
    first, *others = watching(models)
    eye = CapturedEye(camera, [Interrupted(first, raws), *others], FakeClock(), delay_frames=2)
    shown = list(eye.frames())
    assert [frame.number for frame in shown] == list(range(0, FRAMES[runtime], 2))
    assert [frame.number for frame in shown if is_marked(frame.pixels)] == []
    assert eye.account.late == FRAMES[runtime] // 2
    assert not any(raw.pixels.any() for raw in raws)


def is_marked(pixels: Pixels) -> bool:
    return likeness(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)).is_mark


def test_the_control_is_marked() -> None:
    assert is_marked(next(scenes(1)))
