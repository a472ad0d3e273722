"""What the journal keeps: records, and the head of their chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

Fact = str | int | float | bool | None

LONGEST_FACT = 500
"""Letters of a reason that somebody else words, so that no record grows by it."""


class RecordKind(Enum):
    """Why a record was written."""

    START = "start"
    STOP = "stop"
    LIST = "list"
    ALERT = "alert"
    DELIVERY = "delivery"
    REFUSAL = "refusal"
    UPDATE = "update"
    DROPPED = "dropped"
    SOURCE = "source"
    PEOPLE = "people"
    DECOY = "decoy"
    SILENCED = "silenced"
    LEASE = "lease"
    CLIP = "clip"
    EXPORT = "export"
    PURGE = "purge"
    ANSWER = "answer"
    MUTE = "mute"
    CLOCK = "clock"
    CONFIGURATION = "configuration"
    WIPE = "wipe"
    JOURNAL = "journal"
    PAIRING = "pairing"
    HEAT = "heat"
    SOFTWARE = "software"
    LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened and is to be kept. ``facts`` are sorted by name before they are hashed;
    ``picture`` is a redacted JPEG crop of at most 64 KiB, or empty."""

    kind: RecordKind
    facts: tuple[tuple[str, Fact], ...]
    picture: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of the audit tree: how many records, and the RFC 6962 root over their leaves."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """A kept event. ``body`` is canonical JSON (UTF-8); it holds kind, facts, times, boot id and the picture's
    sha256, so that ``leaf`` = SHA-256(0x00 || body) covers all of it. ``id`` is unique over all devices.
    ``sequence`` counts from 0 without gaps; ``at`` is wall-clock time, RFC 3339 UTC. ``device`` and ``picture_sha256``
    are what the body says. A record whose body was given up has an empty one, and neither of these."""

    sequence: int
    id: str
    kind: RecordKind
    at: str
    body: bytes
    leaf: bytes
    picture: bytes = field(default=b"", repr=False)
    device: str = ""
    picture_sha256: str = ""
