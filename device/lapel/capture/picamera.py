"""The Raspberry Pi's own camera through picamera2, which is imported only when it is asked for (extra ``pi``)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from lapel.capture.buffers import Buffers
from lapel.capture.raw import RawFrame
from lapel.capture.stamp import Stamp
from lapel.capture.uvc import refusal
from lapel.capture.yuv import Layout, rgb_of_yuv
from lapel.core.things import Pixels
from lapel.errors import CameraLost, ConfigError

# A camera at 1 fps still answers in time.
TIMEOUT_S = 5.0
_STREAM = "main"


class PiCamera:
    """The camera at the Pi's CSI connector, at the size that was asked for.

    Its main stream alone: the low-resolution one would spare the finders one resize of a frame, and be a second raw
    picture that has to be held, locked and destroyed.
    ``make`` gives picamera2's camera object of a number, and libcamera's BT.601; tests pass recorded ones.
    """

    is_live = True
    is_moving = True
    ending = ""

    def __init__(
        self,
        number: int,
        width_px: int,
        height_px: int,
        fps: float,
        make: Callable[[int], tuple[Any, Any]] | None = None,
        exposure_us: int = 0,
    ) -> None:
        """``exposure_us`` of each picture, 0 for as long as the camera thinks best."""
        self.name = f"picamera:{number}"
        self.fps = fps
        self._frame_us = round(1e6 / fps)
        # Both limits alike: frames come neither slower in the dark nor faster than they are asked for.
        self._controls: dict[str, object] = {"FrameDurationLimits": (self._frame_us, self._frame_us)}
        if exposure_us:  # then the camera balances light by its gain alone
            self._controls["ExposureTime"] = exposure_us
        self._number = number
        self._size_px = (width_px, height_px)
        self._make = make or _picamera2
        self._stamp = Stamp()
        self._buffers = Buffers()
        self._camera: Any = None
        self._layout = Layout.YUV420
        self._stride = 0

    def open(self) -> None:
        """Configure and start. Raises: CameraLost, ConfigError when libcamera grants something else."""
        self.close()
        try:
            self._camera, bt601 = self._make(self._number)
            # Left to itself picamera2 takes BT.709 from 1280×720 on (create_video_configuration).
            configuration = self._camera.create_video_configuration(
                main={"size": self._size_px, "format": Layout.YUV420.value},
                colour_space=bt601,
                controls=self._controls,
            )
            self._camera.configure(configuration)
            granted = self._camera.camera_configuration()
            self._accept_colours(bt601, granted["colour_space"])
            self._accept(granted[_STREAM], self._camera.camera_controls)
            self._camera.start()
        except (IndexError, RuntimeError, TimeoutError) as error:
            self.close()
            raise CameraLost(f"{self.name}: cannot be started ({error}); check its ribbon cable") from error
        except ConfigError:
            self.close()
            raise

    def read(self) -> RawFrame | None:
        """The next picture. Raises: CameraLost."""
        if self._camera is None:
            raise CameraLost(f"{self.name}: is not open; check its ribbon cable")
        try:
            request = self._camera.capture_request(wait=TIMEOUT_S)
        except (RuntimeError, TimeoutError) as error:
            raise CameraLost(f"{self.name}: delivers no pictures any more ({error}); check its ribbon cable") from error
        try:
            return self._stamp.on(self._rgb_of(request), self._buffers.give_back)
        finally:
            request.release()

    def close(self) -> None:
        """Let go of the camera."""
        if self._camera is not None:
            camera, self._camera = self._camera, None
            with suppress(RuntimeError):  # of one that is broken: it is gone, and may be opened again
                camera.close()

    def _rgb_of(self, request: Any) -> Pixels:
        """The picture of a request, in memory of this source's."""
        buffer = np.asarray(request.make_buffer(_STREAM), np.uint8)
        try:
            pixels = self._buffers.take(self._size_px[1], self._size_px[0])
            rgb_of_yuv(buffer.ravel(), self._layout, *self._size_px, self._stride, into=pixels)
        finally:
            if buffer.flags.writeable:  # picamera2 hands out a copy of the camera's memory
                buffer.fill(0)
        return pixels

    def _accept_colours(self, asked: Any, granted: Any) -> None:
        """Raises: ConfigError where pictures come by another matrix or range than the one that they are decoded by."""
        parts = [(getattr(each, "ycbcrEncoding", None), getattr(each, "range", None)) for each in (asked, granted)]
        if parts[0] != parts[1]:
            raise ConfigError(
                f"{self.name}: asked for colours by BT.601, limited range, the camera grants {granted}; "
                "update libcamera, or use a UVC camera"
            )

    def _accept(self, granted: Any, controls: Any) -> None:
        """Use the camera as it granted to be used. Raises: ConfigError where that is not what the profile says."""
        size = (int(granted["size"][0]), int(granted["size"][1]))
        if size != self._size_px:
            raise ConfigError(refusal(self.name, self._size_px, size))
        if granted["format"] not in {layout.value for layout in Layout}:
            raise ConfigError(
                f"{self.name}: the camera grants format {granted['format']}, not YUV420 or NV12; "
                "update libcamera, or use a UVC camera"
            )
        # (least, most, usual) of the sensor mode that was chosen; without it libcamera would clip in silence.
        least_us, most_us = controls.get("FrameDurationLimits", (0, 0))[:2]
        if 0 < least_us <= most_us and not least_us <= self._frame_us <= most_us:
            raise ConfigError(
                f"{self.name}: asked for {self.fps:g} frames a second, the camera gives {1e6 / most_us:.2g} to "
                f"{1e6 / least_us:.3g} at this size; set camera.fps"
            )
        self._layout, self._stride = Layout(granted["format"]), int(granted["stride"])


def _picamera2(number: int) -> tuple[Any, Any]:
    try:
        from libcamera import ColorSpace
        from picamera2 import Picamera2
    except ImportError as error:
        raise ConfigError(
            f"picamera:{number}: picamera2 is not installed ({error}); apt install python3-picamera2, and make the "
            "environment with --system-site-packages"
        ) from error
    return Picamera2(number), ColorSpace.Smpte170m()
