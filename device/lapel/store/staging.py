"""Puts a published list into a device's state folder: verified, written beside the current one, tried, swapped.

Whatever goes wrong before the swap leaves the list that was there. What the metadata says of time and versions is kept
first, and withdrawals act even where the list that came along is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from tuf.api.exceptions import LengthOrHashMismatchError
from tuf.api.metadata import TargetFile, Targets

from lapel.core.gallery import Gallery
from lapel.core.listed import Listed
from lapel.core.manifest import Manifest, decode_manifest
from lapel.core.updates import LARGEST_MESSAGE_BYTES, Bearer, Why, check_manifest
from lapel.core.withdrawals import Suspended, suspended, united
from lapel.errors import UpdateRefused
from lapel.ports import KeyProvider
from lapel.store.atomic import discard, sync_folder
from lapel.store.gallery import open_gallery, read_gallery, write_gallery
from lapel.store.gallery_writing import write_parts
from lapel.store.key_pages import DEVICE
from lapel.store.remaining import Progress, Remaining
from lapel.store.trust import Held, Trust, write_trust
from lapel.store.trusted import Published, verified
from lapel.store.unpacking import LIST_KEY_BYTES, Unpacked, opened_key

LISTS = "lists/"
WATCHLIST = "watchlist.lapel"

Answers = Callable[[Listed], None]
"""The self-test of a list. Raises: LapelError where it does not answer as it must."""


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


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an update. ``is_new`` where a list was swapped in. ``entries`` is how many the device has now.
    ``withdrawn`` are the ids that were taken out of it or of the one that was held, "" for the whole list."""

    held: Held
    is_new: bool
    entries: int
    withdrawn: tuple[str, ...]


def take_metadata(device: Device, trust: Trust, offer: Offer, clock: datetime) -> tuple[Trust, Published]:
    """Verify what an authority says now, and keep its versions, its time and its withdrawals.

    Raises: UpdateRefused; nothing is kept then.
    """
    published = verified(trust.root, trust.floors, offer.metadata, clock)
    trust = replace(
        trust,
        root=published.root,
        floors=published.floors,
        withdrawals=united(trust.withdrawals, published.withdrawals),
    )
    write_trust(device.state, trust, device.keys)
    return trust, published


def withdraw_held(device: Device, trust: Trust) -> tuple[str, ...]:
    """Take what is withdrawn out of the list that is held; returns the ids, "" among them for the whole list."""
    path = device.state / WATCHLIST
    if trust.held is None or not path.exists():
        return ()
    out = suspended(trust.withdrawals, trust.held.list_id, trust.held.settled)
    if not out.whole_list and not out.entry_ids:
        return ()
    gallery = read_gallery(path, device.keys)
    left, gone = without(gallery, out)
    if gone:
        write_gallery(path, left, device.keys)
    return gone


def entries_held(device: Device) -> int:
    """How many entries the device has now, without what was withdrawn. Raises: what reading its list raises."""
    return open_gallery(device.state / WATCHLIST, device.keys).entry_count


def take_list(
    device: Device,
    trust: Trust,
    published: Published,
    offer: Offer,
    answers: Answers,
    list_id: str | None = None,
    progress: Progress = lambda share: None,
) -> tuple[Trust, Taken]:
    """Take the list for this device, if it is newer: bucket by bucket, so that memory does not grow with pictures.

    Raises: UpdateRefused, StoreError, what ``answers`` does."""
    manifest = chosen(device, trust, published, offer, list_id)
    held = trust.held
    if held and (held.list_id, held.version) == (manifest.list_id, manifest.version) and _is_there(device):
        return trust, Taken(held, False, entries_held(device), ())
    secret = opened_key(manifest, f"{DEVICE}{trust.device}", trust.opener, offer.chunk)
    unpacked = Unpacked.of(manifest, secret[:LIST_KEY_BYTES], offer.chunk)
    left = Remaining(unpacked, suspended(trust.withdrawals, manifest.list_id, manifest.settled), progress)
    entries = _swap(device, left, answers)
    held = Held(manifest.list_id, manifest.version, manifest.settled)
    trust = replace(trust, held=held)
    write_trust(device.state, trust, device.keys)
    return trust, Taken(held, True, entries, left.gone)


def without(gallery: Gallery, out: Suspended) -> tuple[Gallery, tuple[str, ...]]:
    """A list without what is suspended, and what that was: "" for all of it."""
    if out.whole_list:
        emptied = replace(gallery, entries=(), references=(), decoys=frozenset())
        return emptied, ("",) if gallery.entries else ()
    gone = tuple(sorted({entry.id for entry in gallery.entries} & out.entry_ids))
    if not gone:
        return gallery, ()
    return (
        replace(
            gallery,
            entries=tuple(entry for entry in gallery.entries if entry.id not in out.entry_ids),
            references=tuple(each for each in gallery.references if each.entry_id not in out.entry_ids),
            decoys=gallery.decoys - out.entry_ids,
        ),
        gone,
    )


def _swap(device: Device, left: Remaining, answers: Answers) -> int:
    """The new list stands beside the old one until it was read back and has answered; returns how many entries."""
    for cut_off in device.state.glob(f".*{WATCHLIST}*.part"):  # by a kill or a power cut, and as long as a list
        discard(cut_off)
    draft = device.state / f".{WATCHLIST}.new"
    try:
        entries = write_parts(draft, left.preface, left.parts, device.keys)
        answers(open_gallery(draft, device.keys, device.model_sha256, checked_whole=True))
        draft.replace(device.state / WATCHLIST)
        sync_folder(device.state)
    finally:
        discard(draft)
    return entries


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


def chosen(device: Device, trust: Trust, published: Published, offer: Offer, list_id: str | None) -> Manifest:
    """The one list that this device may use: the named one, the one it has, or the only one for its group.

    Raises: UpdateRefused.
    """
    ours = [signed_manifest(target, offer.manifest) for target in targets_for(trust, published, list_id)]
    if list_id is None and trust.held is None:
        ours = [manifest for manifest in ours if trust.group in manifest.groups]
    if len(ours) > 1:
        names = ", ".join(manifest.list_id for manifest in ours)
        raise UpdateRefused(Why.GROUP.value, f"several lists are for group {trust.group}: {names}; name one by --list")
    if not ours:
        published_lists = listed_in(published.targets)
        raise UpdateRefused(Why.GROUP.value, f"no list is for group {trust.group}; published are {published_lists}")
    _check(device, trust, ours[0], published)
    return ours[0]


def _check(device: Device, trust: Trust, manifest: Manifest, published: Published) -> None:
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
    return ", ".join(sorted(path.removeprefix(LISTS) for path in targets.targets)) or "none"


def _is_there(device: Device) -> bool:
    return (device.state / WATCHLIST).exists()
