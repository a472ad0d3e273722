"""The metadata of an authority: who may sign what, and until when.

Administrators sign ``root`` and ``targets``, ``threshold`` of them together, and ``withdrawals`` each alone. The online
key signs ``snapshot`` and ``timestamp``: it shows what is newest, and can add nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from securesystemslib.signer import Key
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Role,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from lapel.core.updates import LONGEST_TIMESTAMP_DAYS
from lapel.errors import UsageError
from lapel.store.trusted import MADE, WITHDRAWALS
from lapel.store.withdrawal_terms import FOLDER, WIPES
from lapel_tools.authority.administrators import PublicAdministrator, public_from

LEAST_THRESHOLD = 2
METADATA_DAYS, SNAPSHOT_DAYS, TIMESTAMP_DAYS = 365, 90, 7


def check_administrators(administrators: tuple[PublicAdministrator, ...], threshold: int) -> None:
    """See that one person cannot add, and that a lost key can be survived. Raises: UsageError."""
    keys = {each.key().keyid for each in administrators}
    names = {each.name for each in administrators}
    if len(keys) != len(administrators) or len(names) != len(administrators):
        raise UsageError("an administrator or a key is given twice; each is one person with one key")
    if threshold < LEAST_THRESHOLD:
        raise UsageError(f"--threshold {threshold}: one person alone must not add; give {LEAST_THRESHOLD} or more")
    if len(administrators) <= threshold:
        raise UsageError(
            f"--threshold {threshold} of {len(administrators)} administrators: one lost key would end the authority; "
            f"give {threshold + 1} administrators or more"
        )


def root_of(
    administrators: tuple[PublicAdministrator, ...], threshold: int, online: Key, version: int, now: datetime
) -> Root:
    """A root. Raises: UsageError for too few administrators, or too low a threshold."""
    check_administrators(administrators, threshold)
    keys = {each.key().keyid: each.key() for each in administrators}
    several, one = Role(sorted(keys), threshold), Role([online.keyid], 1)
    return Root(
        version=version,
        expires=_until(now, METADATA_DAYS),
        keys=keys | {online.keyid: online},
        roles={Root.type: several, Targets.type: several, Snapshot.type: one, Timestamp.type: one},
        consistent_snapshot=True,
    )


def targets_of(root: Root, targets: Mapping[str, TargetFile], version: int, now: datetime) -> Targets:
    """The lists, and the delegation that lets each administrator of a root withdraw, and have a device wiped, alone."""
    keys = {keyid: root.keys[keyid] for keyid in root.roles[Targets.type].keyids}
    withdrawing = DelegatedRole(WITHDRAWALS, sorted(keys), 1, terminating=True, paths=[f"{FOLDER}*", f"{WIPES}*"])
    delegations = Delegations(keys, {WITHDRAWALS: withdrawing})
    return Targets(version, None, _until(now, METADATA_DAYS), dict(targets), delegations)


def withdrawals_of(targets: Mapping[str, TargetFile], version: int, now: datetime) -> Targets:
    """The withdrawals' own metadata."""
    return Targets(version, None, _until(now, METADATA_DAYS), dict(targets))


def snapshot_of(files: Mapping[str, bytes], version: int, now: datetime) -> Snapshot:
    """Which versions belong together. ``files`` by role: what is published of ``targets`` and ``withdrawals``."""
    return Snapshot(
        version, None, _until(now, SNAPSHOT_DAYS), {f"{role}.json": _meta(data) for role, data in files.items()}
    )


def check_timestamp_days(days: int) -> None:
    """Asked before anything is written, too. Raises: UsageError."""
    if not 1 <= days <= LONGEST_TIMESTAMP_DAYS:
        raise UsageError(f"--timestamp-days {days}: devices take 1 to {LONGEST_TIMESTAMP_DAYS}")


def timestamp_of(snapshot: bytes, version: int, now: datetime, days: int) -> Timestamp:
    """What is newest, for so many days. Raises: UsageError."""
    check_timestamp_days(days)
    made = {MADE: now.isoformat(timespec="seconds")}
    return Timestamp(version, None, _until(now, days), _meta(snapshot), made)


def administrators_of(root: Root) -> tuple[PublicAdministrator, ...]:
    """Who may sign, by name. Raises: Refused."""
    found = (public_from(root.keys[keyid]) for keyid in root.roles[Targets.type].keyids)
    return tuple(sorted(found, key=lambda each: each.name))


def threshold_of(root: Root) -> int:
    """How many administrators it takes to add."""
    return root.roles[Targets.type].threshold


def _until(now: datetime, days: int) -> datetime:
    return (now + timedelta(days=days)).replace(microsecond=0)


def _meta(data: bytes) -> MetaFile:
    metadata: Metadata[Targets] = Metadata.from_bytes(data)  # or a snapshot: its version alone is of interest
    return MetaFile.from_data(metadata.signed.version, data, ["sha256"])
