"""OpenCV as capture uses it: quiet, so that our one clear line is the only one, and with RGB pixels."""

from __future__ import annotations

import os

# Read by OpenCV when its FFmpeg part starts; -8 is AV_LOG_QUIET. What went wrong is said by our own errors.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
# Read at the first picture of a USB camera, in seconds: so long it may be silent before it is lost. Without it 10, all
# that the watchdog gives; CAP_PROP_READ_TIMEOUT_MSEC is for FFmpeg and GStreamer alone.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "5")

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.capture.buffers import Buffers, guarded
from lapel.core.things import Pixels

# 0 is silent. OpenCV 4.11, which goes with tflite-runtime, has the switch in another place than OpenCV 5.
_set_log_level = getattr(cv2, "setLogLevel", None) or cv2.utils.logging.setLogLevel
_set_log_level(0)

Capture = cv2.VideoCapture


class Intake:
    """Pictures of OpenCV captures, in guarded memory: decoded into one place, turned to RGB into another.

    OpenCV writes into an array that it is handed when that has the picture's size. Of another size it makes its own
    in ordinary memory, which is overwritten at once; from the next picture on ours has that size.
    """

    def __init__(self) -> None:
        self.buffers = Buffers()
        self._bgr: Pixels | None = None

    def next_picture(self, capture: cv2.VideoCapture) -> Pixels | None:
        """The next picture as RGB u8[h, w, 3], to be given back to ``buffers``; None when there is none."""
        if self._bgr is None:
            self._bgr = _of_stated_size(capture)
        arrived, picture = capture.read() if self._bgr is None else capture.read(self._bgr)
        if not arrived or picture is None or picture.size == 0:
            return None
        bgr = np.asarray(picture, np.uint8)
        if bgr is not self._bgr:
            self._bgr = guarded(*bgr.shape)
        rgb = self.buffers.take(*bgr.shape[:2])
        cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB, dst=rgb)
        bgr.fill(0)
        return rgb


def rgb_of(bgr: NDArray[np.uint8]) -> Pixels:
    """RGB u8[h, w, 3] of OpenCV's BGR u8[h, w, 3], in memory of its own."""
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def _of_stated_size(capture: cv2.VideoCapture) -> Pixels | None:
    width, height = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    return guarded(height, width, 3) if width > 0 and height > 0 else None
