"""Makes a film of a cut, in whichever format this device can."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from lapel.clips.avi import mjpeg_avi
from lapel.clips.h264 import h264_mp4, is_installed
from lapel.core.clip_records import ClipHead, FilmFormat, head_of
from lapel.core.clips import Cut


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """A clip: what it is, and the bytes of a video file."""

    head: ClipHead
    content: bytes = field(repr=False)


def film_of(cut: Cut, film_format: FilmFormat = FilmFormat.MJPEG) -> Film:
    """The film of a cut. Raises: EncoderFailed where H.264 is asked for."""
    content = _MAKERS[film_format](cut.stills)
    return Film(head_of(cut, film_format, sha256(content).hexdigest(), len(content)), content)


def best_format() -> FilmFormat:
    """The format that this device makes: H.264 where PyAV is installed."""
    return FilmFormat.H264 if is_installed() else FilmFormat.MJPEG


_MAKERS = {FilmFormat.MJPEG: mjpeg_avi, FilmFormat.H264: h264_mp4}
