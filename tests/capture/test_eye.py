"""The eye over live sources: frames that were not looked at are counted, a lost camera comes back."""

import threading
import time
from pathlib import Path
from threading import Event, Thread

import pytest

from footage import picture, write_video
from lapel.capture.backoff import Backoff
from lapel.capture.eye import Account, CapturedEye
from lapel.capture.paced import Paced
from lapel.capture.raw import RawFrame
from lapel.capture.sources import open_source
from lapel.capture.video import VideoFile
from lapel.core.things import Frame
from lapel.errors import CameraLost
from lapel.fakes.camera import RecordedCamera
from lapel.fakes.clock import FakeClock
from lapel.fakes.finder import FixedFinder, ScriptedFinder
from lapel.health.meters import Meters

AT_ONCE = Backoff(first_s=0.0, most_s=0.0)


class Turnstile:
    """Holds a camera before chosen frames until the test lets it go on."""

    def __init__(self, *numbers: int) -> None:
        self._gates = {number: threading.Event() for number in numbers}
        self.reached = {number: threading.Event() for number in numbers}

    def __call__(self, number: int) -> None:
        if number in self._gates:
            self.reached[number].set()
            assert self._gates[number].wait(20)

    def open(self, number: int) -> None:
        self._gates[number].set()


def camera(count: int, **more: object) -> RecordedCamera[RawFrame]:
    made: RecordedCamera[RawFrame] = RecordedCamera(RawFrame, [picture(20 + n) for n in range(count)], **more)  # type: ignore[arg-type]
    made.open()
    return made


def eye_on(source: RecordedCamera[RawFrame], notices: list[str] | None = None) -> CapturedEye:
    said = notices if notices is not None else []
    return CapturedEye(source, [FixedFinder()], FakeClock(), notice=said.append, delay_frames=0, backoff=AT_ONCE)


def test_a_slow_reader_gets_the_newest_frame_and_the_number_it_missed() -> None:
    turnstile = Turnstile(1, 6)
    eye = eye_on(camera(6, before_read=turnstile))
    frames = eye.frames()
    first = next(frames)
    turnstile.open(1)
    assert turnstile.reached[6].wait(20)
    ends = time.monotonic() + 20
    while eye.account.overtaken < 4:
        assert time.monotonic() < ends
        time.sleep(0.005)
    newest = next(frames)
    turnstile.open(6)
    assert list(frames) == []
    assert (first.number, newest.number, newest.dropped) == (0, 5, 4)
    assert eye.account == Account(seen=6, passed=2, overtaken=4, unredactable=0)


def test_a_file_read_in_lockstep_drops_nothing() -> None:
    eye = eye_on(camera(30, is_live=False))
    assert [(frame.number, frame.dropped) for frame in eye.frames()] == [(n, 0) for n in range(30)]


def test_a_lost_camera_is_told_tried_again_and_told_when_it_is_back() -> None:
    notices: list[str] = []
    lost = camera(6, lost_at=[3], refusals=2)
    numbers = [frame.number for frame in eye_on(lost, notices).frames()]
    assert numbers[-1] == 5
    assert lost.opened == 2
    assert notices[:2] == [
        "recorded camera: was unplugged; check its cable; trying again",
        "recorded camera: is back",
    ]


def test_the_end_of_a_source_is_told() -> None:
    notices: list[str] = []
    list(eye_on(camera(2, is_live=False), notices).frames())
    assert notices == ["recorded camera: end after 2 frames"]


def test_a_failure_of_the_capture_thread_reaches_the_reader() -> None:
    def explode(number: int) -> None:
        if number == 1:
            raise ZeroDivisionError("a defect of a driver")

    with pytest.raises(ZeroDivisionError, match="a defect of a driver"):
        list(eye_on(camera(3, before_read=explode)).frames())


def test_a_reader_who_stops_lets_go_of_the_camera() -> None:
    source = camera(100)
    frames = eye_on(source).frames()
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    assert source.closed >= 1
    assert not [thread for thread in threading.enumerate() if thread.name == "capture"]


def test_a_frame_that_cannot_be_redacted_counts_as_dropped_before_the_next() -> None:
    finder = ScriptedFinder([(), RuntimeError("accelerator gone"), RuntimeError("accelerator gone"), ()])
    notices: list[str] = []
    eye = CapturedEye(camera(4, is_live=False), [finder], FakeClock(), notice=notices.append)
    frames: list[Frame] = list(eye.frames())
    assert [(frame.number, frame.dropped) for frame in frames] == [(0, 0), (3, 2)]
    assert eye.account == Account(seen=4, passed=2, overtaken=0, unredactable=2)
    assert notices[0].startswith("frames dropped because faces could not be destroyed: 1; ScriptedFinder")
    assert "accelerator gone" in notices[0]


def test_a_paced_video_holds_every_frame_until_its_time(tmp_path: Path) -> None:
    clock = FakeClock()
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.advance(seconds)

    video = Paced(VideoFile(write_video(tmp_path / "clip.mp4", 5)), clock, sleep)
    video.open()
    while video.read() is not None:
        pass
    assert slept == pytest.approx([0.04] * 4, abs=1e-6)


def test_a_video_file_with_a_clock_is_live_and_without_one_is_not(tmp_path: Path) -> None:
    clip = str(write_video(tmp_path / "clip.mp4", 3))
    lockstep, live = open_source(clip), open_source(clip, clock=FakeClock())
    assert (lockstep.is_live, live.is_live) == (False, True)
    lockstep.close()
    live.close()


def test_waits_double_up_to_the_longest_and_are_never_longer() -> None:
    class NoChance:
        def random(self) -> float:
            return 0.0

    waits = Backoff(1, 5, 0.5).waits_s(NoChance())  # type: ignore[arg-type]
    assert [next(waits) for _ in range(5)] == [1, 2, 4, 5, 5]


def test_a_camera_that_never_opened_is_an_error_and_not_waited_for() -> None:
    with pytest.raises(CameraLost, match="uvc:97: /dev/video97 cannot be opened"):
        open_source("uvc:97")


def test_a_lost_camera_that_is_waited_for_is_a_sign_of_life_and_a_hanging_one_is_not() -> None:
    turnstile, awaited = Turnstile(1), Event()
    lost = camera(2, lost_at=[1], refusals=10**9, before_read=turnstile)
    health, often = Meters(lambda status: awaited.set()), Backoff(0.01, 0.01)
    eye = CapturedEye(lost, [FixedFinder()], FakeClock(), health=health, delay_frames=0, backoff=often, wake_s=0.01)
    frames = eye.frames()
    next(frames)
    waiting = Thread(target=lambda: list(frames))
    waiting.start()
    assert turnstile.reached[1].wait(20)
    assert not awaited.wait(0.2)
    turnstile.open(1)
    assert awaited.wait(20)
    eye.close()
    waiting.join(20)
    assert not waiting.is_alive()
