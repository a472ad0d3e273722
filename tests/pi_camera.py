"""A recorded Pi camera: what picamera2's camera object does, as far as it is used, with recorded buffers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.capture.yuv import Layout
from lapel.core.things import Pixels

WIDTH, HEIGHT = 64, 48


@dataclass(frozen=True)
class ColourSpace:
    """What is used of libcamera's ColorSpace, by its names."""

    name: str
    ycbcrEncoding: str
    range: str

    def __str__(self) -> str:
        return self.name


BT601 = ColourSpace("SMPTE170M", "Rec601", "Limited")
BT709 = ColourSpace("Rec709", "Rec709", "Limited")
SYCC = ColourSpace("sYCC", "Rec601", "Full")


def granted(layout: str = "YUV420", stride: int = 128, size: tuple[int, int] = (WIDTH, HEIGHT)) -> dict[str, Any]:
    """A stream's configuration, as libcamera grants it."""
    return {"size": size, "format": layout, "stride": stride}


def buffer_of(picture: Pixels, layout: Layout, stride: int) -> NDArray[np.uint8]:
    """A picture as a camera's buffer, rows padded to ``stride`` with rubbish, more rubbish behind it."""
    height, width = picture.shape[:2]
    packed = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420), np.uint8).ravel()
    luma = packed[: width * height].reshape(height, width)
    blue, red = packed[width * height :].reshape(2, height // 2, width // 2)

    def padded(rows: NDArray[np.uint8], length: int) -> NDArray[np.uint8]:
        wide = np.full((len(rows), length), 99, np.uint8)
        wide[:, : rows.shape[1]] = rows
        return wide.ravel()

    if layout is Layout.NV12:
        pairs = np.stack([blue, red], axis=-1).reshape(height // 2, width)
        planes = [padded(luma, stride), padded(pairs, stride)]
    else:
        planes = [padded(luma, stride), padded(blue, stride // 2), padded(red, stride // 2)]
    return np.concatenate([*planes, np.full(4096, 99, np.uint8)])


class RecordedPiCamera:
    """It grants what it is given, and delivers one buffer time and again, ``every_s`` seconds apart.

    Of colours it grants what is asked, or ``colours``; where nothing is asked, what picamera2 takes for that size.
    """

    def __init__(
        self,
        granted: dict[str, Any],
        buffer: NDArray[np.uint8],
        every_s: float = 0.0,
        colours: ColourSpace | str | None = "as asked",
    ) -> None:
        self._granted = granted
        self._colours = colours
        self._buffer = buffer
        self._every_s = every_s
        self.camera_controls = {
            "FrameDurationLimits": (16_666, 10_000_000, 33_333),
            "ExposureTime": (10, 60_000, 20_000),
        }
        self.asked: dict[str, Any] = {}
        self.is_open = True
        self.released = 0
        self.handed_out: list[NDArray[np.uint8]] = []

    def create_video_configuration(self, **wanted: Any) -> dict[str, Any]:
        width, height = wanted["main"]["size"]
        return {"colour_space": BT601 if width < 1280 or height < 720 else BT709, **wanted}

    def configure(self, configuration: dict[str, Any]) -> None:
        assert configuration["main"]["format"] == "YUV420"
        self.asked = configuration

    def camera_configuration(self) -> dict[str, Any]:
        colours = self.asked["colour_space"] if self._colours == "as asked" else self._colours
        return {"main": self._granted, "colour_space": colours}

    def start(self) -> None:
        pass

    def capture_request(self, wait: float) -> RecordedPiCamera:
        assert wait > 0
        time.sleep(self._every_s)
        return self

    def make_buffer(self, stream: str) -> NDArray[np.uint8]:
        assert stream == "main"
        self.handed_out.append(self._buffer.copy())  # as picamera2 does
        return self.handed_out[-1]

    def release(self) -> None:
        self.released += 1

    def close(self) -> None:
        self.is_open = False
