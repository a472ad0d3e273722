"""OpenCV as capture uses it: quiet, so that our one clear line is the only one, and with RGB pixels."""

from __future__ import annotations

import os

# Read by OpenCV when its FFmpeg part starts; -8 is AV_LOG_QUIET. What went wrong is said by our own errors.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.things import Pixels

# 0 is silent. OpenCV 4.11, which goes with tflite-runtime, has the switch in another place than OpenCV 5.
_set_log_level = getattr(cv2, "setLogLevel", None) or cv2.utils.logging.setLogLevel
_set_log_level(0)

Capture = cv2.VideoCapture


def next_picture(capture: cv2.VideoCapture) -> Pixels | None:
    """The next picture of an OpenCV capture as RGB u8[h, w, 3] in memory of its own, or None when there is none."""
    arrived, bgr = capture.read()
    if not arrived or bgr is None or bgr.size == 0:
        return None
    rgb = rgb_of(np.asarray(bgr, np.uint8))
    bgr.fill(0)
    return rgb


def rgb_of(bgr: NDArray[np.uint8]) -> Pixels:
    """RGB u8[h, w, 3] of OpenCV's BGR u8[h, w, 3], in memory of its own."""
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
