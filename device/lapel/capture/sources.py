"""From what a person writes after ``--source`` to an opened source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lapel.capture.folder import PictureFolder
from lapel.capture.paced import Paced
from lapel.capture.source import Source, without_password
from lapel.capture.video import VideoFile
from lapel.errors import UsageError
from lapel.ports import Clock

# The kernel counts video devices up to 255 (VIDEO_NUM_DEVICES), libcamera not so far.
MOST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a camera; a source that grants something else refuses to start. Files ignore it.

    ``exposure_us`` is asked of a Pi's camera alone; 0: as long as the camera thinks best.
    """

    width_px: int = 1280
    height_px: int = 720
    fps: float = 25.0
    exposure_us: int = 0


def open_source(spec: str, wanted: Wanted | None = None, *, clock: Clock | None = None) -> Source:
    """An opened source: ``path.mp4``, a folder of pictures, ``uvc:0``, ``rtsp://…`` or ``picamera:0``.

    With a ``clock`` a video file is played in real time like a camera, and the newest frame wins; without one
    every frame is delivered. Raises: MediaError, CameraLost, UsageError.
    """
    source = _source(spec, wanted or Wanted())
    if clock is not None and isinstance(source, VideoFile):
        source = Paced(source, clock)
    source.open()
    return source


def size_of(spec: str, wanted: Wanted | None = None) -> tuple[int, int]:
    """Width and height of a source's first picture, which is overwritten here. Raises: as ``open_source``."""
    source = open_source(spec, wanted)
    try:
        raw = source.read()
        assert raw is not None  # an opened source has one
        height, width = raw.pixels.shape[:2]
        raw.wipe()
        return width, height
    finally:
        source.close()


def _source(spec: str, wanted: Wanted) -> Source:
    scheme = spec.partition(":")[0].lower()
    if scheme in CAMERAS:
        return CAMERAS[scheme](spec, wanted)
    if "://" in spec:
        raise UsageError(
            f"{without_password(spec)}: no {scheme} address can be watched; give rtsp://…, a camera or a file"
        )
    path = Path(spec)
    return PictureFolder(path) if path.is_dir() else VideoFile(path)


def _uvc(spec: str, wanted: Wanted) -> Source:
    from lapel.capture.uvc import UvcCamera

    return UvcCamera(_number_of(spec), wanted.width_px, wanted.height_px, wanted.fps)


def _rtsp(spec: str, wanted: Wanted) -> Source:
    from lapel.capture.rtsp import RtspStream

    return RtspStream(spec)


def _picamera(spec: str, wanted: Wanted) -> Source:
    from lapel.capture.picamera import PiCamera

    return PiCamera(_number_of(spec), wanted.width_px, wanted.height_px, wanted.fps, exposure_us=wanted.exposure_us)


def _number_of(spec: str) -> int:
    scheme, _, number = spec.partition(":")
    if not number.isdecimal() or len(number) > MOST_DIGITS:
        raise UsageError(f"{scheme}:{number[:20]}: {number[:20]!r} is not a camera number; write {scheme}:0")
    return int(number)


CAMERAS: dict[str, Callable[[str, Wanted], Source]] = {
    "uvc": _uvc,
    "rtsp": _rtsp,
    "rtsps": _rtsp,
    "picamera": _picamera,
}
