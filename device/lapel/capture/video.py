"""A video file as a source: every frame, in order, at the times that the file states."""

from __future__ import annotations

from pathlib import Path

import cv2

from lapel.capture.opencv import Capture, Intake
from lapel.capture.raw import RawFrame
from lapel.errors import MediaError

ASSUMED_FPS = 25.0
LARGEST_PICTURE_PX = 100_000_000
# Containers state their length in different ways, some rounded from the duration: this much less is no truncation.
TOLERATED_MISSING_FRAMES = 2
TOLERATED_MISSING_SHARE = 0.01

# Offset and bytes that begin the containers we open. Playlists and picture patterns, which FFmpeg would also
# open and which may name other files, are not among them.
CONTAINERS: tuple[tuple[int, bytes], ...] = (
    (4, b"ftyp"),  # MP4, MOV
    (4, b"moov"),
    (4, b"mdat"),
    (0, b"\x1a\x45\xdf\xa3"),  # Matroska, WebM
    (8, b"AVI "),
    (0, b"\x47"),  # MPEG transport stream
    (0, b"\x00\x00\x01\xba"),  # MPEG program stream
)


class VideoFile:
    """Every frame of a video file."""

    is_live = False
    is_moving = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._capture: cv2.VideoCapture | None = None
        self._intake = Intake()
        self._first: RawFrame | None = None
        self._number = 0
        self._last_at_s = -1.0
        self._stated_frames = 0
        self.fps = ASSUMED_FPS
        self.ending = ""

    @property
    def name(self) -> str:
        """The file's path as it was given."""
        return str(self._path)

    def open(self) -> None:
        """Open from the first frame, which is decoded now so that a file without any is refused. Raises: MediaError."""
        self.close()
        refuse_unless_video(self._path)
        capture = Capture(str(self._path), cv2.CAP_FFMPEG)
        if not capture.isOpened():
            raise MediaError(f"{self.name}: truncated or not a video: no stream can be read; copy or record it again")
        width, height = capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if width * height >= LARGEST_PICTURE_PX:
            capture.release()
            raise MediaError(f"{self.name}: {width:.0f}×{height:.0f} px is 100 megapixels or more; scale it down")
        stated_fps = capture.get(cv2.CAP_PROP_FPS)
        self.fps = stated_fps if 0 < stated_fps <= 1000 else ASSUMED_FPS
        self._stated_frames = max(0, int(capture.get(cv2.CAP_PROP_FRAME_COUNT)))
        self._capture, self._number, self._last_at_s, self.ending = capture, 0, -1.0, ""
        self._first = self._decode()
        if self._first is None:
            self.close()
            raise MediaError(f"{self.name}: truncated: no frame can be decoded; copy or record it again")

    def read(self) -> RawFrame | None:
        """The next frame, or None at the end of the file."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        frame = self._decode()
        if frame is None:
            self.ending = self._how_it_ended()
        return frame

    def close(self) -> None:
        """Let go of the file."""
        if self._first is not None:
            self._first.wipe()
            self._first = None
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _decode(self) -> RawFrame | None:
        if self._capture is None:
            return None
        pixels = self._intake.next_picture(self._capture)
        if pixels is None:
            return None
        at_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if at_s <= self._last_at_s:  # no usable timestamp in this container
            at_s = self._last_at_s + 1 / self.fps if self._number else 0.0
        frame = RawFrame(pixels, self._number, at_s, self._intake.buffers.give_back)
        self._number += 1
        self._last_at_s = at_s
        return frame

    def _how_it_ended(self) -> str:
        missing = self._stated_frames - self._number
        if missing <= max(TOLERATED_MISSING_FRAMES, TOLERATED_MISSING_SHARE * self._stated_frames):
            return f"{self.name}: end of file after {self._number} frames"
        return (
            f"{self.name}: ended early: {self._number} of {self._stated_frames} frames could be read; "
            "the file is truncated or damaged; copy or record it again"
        )


def refuse_unless_video(path: Path) -> None:
    """Say in one line why a path cannot be a video file. Raises: MediaError."""
    if not path.exists():
        raise MediaError(f"{path}: no such file; check the path")
    if not path.is_file():
        raise MediaError(f"{path}: not a file; name a video file")
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as error:
        raise MediaError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    if not start:
        raise MediaError(f"{path}: the file is empty (0 bytes); copy or record it again")
    if not any(start[offset:].startswith(magic) for offset, magic in CONTAINERS):
        raise MediaError(f"{path}: not a video (starts with {start[:4].hex(' ')}); give an MP4, MKV, AVI or TS file")
