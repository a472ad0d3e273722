"""What a device takes from an authority, and what it never goes below. Pure: time and versions are passed in.

Versions and time only rise. A board without a clock of its own starts in the past: the time of whatever was verified
last is the floor that its clock is lifted to, and what has expired by then stays expired.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

LARGEST_MESSAGE_BYTES = 60 * 1024
"""Of whatever travels whole: brokers may limit messages to 64 KiB, and a topic and its properties need room too."""

LONGEST_METADATA_DAYS = 1100
LONGEST_TIMESTAMP_DAYS = 31
"""A timestamp shows that nothing newer is being held back; one that stays good for longer shows nothing."""

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


class Why(Enum):
    """Why an update was refused, in one word."""

    SIGNATURES = "signatures"
    ROLLBACK = "rollback"
    FROZEN = "frozen"
    MIXED = "mixed"
    MISSING = "missing"
    TAMPERED = "tampered"
    OVERSIZE = "oversize"
    MALFORMED = "malformed"
    DATES = "dates"
    EARLY = "early"
    EXPIRED = "expired"
    MODEL = "model"
    GROUP = "group"
    KEY = "key"
    FLAWED = "flawed"


@dataclass(frozen=True, slots=True)
class Floors:
    """The versions of metadata below which nothing is taken, and the time that has passed for certain (UTC)."""

    time: datetime = EPOCH
    timestamp: int = 0
    snapshot: int = 0
    targets: int = 0
    withdrawals: int = 0


def now_from(clock: datetime, floors: Floors, made: datetime) -> datetime:
    """What time it is at least: a clock that was set back, or never set, is lifted to what was signed."""
    return max(clock, floors.time, made)


def absurd_dates(made: datetime, expires: datetime, longest_days: int) -> str:
    """What is wrong with a span of validity; empty where nothing is."""
    if made < EPOCH:
        return f"made on {made:%Y-%m-%d}, before there was any"
    if expires <= made:
        return f"expires on {expires:%Y-%m-%d}, not after it was made ({made:%Y-%m-%d})"
    if expires - made > timedelta(days=longest_days):
        return f"expires on {expires:%Y-%m-%d}, over {longest_days} days after {made:%Y-%m-%d}"
    return ""
