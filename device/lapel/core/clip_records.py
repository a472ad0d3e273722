"""What is said of a clip: inside its sealed file, and in the journal when it is made, exported or purged. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from lapel.core.clips import Cut
from lapel.core.records import Event, Fact, RecordKind

DAY_NS = 86_400 * 1_000_000_000


class FilmFormat(Enum):
    """How the pictures of a clip are coded; the value is the ending of an exported file."""

    MJPEG = "avi"
    H264 = "mp4"


class Purged(Enum):
    """Why a clip was removed."""

    AGE = "kept for as long as the site says"
    QUOTA = "made room for a newer one"
    HAND = "by hand"


@dataclass(frozen=True, slots=True)
class ClipHead:
    """What a clip is. ``alerts`` are ids of records, the first names it; times are stream time in seconds, one of
    ``stills_s`` a still; ``sha256`` and ``film_bytes`` are the film's, as it is exported."""

    alerts: tuple[str, ...]
    entries: tuple[str, ...]
    alerts_s: tuple[float, ...]
    stills_s: tuple[float, ...]
    format: FilmFormat
    sha256: str
    film_bytes: int

    @property
    def id(self) -> str:
        """The name of the clip: the id of its first alert's record."""
        return self.alerts[0]

    @property
    def seconds(self) -> float:
        """From the first still to the last."""
        return round(self.stills_s[-1] - self.stills_s[0], 3)

    def encoded(self) -> bytes:
        """JSON, UTF-8."""
        return json.dumps(
            {
                "alerts": self.alerts,
                "alerts_s": self.alerts_s,
                "film_bytes": self.film_bytes,
                "entries": self.entries,
                "format": self.format.value,
                "sha256": self.sha256,
                "stills_s": self.stills_s,
            }
        ).encode()


def head_of(cut: Cut, film_format: FilmFormat, sha256: str, film_bytes: int) -> ClipHead:
    """What a cut becomes as a film."""
    return ClipHead(
        tuple(told.record for told in cut.alerts),
        tuple(told.entry for told in cut.alerts),
        tuple(round(told.at_s, 3) for told in cut.alerts),
        tuple(round(still.at_s, 3) for still in cut.stills),
        film_format,
        sha256,
        film_bytes,
    )


def parse_head(data: bytes) -> ClipHead:
    """What ``ClipHead.encoded`` wrote. Raises: ValueError."""
    try:
        said = json.loads(data)
        return ClipHead(
            tuple(map(str, said["alerts"])),
            tuple(map(str, said["entries"])),
            tuple(map(float, said["alerts_s"])),
            tuple(map(float, said["stills_s"])),
            FilmFormat(said["format"]),
            str(said["sha256"]),
            int(said["film_bytes"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not the head of a clip: {error}") from error


def clip_event(head: ClipHead) -> Event:
    """What is kept of a clip that was made. The pictures stay in its sealed file."""
    return Event(
        RecordKind.CLIP,
        (
            ("clip", head.id),
            ("alerts", " ".join(head.alerts)),
            ("entries", " ".join(sorted(set(head.entries)))),
            ("from_s", head.stills_s[0]),
            ("seconds", head.seconds),
            ("stills", len(head.stills_s)),
            ("format", head.format.value),
            ("sha256", head.sha256),
            ("bytes", head.film_bytes),
        ),
    )


def export_event(clip: str, form: str, sha256: str, by: str, why: str) -> Event:
    """What is kept of pictures that left the seal. ``sha256`` is that of the file in which they left."""
    return Event(RecordKind.EXPORT, (("clip", clip), ("form", form), ("sha256", sha256), ("by", by), ("why", why)))


def purge_event(clip: str, reason: Purged, by: str = "", why: str = "") -> Event:
    """What is kept of a clip that was removed: its own record stays, with the film's SHA-256."""
    facts: tuple[tuple[str, Fact], ...] = (("clip", clip), ("reason", reason.value), ("by", by), ("why", why))
    return Event(RecordKind.PURGE, facts)


@dataclass(frozen=True, slots=True)
class KeptClip:
    """A sealed file: its clip, its size on the disk, and when it was written, nanoseconds since 1970."""

    clip: str
    file_bytes: int
    made_ns: int


@dataclass(frozen=True, slots=True)
class Due:
    """A clip that is to be removed, and why."""

    clip: str
    reason: Purged


def due(kept: Iterable[KeptClip], now_ns: int, keep_days: float, quota_bytes: float) -> tuple[Due, ...]:
    """The clips that are too old, and then the oldest ones until the rest is within the quota."""
    oldest_first = sorted(kept, key=lambda each: (each.made_ns, each.clip))
    old = [each for each in oldest_first if now_ns - each.made_ns > keep_days * DAY_NS]
    rest = oldest_first[len(old) :]
    total = sum(each.file_bytes for each in rest)
    removed = [Due(each.clip, Purged.AGE) for each in old]
    for each in rest:
        if total <= quota_bytes:
            break
        removed.append(Due(each.clip, Purged.QUOTA))
        total -= each.file_bytes
    return tuple(removed)
