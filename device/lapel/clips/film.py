"""Makes a film of a cut, in whichever format this device can."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from lapel.clips.avi import mjpeg_avi
from lapel.core.clip_records import ClipHead, FilmFormat, head_of
from lapel.core.clips import Cut


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """A clip: what it is, and the bytes of a video file."""

    head: ClipHead
    content: bytes = field(repr=False)


def film_of(cut: Cut) -> Film:
    """The film of a cut."""
    content = mjpeg_avi(cut.stills)
    return Film(head_of(cut, FilmFormat.MJPEG, sha256(content).hexdigest(), len(content)), content)
