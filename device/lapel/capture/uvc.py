"""A USB camera (UVC) through OpenCV and V4L2."""

from __future__ import annotations

import math

import cv2

from lapel.capture.opencv import Capture, Intake
from lapel.capture.raw import RawFrame
from lapel.capture.stamp import Stamp
from lapel.errors import CameraLost, ConfigError

# OpenCV asks V4L2 for whole frames a second, and cameras have but a few rates, of which the nearest is granted.
TOLERATED_FPS = 1.0


class UvcCamera:
    """A USB camera at the size that was asked for, and at least the rate; one that grants others is refused.

    Of formats any will do that OpenCV turns into colours; one that it cannot turn is not opened.
    """

    is_live = True
    is_moving = True
    ending = ""

    def __init__(self, number: int, width_px: int, height_px: int, fps: float) -> None:
        self.name = f"uvc:{number}"
        self.fps = self._asked_fps = fps
        self._number = number
        self._size_px = (width_px, height_px)
        self._stamp = Stamp()
        self._intake = Intake()
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> None:
        """Start the camera. Raises: CameraLost when it does not answer, ConfigError when it grants others."""
        self.close()
        capture = Capture(self._number, cv2.CAP_V4L2)
        if not capture.isOpened():
            capture.release()
            raise CameraLost(f"{self.name}: /dev/video{self._number} cannot be opened; check cable and permissions")
        # Uncompressed 720p does not fit USB 2 at 25 fps; every UVC camera of that size also offers MJPG.
        capture.set(cv2.CAP_PROP_FOURCC, float(cv2.VideoWriter.fourcc(*"MJPG")))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, float(self._size_px[0]))
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, float(self._size_px[1]))
        capture.set(cv2.CAP_PROP_FPS, self._asked_fps)
        granted = (int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)))
        if granted != self._size_px:
            capture.release()
            raise ConfigError(refusal(self.name, self._size_px, granted))
        granted_fps = capture.get(cv2.CAP_PROP_FPS)
        if granted_fps > 0 and math.isfinite(granted_fps):  # not every driver says
            if granted_fps < self._asked_fps - TOLERATED_FPS:
                capture.release()
                raise ConfigError(
                    f"{self.name}: asked for {self._asked_fps:g} frames a second, the camera grants {granted_fps:.3g} "
                    f"at this size; set camera.fps = {granted_fps:.3g}, or another size"
                )
            self.fps = granted_fps
        self._capture = capture

    def read(self) -> RawFrame | None:
        """The next picture. Raises: CameraLost."""
        pixels = self._intake.next_picture(self._capture) if self._capture is not None else None
        if pixels is None:
            raise CameraLost(f"{self.name}: delivers no pictures any more; check its cable")
        return self._stamp.on(pixels, self._intake.buffers.give_back)

    def close(self) -> None:
        """Let go of the camera."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None


def refusal(name: str, wanted: tuple[int, int], granted: tuple[int, int]) -> str:
    """Why a camera that grants another size is not used."""
    return (
        f"{name}: asked for {wanted[0]}×{wanted[1]} px, the camera grants {granted[0]}×{granted[1]}; "
        f"set camera.width_px = {granted[0]} and camera.height_px = {granted[1]}"
    )
