"""A network camera (RTSP), decoded inside OpenCV by FFmpeg, over TCP and with time-outs."""

from __future__ import annotations

import os

import cv2

from lapel.capture.opencv import Capture, Intake
from lapel.capture.raw import RawFrame
from lapel.capture.source import without_password
from lapel.capture.stamp import Stamp
from lapel.capture.video import ASSUMED_FPS
from lapel.errors import CameraLost

TIMEOUT_MS = 5000
# OpenCV reads this variable each time it opens a stream. UDP would drop packets, and smeared pictures would follow.
_OPTIONS_VARIABLE = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
_OPTIONS = "rtsp_transport;tcp"


class RtspStream:
    """A stream of a network camera; messages never show the password in its address."""

    is_live = True
    is_moving = True
    ending = ""

    def __init__(self, address: str, timeout_ms: int = TIMEOUT_MS) -> None:
        self.name = without_password(address)
        self.fps = ASSUMED_FPS
        self._address = address
        self._timeout_ms = timeout_ms
        self._stamp = Stamp()
        self._intake = Intake()
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> None:
        """Connect. Raises: CameraLost when nothing answers in time."""
        self.close()
        os.environ[_OPTIONS_VARIABLE] = _OPTIONS
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, self._timeout_ms, cv2.CAP_PROP_READ_TIMEOUT_MSEC, self._timeout_ms]
        capture = Capture(self._address, cv2.CAP_FFMPEG, limits)
        if not capture.isOpened():
            capture.release()
            raise CameraLost(f"{self.name}: no stream within {self._timeout_ms} ms; check address, login and network")
        stated_fps = capture.get(cv2.CAP_PROP_FPS)
        self.fps = stated_fps if 0 < stated_fps <= 1000 else ASSUMED_FPS
        self._capture = capture

    def read(self) -> RawFrame | None:
        """The next picture. Raises: CameraLost when the stream is cut or silent."""
        pixels = self._intake.next_picture(self._capture) if self._capture is not None else None
        if pixels is None:
            raise CameraLost(f"{self.name}: the stream was cut; check the network and the camera's power")
        return self._stamp.on(pixels, self._intake.buffers.give_back)

    def close(self) -> None:
        """Disconnect."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None
