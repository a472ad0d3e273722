"""Clips that are only counted, and a clip that was never filmed."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from lapel.core.clip_records import ClipHead, FilmFormat
from lapel.core.records import Record
from lapel.core.things import Hit, Scene


@dataclass(slots=True)
class CountedClips:
    """Port Clips: remembers when it was shown a scene, and which alerts it was told of."""

    seen_s: list[float] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)

    def see(self, scene: Scene, at_s: float) -> None:
        """Remember the time."""
        self.seen_s.append(at_s)

    def alerted(self, hit: Hit, record: Record) -> None:
        """Remember the record."""
        self.alerts.append(record.id)


def made_up_head(film: bytes = b"a film", alerts: tuple[str, ...] = ("ab" * 16, "cd" * 16)) -> ClipHead:
    """A clip of 15 s at one still a second, with an alert at 10 s and one after it."""
    stills_s = tuple(float(second) for second in range(16))
    times = tuple(10.0 + place for place in range(len(alerts)))
    entries = ("crate-17",) * len(alerts)
    return ClipHead(alerts, entries, times, stills_s, FilmFormat.MJPEG, sha256(film).hexdigest(), len(film))
