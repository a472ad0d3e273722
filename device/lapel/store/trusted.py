"""Verifies what an authority published, from a root that is trusted already: The Update Framework, client workflow.

Clauses are those of the TUF specification 1.0 (theupdateframework.github.io). Nothing is fetched here: whoever calls
says where metadata comes from, a folder or a network, and none of it is believed before it was verified.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from tuf.api.exceptions import LengthOrHashMismatchError, UnsignedMetadataError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, Targets, Timestamp
from tuf.api.serialization import DeserializationError

from lapel.core.updates import (
    LARGEST_MESSAGE_BYTES,
    LONGEST_METADATA_DAYS,
    LONGEST_TIMESTAMP_DAYS,
    Floors,
    Why,
    absurd_dates,
    now_from,
)
from lapel.core.wipes import WipeOrder
from lapel.core.withdrawals import Withdrawal
from lapel.errors import UpdateRefused
from lapel.store.withdrawal_terms import wipes_in, withdrawals_in

WITHDRAWALS = "withdrawals"
MADE = "x-lapel-made"
_MOST_ROOTS_AT_ONCE = 256

Fetch = Callable[[str], bytes | None]
"""The metadata file of a name, at most LARGEST_MESSAGE_BYTES + 1 bytes of it; None where there is none."""

S = TypeVar("S", Root, Timestamp, Snapshot, Targets)
Delegator = Root | Targets


@dataclass(frozen=True, slots=True)
class Published:
    """What an authority says now, verified. ``root`` is to be kept in the place of the one that was trusted before;
    ``now`` is the time it was judged at."""

    root: bytes
    targets: Targets
    withdrawals: tuple[Withdrawal, ...]
    wipes: tuple[WipeOrder, ...]
    floors: Floors
    now: datetime


def verified(root: bytes, floors: Floors, fetch: Fetch, clock: datetime) -> Published:
    """Everything published, or nothing. Raises: UpdateRefused with why."""
    pinned = root
    trusted, root = newest_root(root, fetch)
    if root != pinned:
        floors = _after_rotation(loaded("root.json", pinned, Root).signed, trusted.signed, floors)
    timestamp = _signed("timestamp.json", _wanted(fetch, "timestamp.json"), Timestamp, trusted.signed)
    made = _made(timestamp)
    now = now_from(clock, floors, made)
    for name, signed in (("root.json", trusted.signed), ("timestamp.json", timestamp)):
        _check_current(name, signed, now)  # 5.3.10, 5.4.4
    _check_dates("root.json", made, trusted.signed.expires, LONGEST_METADATA_DAYS)
    _check_dates("timestamp.json", made, timestamp.expires, LONGEST_TIMESTAMP_DAYS)
    _check_version("timestamp.json", timestamp.version, floors.timestamp)  # 5.4.3.1
    meta = timestamp.snapshot_meta
    snapshot = _listed("snapshot", meta, Snapshot, trusted.signed, fetch, now, floors.snapshot)
    targets = _listed("targets", _entry(snapshot, "targets"), Targets, trusted.signed, fetch, now, floors.targets)
    withdrawn = _listed(WITHDRAWALS, _entry(snapshot, WITHDRAWALS), Targets, targets, fetch, now, floors.withdrawals)
    found = replace(
        floors,
        time=now,
        timestamp=timestamp.version,
        snapshot=snapshot.version,
        targets=targets.version,
        withdrawals=withdrawn.version,
    )
    return Published(root, targets, withdrawals_in(withdrawn), wipes_in(withdrawn), found, now)


def loaded(name: str, data: bytes, kind: type[S]) -> Metadata[S]:
    """Metadata of a kind, not verified. Raises: UpdateRefused."""
    if len(data) > LARGEST_MESSAGE_BYTES:
        raise UpdateRefused(Why.OVERSIZE.value, f"{name}: over {LARGEST_MESSAGE_BYTES} bytes; no metadata is so large")
    try:
        metadata: Metadata[S] = Metadata.from_bytes(data)
    except (DeserializationError, RecursionError, ValueError) as error:
        raise UpdateRefused(Why.MALFORMED.value, f"{name}: is no metadata; publish it again") from error
    if metadata.signed.type != kind.type:
        raise UpdateRefused(Why.MALFORMED.value, f"{name}: is {metadata.signed.type}, not {kind.type}")
    return metadata


def newest_root(data: bytes, fetch: Fetch) -> tuple[Metadata[Root], bytes]:
    """5.3: one version after the other, each signed by the one before and by itself. Raises: UpdateRefused."""
    trusted = loaded("root.json", data, Root)
    for _ in range(_MOST_ROOTS_AT_ONCE):
        name = f"{trusted.signed.version + 1}.root.json"
        newer = fetch(name)
        if newer is None:
            return trusted, data
        candidate = loaded(name, newer, Root)
        if candidate.signed.version != trusted.signed.version + 1:
            raise UpdateRefused(Why.ROLLBACK.value, f"{name}: says that it is version {candidate.signed.version}")
        for judge in (trusted.signed, candidate.signed):
            check_signed(name, candidate, judge, Root.type)
        trusted, data = candidate, newer
    raise UpdateRefused(Why.OVERSIZE.value, f"over {_MOST_ROOTS_AT_ONCE} new roots at once; pin the newest one anew")


def _after_rotation(before: Root, after: Root, floors: Floors) -> Floors:
    """5.3.11: whoever stole an online key may have made versions that cannot be passed; a new key begins anew."""
    if before.roles[Timestamp.type].keyids == after.roles[Timestamp.type].keyids:
        return floors
    return replace(floors, timestamp=0, snapshot=0)


def _listed(
    role: str, meta: MetaFile, kind: type[S], delegator: Delegator, fetch: Fetch, now: datetime, floor: int
) -> S:
    """5.5 and 5.6: what a higher role lists by version, length and hash, signed by whom it says."""
    name = f"{meta.version}.{role}.json"
    data = _wanted(fetch, name)
    try:
        if not meta.hashes:
            raise UpdateRefused(Why.MALFORMED.value, f"{name}: is listed without a hash")
        meta.verify_length_and_hashes(data)
    except LengthOrHashMismatchError as error:
        raise UpdateRefused(Why.MIXED.value, f"{name}: is not the one that was published with the rest") from error
    signed = _signed(name, data, kind, delegator, role)
    if signed.version != meta.version:
        raise UpdateRefused(Why.MIXED.value, f"{name}: says that it is version {signed.version}")
    _check_version(name, signed.version, floor)
    _check_current(name, signed, now)
    _check_dates(name, now, signed.expires, LONGEST_METADATA_DAYS)
    return signed


def _signed(name: str, data: bytes, kind: type[S], delegator: Delegator, role: str = "") -> S:
    metadata = loaded(name, data, kind)
    check_signed(name, metadata, delegator, role or kind.type)
    return metadata.signed


def check_signed(name: str, metadata: Metadata[S], delegator: Delegator, role: str) -> None:
    """See that those whom a delegator names signed it, enough of them. Raises: UpdateRefused."""
    try:
        delegator.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
    except (UnsignedMetadataError, ValueError) as error:
        raise UpdateRefused(Why.SIGNATURES.value, f"{name}: lacks signatures ({error}); it is not taken") from error


def _check_current(name: str, signed: Root | Timestamp | Snapshot | Targets, now: datetime) -> None:
    if signed.is_expired(now):
        raise UpdateRefused(
            Why.FROZEN.value,
            f"{name}: expired on {signed.expires:%Y-%m-%d %H:%M} UTC, and now it is {now:%Y-%m-%d %H:%M}: what is "
            "newer is held back, or nobody renewed it; lapel-admin publish --renew",
        )


def _check_version(name: str, version: int, floor: int) -> None:
    if version < floor:
        raise UpdateRefused(Why.ROLLBACK.value, f"{name}: version {version}, but version {floor} was seen already")


def _check_dates(name: str, made: datetime, expires: datetime, longest_days: int) -> None:
    if wrong := absurd_dates(made, expires, longest_days):
        raise UpdateRefused(Why.DATES.value, f"{name}: {wrong}")


def _made(timestamp: Timestamp) -> datetime:
    try:
        made = datetime.fromisoformat(str(timestamp.unrecognized_fields[MADE]))
        return made.astimezone(UTC)
    except (KeyError, ValueError, OverflowError) as error:
        raise UpdateRefused(Why.MALFORMED.value, "timestamp.json: does not say when it was made") from error


def _entry(snapshot: Snapshot, role: str) -> MetaFile:
    try:
        return snapshot.meta[f"{role}.json"]
    except KeyError as error:
        raise UpdateRefused(Why.MALFORMED.value, f"snapshot lists no {role}.json") from error


def _wanted(fetch: Fetch, name: str) -> bytes:
    data = fetch(name)
    if data is None:
        raise UpdateRefused(Why.MISSING.value, f"{name}: is not there; publish again, or copy all of it")
    return data
