"""Stills as an H.264 film in an MP4 file, where PyAV is installed: about a quarter of the size of Motion JPEG.

PyAV is no dependency: its wheels hold x264, under the GPL. Whoever wants it installs the extra ``h264``.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import cv2
import numpy as np

from lapel.core.clips import Still
from lapel.errors import HardwareError

if TYPE_CHECKING:
    import av

_CLOCK = Fraction(1, 1000)
_OPTIONS = {"preset": "veryfast", "crf": "26"}  # of x264; OpenH264 takes no notice of them
_KEY_FRAME_EVERY = 25


class EncoderFailed(HardwareError):
    """The encoder is installed and makes no film."""


def is_installed() -> bool:
    """Whether PyAV can be imported; it then is, as its libraries take long to load."""
    try:
        import av  # noqa: F401
    except ImportError:
        return False
    return True


def h264_mp4(stills: Sequence[Still]) -> bytes:
    """The film of at least one still, all of one even size, each shown at its own time. Raises: EncoderFailed."""
    import av

    film = io.BytesIO()
    try:
        with av.open(film, "w", format="mp4") as target:
            stream = target.add_stream("h264", rate=Fraction(25), options=_OPTIONS)
            stream.width, stream.height, stream.pix_fmt = stills[0].width_px, stills[0].height_px, "yuv420p"
            stream.codec_context.time_base = _CLOCK
            stream.codec_context.gop_size = _KEY_FRAME_EVERY
            stream.codec_context.thread_count = 1  # the other cores are the loop's
            for still in stills:
                target.mux(stream.encode(_picture(still, stills[0].at_s)))
            target.mux(stream.encode(None))
    except (av.error.FFmpegError, ValueError) as error:
        raise EncoderFailed(f"H.264: {error}; reinstall PyAV, or remove it to have Motion JPEG") from error
    return film.getvalue()


def _picture(still: Still, begins_s: float) -> av.VideoFrame:
    import av

    pixels = cv2.imdecode(np.frombuffer(still.jpeg, np.uint8), cv2.IMREAD_COLOR)
    frame = av.VideoFrame.from_ndarray(np.asarray(pixels), format="bgr24")
    frame.pts, frame.time_base = round((still.at_s - begins_s) / _CLOCK), _CLOCK
    return frame
