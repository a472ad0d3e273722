"""One suite for every source of pictures: files, recorded cameras, and cameras that are really there."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from footage import FPS, write_picture
from lapel.capture.folder import PictureFolder
from lapel.capture.paced import Paced
from lapel.capture.picamera import PiCamera
from lapel.capture.raw import RawFrame
from lapel.capture.rtsp import RtspStream
from lapel.capture.source import Source
from lapel.capture.uvc import UvcCamera
from lapel.capture.video import VideoFile
from lapel.capture.yuv import Layout
from lapel.core.things import Pixels
from lapel.fakes.camera import RecordedCamera
from lapel.fakes.clock import FakeClock
from pi_camera import BT601, HEIGHT, WIDTH, RecordedPiCamera, buffer_of, granted
from rtsp_rig import H264, MJPEG, network_camera

COUNT = 12
RED = np.full((HEIGHT, WIDTH, 3), (200, 40, 40), np.uint8)

Made = AbstractContextManager[Source]


def red_video(folder: Path) -> VideoFile:
    path = folder / "red.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (WIDTH, HEIGHT))
    for _ in range(COUNT):
        writer.write(RED[..., ::-1].copy())
    writer.release()
    return VideoFile(path)


@contextmanager
def a_file(folder: Path) -> Iterator[Source]:
    yield red_video(folder)


@contextmanager
def a_file_played_live(folder: Path) -> Iterator[Source]:
    yield Paced(red_video(folder), FakeClock(), lambda seconds: None)


@contextmanager
def a_folder(folder: Path) -> Iterator[Source]:
    for number in range(COUNT):
        write_picture(folder / f"{number}.png", RED)
    yield PictureFolder(folder)


@contextmanager
def a_recorded_camera(folder: Path) -> Iterator[Source]:
    pictures: list[Pixels] = [RED] * 3 * COUNT
    yield RecordedCamera(RawFrame, pictures)


def a_pi_camera(layout: Layout, stride: int) -> Callable[[Path], Made]:
    @contextmanager
    def made(folder: Path) -> Iterator[Source]:
        recorded = RecordedPiCamera(granted(layout.value, stride), buffer_of(RED, layout, stride), every_s=0.01)
        yield PiCamera(0, WIDTH, HEIGHT, FPS, lambda number: (recorded, BT601))

    made.__name__ = f"a_pi_camera_{layout.value}_{stride}"
    return made


@contextmanager
def a_usb_camera(folder: Path) -> Iterator[Source]:
    if not Path("/dev/video0").exists():
        pytest.skip("a USB camera: /dev/video0")
    yield UvcCamera(0, 640, 480, 25)


def a_network_camera(pipeline: str, name: str) -> Callable[[Path], Made]:
    @contextmanager
    def made(folder: Path) -> Iterator[Source]:
        with network_camera(pipeline) as camera:
            yield RtspStream(camera.address)

    made.__name__ = name
    return made


SOURCES = [
    a_file,
    a_file_played_live,
    a_folder,
    a_recorded_camera,
    *(a_pi_camera(layout, stride) for layout in Layout for stride in (WIDTH, WIDTH + 32)),
    a_usb_camera,
    a_network_camera(MJPEG, "a_network_camera_of_mjpeg"),
    a_network_camera(H264, "a_network_camera_of_h264"),
]


@pytest.fixture(scope="module", params=SOURCES, ids=lambda made: made.__name__)
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    """A source that is open, once for all tests: a stream takes seconds to open."""
    with request.param(tmp_path_factory.mktemp("source")) as source:
        source.open()
        yield source
        source.close()


def some(source: Source, count: int = 3) -> list[RawFrame]:
    frames = [source.read() for _ in range(count)]
    assert None not in frames
    return [frame for frame in frames if frame is not None]


def test_pictures_are_rgb_bytes_that_may_be_overwritten(source: Source) -> None:
    for frame in some(source):
        assert (frame.pixels.dtype, frame.pixels.ndim, frame.pixels.shape[2]) == (np.uint8, 3, 3)
        assert frame.pixels.flags.writeable
        if not isinstance(source, UvcCamera):  # who knows what it is pointed at
            assert frame.pixels.shape == RED.shape
            assert np.abs(frame.pixels.astype(int) - RED).max() <= 12


def test_numbers_follow_each_other_and_times_never_go_back(source: Source) -> None:
    frames = some(source)
    assert [later.number - sooner.number for sooner, later in itertools.pairwise(frames)] == [1, 1]
    assert [frame.at_s for frame in frames] == sorted(frame.at_s for frame in frames)


def test_a_source_that_is_opened_again_goes_on_where_it_is_live_and_begins_anew_where_it_is_not(source: Source) -> None:
    last = some(source)[-1]
    source.open()
    (next_one,) = some(source, 1)
    is_a_file = isinstance(source, VideoFile | Paced | PictureFolder)
    assert next_one.number == (0 if is_a_file else last.number + 1)
    assert is_a_file or next_one.at_s >= last.at_s


def test_a_picture_that_was_overwritten_is_nowhere_and_its_memory_serves_the_next(source: Source) -> None:
    (first,) = some(source, 1)
    memory = first.pixels
    first.wipe()
    assert not memory.any()
    (second,) = some(source, 1)
    if not isinstance(source, RecordedCamera | PictureFolder):  # whose pictures lie in ordinary memory
        assert np.shares_memory(second.pixels, memory) or not memory.any()


def test_a_source_may_be_closed_twice_and_is_named(source: Source) -> None:
    source.close()
    source.close()
    assert source.name
    assert 0 < source.fps <= 1000
