"""Which of the published lists is this device's: its manifest, as it was signed, and none that may not be used now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from tuf.api.exceptions import LengthOrHashMismatchError
from tuf.api.metadata import TargetFile, Targets

from lapel.core.manifest import Manifest, decode_manifest
from lapel.core.updates import LARGEST_MESSAGE_BYTES, Bearer, Why, check_manifest
from lapel.core.withdrawals import suspended
from lapel.errors import UpdateRefused
from lapel.ports import KeyProvider
from lapel.store.trust import Trust
from lapel.store.trusted import Published

LISTS = "lists/"


class Offer(Protocol):
    """Where published files come from; nothing is believed for coming from it."""

    def metadata(self, name: str) -> bytes | None:
        """A file of metadata."""
        ...

    def manifest(self, sha256: str) -> bytes | None:
        """A manifest."""
        ...

    def chunk(self, sha256: str) -> bytes | None:
        """A chunk."""
        ...


@dataclass(frozen=True, slots=True)
class Device:
    """The device that takes an update: its state folder, what opens that, and the models that it has."""

    state: Path
    keys: KeyProvider
    model_sha256: str


def targets_for(trust: Trust, published: Published, list_id: str | None) -> tuple[TargetFile, ...]:
    """What may be this device's list: the named one, the one it has, or all. Raises: UpdateRefused where it is gone."""
    targets = published.targets
    wanted = list_id or (trust.held.list_id if trust.held else None)
    if wanted is None:
        return tuple(target for path, target in sorted(targets.targets.items()) if path.startswith(LISTS))
    target = targets.targets.get(f"{LISTS}{wanted}")
    if target is None:
        raise UpdateRefused(Why.MISSING.value, f"list {wanted}: is not published; published are {listed_in(targets)}")
    return (target,)


def candidates(
    device: Device, trust: Trust, published: Published, offer: Offer, list_id: str | None
) -> tuple[TargetFile, ...]:
    """The same once their manifests are there: all, where the list that the device has is now described by other models
    than its own, or is no longer for it. Raises: UpdateRefused."""
    targets = targets_for(trust, published, list_id)
    if list_id is None and trust.held:
        held = signed_manifest(targets[0], offer.manifest)
        if not _fits(device, held) or not _is_open(trust, published, held):
            return targets_for(replace(trust, held=None), published, None)
    return targets


def chosen(device: Device, trust: Trust, published: Published, offer: Offer, list_id: str | None) -> Manifest:
    """The one list that this device may use: the named one, the one it has, or the only one for its group; of several,
    the only one that its models described, since a fleet with two models has a list for each.

    One that ended, was withdrawn as a whole or went to another group makes room for one that did not.
    Raises: UpdateRefused.
    """
    targets = candidates(device, trust, published, offer, list_id)
    ours = [signed_manifest(target, offer.manifest) for target in targets]
    if list_id is None and (trust.held is None or len(ours) > 1):
        of_group = [manifest for manifest in ours if trust.group in manifest.groups]
        held = [manifest for manifest in ours if trust.held and manifest.list_id == trust.held.list_id]
        still = [manifest for manifest in of_group if _is_open(trust, published, manifest)]
        ours = [manifest for manifest in still if _fits(device, manifest)] or held or still or of_group
    if len(ours) > 1:
        names = ", ".join(manifest.list_id for manifest in ours)
        raise UpdateRefused(Why.GROUP.value, f"several lists are for group {trust.group}: {names}; name one by --list")
    if not ours:
        published_lists = listed_in(published.targets)
        raise UpdateRefused(Why.GROUP.value, f"no list is for group {trust.group}; published are {published_lists}")
    check(device, trust, ours[0], published)
    return ours[0]


def _fits(device: Device, manifest: Manifest) -> bool:
    return not manifest.references or manifest.model_sha256 == device.model_sha256


def _is_open(trust: Trust, published: Published, manifest: Manifest) -> bool:
    """Whether a list is for this device's group, has not ended, and not all of it is withdrawn."""
    withdrawn = suspended(trust.withdrawals, manifest.list_id, manifest.settled)
    has_ended = manifest.expires < published.now.date()
    return trust.group in manifest.groups and not has_ended and not withdrawn.whole_list


def check(device: Device, trust: Trust, manifest: Manifest, published: Published) -> None:
    """See that this device may use a list now, and none that is older than its own. Raises: UpdateRefused."""
    held = trust.held
    version = held.version if held and held.list_id == manifest.list_id else 0
    check_manifest(manifest, Bearer(trust.group, device.model_sha256, version), published.now)


def signed_manifest(target: TargetFile, read: Callable[[str], bytes | None]) -> Manifest:
    """The manifest of a target, of those that are read by their SHA-256. Raises: UpdateRefused where it is not the one
    that was signed, or says what none may."""
    if target.length > LARGEST_MESSAGE_BYTES:
        raise UpdateRefused(Why.OVERSIZE.value, f"{target.path}: a manifest of {target.length} bytes; none is so long")
    data = read(target.hashes.get("sha256", ""))
    if data is None:
        raise UpdateRefused(Why.MISSING.value, f"{target.path}: its manifest is not there; copy all that is published")
    try:
        target.verify_length_and_hashes(data)
    except LengthOrHashMismatchError as error:
        raise UpdateRefused(
            Why.TAMPERED.value, f"{target.path}: its manifest is not the one that was signed"
        ) from error
    try:
        manifest = decode_manifest(data, LARGEST_MESSAGE_BYTES)
    except ValueError as error:
        raise UpdateRefused(Why.MALFORMED.value, f"{target.path}: its manifest {error}") from error
    if f"{LISTS}{manifest.list_id}" != target.path:
        raise UpdateRefused(Why.MIXED.value, f"{target.path}: its manifest is that of list {manifest.list_id}")
    return manifest


def listed_in(targets: Targets) -> str:
    """The names of the lists that are published, for a person."""
    names = sorted(path.removeprefix(LISTS) for path in targets.targets if path.startswith(LISTS))
    return ", ".join(names) or "none"
