"""A network camera that is really there: it goes, falls silent, comes back, and sends what is no picture."""

from __future__ import annotations

import socket
import subprocess
import sys
from threading import Thread

import pytest

from lapel.capture.backoff import Backoff
from lapel.capture.eye import CapturedEye
from lapel.capture.rtsp import RtspStream
from lapel.capture.video import ASSUMED_FPS
from lapel.core.things import Frame
from lapel.errors import CameraLost
from lapel.fakes.finder import FixedFinder
from lapel.health.clock import SystemClock
from lapel.health.meters import Meters
from rtsp_rig import ENDING, MJPEG, OF_NO_RATE, SOUND, NetworkCamera, network_camera
from sync_rig import wait_until


def read_until_lost(stream: RtspStream) -> str:
    try:
        while (frame := stream.read()) is not None:
            frame.wipe()
    except CameraLost as lost:
        return str(lost)
    return "it ended as a recording does"


def test_a_camera_that_falls_silent_is_lost_within_the_time_given() -> None:
    with network_camera(MJPEG) as camera:
        stream = RtspStream(camera.address, timeout_ms=500)
        stream.open()
        camera.freeze()
        assert "the stream was cut, or silent for 500 ms; check the network" in read_until_lost(stream)
        stream.close()


def test_a_stream_that_ends_is_lost_and_no_end_of_a_recording() -> None:
    with network_camera(ENDING) as camera:
        stream = RtspStream(camera.address)
        stream.open()
        assert "the stream was cut" in read_until_lost(stream)
        assert stream.ending == ""
        stream.close()


def test_a_camera_that_answers_and_sends_no_pictures_is_told_from_one_that_does_not_answer() -> None:
    with network_camera(SOUND) as camera, pytest.raises(CameraLost, match=r"sends no pictures that can be decoded"):
        RtspStream(camera.address).open()


def test_a_camera_that_takes_the_call_and_says_nothing_is_lost_within_the_time_given() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stream = RtspStream(f"rtsp://127.0.0.1:{server.getsockname()[1]}/live", open_timeout_ms=300)
        with pytest.raises(CameraLost, match="no stream within 300 ms; check the network"):
            stream.open()


def test_a_path_that_the_camera_does_not_have_is_refused() -> None:
    with network_camera(MJPEG) as camera, pytest.raises(CameraLost, match=r"/other: refused, or sends no pictures"):
        RtspStream(camera.address.replace("/live", "/other")).open()


def test_a_camera_with_a_login_is_seen_by_whoever_has_it_and_a_wrong_one_is_never_said() -> None:
    with network_camera(MJPEG, "guard:s3cret") as camera:
        stream = RtspStream(camera.address.replace("//", "//guard:s3cret@"))
        stream.open()
        assert stream.read() is not None
        stream.close()
        with pytest.raises(CameraLost, match=r"rtsp://127\.0\.0\.1:\d+/live: refused, or sends no pictures") as refused:
            RtspStream(camera.address.replace("//", "//guard:wr0ng@")).open()
    assert "wr0ng" not in str(refused.value)


def test_a_stream_that_states_no_rate_is_taken_for_one_of_the_usual_rate() -> None:
    with network_camera(OF_NO_RATE) as camera:
        stream = RtspStream(camera.address)
        stream.open()
        assert stream.read() is not None
        assert stream.fps == ASSUMED_FPS
        stream.close()


class Watcher:
    """Takes frames of a network camera in a thread, as the loop does."""

    def __init__(self, camera: NetworkCamera) -> None:
        self.said: list[str] = []
        self.frames: list[Frame] = []
        self.awaited = 0
        stream = RtspStream(camera.address, timeout_ms=1000)
        stream.open()
        self.eye = CapturedEye(
            stream,
            [FixedFinder()],
            SystemClock(),
            notice=self.said.append,
            health=Meters(self._beat),
            backoff=Backoff(first_s=0.1, most_s=0.4),
            wake_s=0.1,
        )
        self.thread = Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _beat(self, status: str) -> None:
        self.awaited += 1

    def _watch(self) -> None:
        self.frames.extend(self.eye.frames())


def test_a_camera_that_was_unplugged_is_awaited_and_watched_again_with_every_frame_accounted_for() -> None:
    with network_camera(MJPEG) as camera:
        watcher = Watcher(camera)
        wait_until(lambda: watcher.eye.account.passed > 5)
        camera.end()
        wait_until(lambda: watcher.awaited > 3)
        assert [text.endswith("trying again") for text in watcher.said] == [True]
        camera.start()
        wait_until(lambda: len(watcher.said) > 1)
        before = watcher.eye.account.passed
        wait_until(lambda: watcher.eye.account.passed > before + 5)
        watcher.eye.close()
        watcher.thread.join(20)
    assert watcher.said[1] == f"{camera.address}: is back"
    numbers = [frame.number for frame in watcher.frames]
    assert numbers == sorted(set(numbers))
    account = watcher.eye.account
    assert account.passed == len(numbers)
    assert account.seen == account.passed + account.overtaken + account.stopped


def test_behind_the_wall_that_lets_our_code_reach_no_network_the_camera_is_still_seen() -> None:
    code = """if True:
        import socket, sys
        from lapel.capture.sources import open_source
        from lapel.errors import NetworkForbidden
        from lapel.wiring.walls import forbid_network
        forbid_network()
        print(open_source(sys.argv[1]).read().pixels.shape)
        try:
            socket.socket()
        except NetworkForbidden:
            print("and nothing else")"""
    with network_camera(MJPEG) as camera:
        command = [sys.executable, "-c", code, camera.address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("(48, 64, 3)\nand nothing else\n", "")
