"""One suite for every Eye: over a real video file, over a live camera's double, and the double of the eye itself."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from footage import picture, write_video
from lapel.capture.eye import CapturedEye
from lapel.capture.raw import RawFrame
from lapel.capture.sources import open_source
from lapel.core.geometry import Box
from lapel.fakes.camera import RecordedCamera, RecordedEye, plain_frames
from lapel.fakes.clock import FakeClock
from lapel.fakes.finder import FixedFinder
from lapel.ports import Eye

COUNT = 8


def over_a_file(folder: Path) -> Eye:
    return CapturedEye(open_source(str(write_video(folder / "clip.mp4", COUNT))), [FixedFinder()], FakeClock())


def over_a_file_played_live(folder: Path) -> Eye:
    source = open_source(str(write_video(folder / "clip.mp4", COUNT)), clock=FakeClock())
    return CapturedEye(source, [FixedFinder()], FakeClock())


def over_a_camera(folder: Path) -> Eye:
    camera: RecordedCamera[RawFrame] = RecordedCamera(RawFrame, [picture(40 + n) for n in range(COUNT)])
    camera.open()
    return CapturedEye(camera, [FixedFinder([Box(0, 0, 4, 4)])], FakeClock())


def recorded(folder: Path) -> Eye:
    return RecordedEye(plain_frames(COUNT))


@pytest.fixture(params=[over_a_file, over_a_file_played_live, over_a_camera, recorded])
def eye(request: pytest.FixtureRequest, tmp_path: Path) -> Eye:
    make: Callable[[Path], Eye] = request.param
    return make(tmp_path)


def test_every_frame_delivered_is_looked_at_or_counted_as_dropped(eye: Eye) -> None:
    frames = list(eye.frames())
    assert len(frames) + sum(frame.dropped for frame in frames) == COUNT


def test_the_last_frame_is_never_dropped(eye: Eye) -> None:
    assert [frame.number for frame in eye.frames()][-1] == COUNT - 1


def test_numbers_and_times_grow(eye: Eye) -> None:
    frames = list(eye.frames())
    numbers, times = [frame.number for frame in frames], [frame.at_s for frame in frames]
    assert numbers == sorted(set(numbers))
    assert times == sorted(set(times))


def test_pixels_are_rgb_bytes_that_cannot_be_written(eye: Eye) -> None:
    for frame in eye.frames():
        assert frame.pixels.dtype == np.uint8
        assert frame.pixels.shape == (48, 64, 3)
        assert not frame.pixels.flags.writeable


def test_a_frame_keeps_its_pixels_while_later_ones_come(eye: Eye) -> None:
    kept = [(frame, frame.pixels.copy()) for frame in eye.frames()]
    for frame, pixels in kept:
        np.testing.assert_array_equal(frame.pixels, pixels)
