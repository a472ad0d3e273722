"""A network camera (RTSP), decoded inside OpenCV by FFmpeg, over TCP and with time-outs."""

from __future__ import annotations

import os
import time

import cv2

from lapel.capture.opencv import Capture, Intake
from lapel.capture.raw import RawFrame
from lapel.capture.source import without_password
from lapel.capture.stamp import Stamp
from lapel.capture.video import ASSUMED_FPS
from lapel.errors import CameraLost

TIMEOUT_MS = 5000
# FFmpeg listens for 5 s to learn what a stream is, where its description does not say (analyzeduration).
OPEN_TIMEOUT_MS = 15_000
# OpenCV reads this variable each time it opens a stream. UDP would drop packets, and smeared pictures would follow.
_OPTIONS_VARIABLE = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
_OPTIONS = "rtsp_transport;tcp"


class RtspStream:
    """A stream of a network camera; messages never show the password in its address."""

    is_live = True
    is_moving = True
    ending = ""

    def __init__(self, address: str, timeout_ms: int = TIMEOUT_MS, open_timeout_ms: int = OPEN_TIMEOUT_MS) -> None:
        self.name = without_password(address)
        self.fps = ASSUMED_FPS
        self._address = address
        self._timeout_ms, self._open_timeout_ms = timeout_ms, open_timeout_ms
        self._stamp = Stamp()
        self._intake = Intake()
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> None:
        """Connect. Raises: CameraLost when nothing answers in time, or what does sends no pictures."""
        self.close()
        os.environ[_OPTIONS_VARIABLE] = _OPTIONS
        limits_ms = (
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            self._open_timeout_ms,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            self._timeout_ms,
        )
        began_s = time.monotonic()
        capture = Capture(self._address, cv2.CAP_FFMPEG, limits_ms)
        if not capture.isOpened():
            capture.release()
            if time.monotonic() - began_s < self._open_timeout_ms / 1000:
                raise CameraLost(
                    f"{self.name}: refused, or sends no pictures that can be decoded; check address, login, power, and "
                    "that it sends H.264, H.265 or MJPEG"
                )
            raise CameraLost(f"{self.name}: no stream within {self._open_timeout_ms} ms; check the network")
        stated_fps = capture.get(cv2.CAP_PROP_FPS)
        self.fps = stated_fps if 0 < stated_fps <= 1000 else ASSUMED_FPS
        self._capture = capture

    def read(self) -> RawFrame | None:
        """The next picture. Raises: CameraLost when the stream is cut or silent."""
        pixels = self._intake.next_picture(self._capture) if self._capture is not None else None
        if pixels is None:
            why = f"the stream was cut, or silent for {self._timeout_ms} ms"
            raise CameraLost(f"{self.name}: {why}; check the network and the camera's power")
        return self._stamp.on(pixels, self._intake.buffers.give_back)

    def close(self) -> None:
        """Disconnect."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None
