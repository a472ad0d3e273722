"""What a device takes from an authority, and what it never goes below. Pure: time and versions are passed in.

Versions and time only rise. A board without a clock of its own starts in the past: the time of whatever was verified
last is the floor that its clock is lifted to, and what has expired by then stays expired.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from lapel.core.gallery import LONGEST_LISTING_DAYS
from lapel.core.manifest import Manifest
from lapel.errors import UpdateRefused

LARGEST_MESSAGE_BYTES = 60 * 1024
"""Of whatever travels whole: brokers may limit messages to 64 KiB, and a topic and its properties need room too."""

LONGEST_METADATA_DAYS = 1100
LONGEST_TIMESTAMP_DAYS = 31
"""A timestamp shows that nothing newer is being held back; one that stays good for longer shows nothing."""

LARGEST_LIST_BYTES = 4 << 30

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
    ARCHITECTURE = "architecture"
    FAILED = "failed"


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


@dataclass(frozen=True, slots=True)
class Bearer:
    """What of a device decides whether a list is for it. ``version`` is that of the list that it has, 0 for none."""

    group: str
    model_sha256: str
    version: int


def check_manifest(manifest: Manifest, bearer: Bearer, now: datetime) -> None:
    """See that a list that was signed may be used by a device, now. Raises: UpdateRefused with why."""
    name, today = f"list {manifest.list_id} version {manifest.version}", now.date()
    if manifest.version < bearer.version:
        raise _refused(Why.ROLLBACK, f"{name}: this device has version {bearer.version} already")
    if bearer.group not in manifest.groups:
        raise _refused(Why.GROUP, f"{name}: is for {', '.join(manifest.groups)}, and this device is of {bearer.group}")
    if wrong := wrong_dates(manifest):
        raise _refused(Why.DATES, f"{name}: {wrong}")
    if manifest.created > today:
        raise _refused(Why.DATES, f"{name}: made on {manifest.created}, which is to come")
    if manifest.expires < today:
        raise _refused(Why.EXPIRED, f"{name}: expired on {manifest.expires}; ask for a newer one")
    if manifest.not_before > today:
        raise _refused(Why.EARLY, f"{name}: begins on {manifest.not_before}; what was before stays until then")
    if manifest.references and manifest.model_sha256 != bearer.model_sha256:
        raise _refused(
            Why.MODEL,
            f"{name}: its references were made by models {manifest.model_sha256[:12]}, but this device has models "
            f"{bearer.model_sha256[:12]}; propose one that those described (lapel-admin watchlist redescribe)",
        )


def wrong_dates(manifest: Manifest) -> str:
    """What is wrong with the dates that a list was signed with; empty where nothing is."""
    if not EPOCH.date() <= manifest.created <= manifest.not_before <= manifest.expires:
        return f"made on {manifest.created}, begins {manifest.not_before}, expires {manifest.expires}: out of order"
    if (manifest.expires - manifest.created).days > LONGEST_LISTING_DAYS:
        return f"expires on {manifest.expires}, over {LONGEST_LISTING_DAYS} days after {manifest.created}"
    return ""


def _refused(why: Why, said: str) -> UpdateRefused:
    return UpdateRefused(why.value, said)
