"""Puts a published list into a device's state folder: verified, written beside the current one, tried, swapped.

Whatever goes wrong before the swap leaves the list that was there. What the metadata says of time and versions is kept
first, and withdrawals act even where the list that came along is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from lapel.core.charter import Charter
from lapel.core.gallery import Gallery
from lapel.core.listed import Listed
from lapel.core.manifest import Manifest
from lapel.core.wipes import order_for
from lapel.core.withdrawals import NOTHING, Suspended, suspended, united
from lapel.errors import Refused, UsageError
from lapel.store.atomic import discard, discard_cut_off, put_in_place
from lapel.store.choosing import Device, Offer, check, chosen
from lapel.store.gallery import open_gallery, read_gallery, write_gallery
from lapel.store.gallery_writing import write_parts
from lapel.store.key_pages import DEVICE
from lapel.store.remaining import Progress, Remaining
from lapel.store.trust import WATCHLIST, Held, Trust, suspended_of, write_trust
from lapel.store.trusted import Published, verified
from lapel.store.unpacking import LIST_KEY_BYTES, Unpacked, opened_key

_NEW = f".{WATCHLIST}.new"
MOST_REWRITTEN = 10_000
"""Entries or references of a list that is written anew without what was withdrawn: a second's work."""

Answers = Callable[[Listed], None]
"""The self-test of a list. Raises: LapelError where it does not answer as it must."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an update. ``is_new`` where a list was swapped in. ``entries`` is how many the device has now.
    ``withdrawn`` are the ids that were taken out of it or of the one that was held, "" for the whole list."""

    held: Held
    is_new: bool
    entries: int
    withdrawn: tuple[str, ...]


def take_metadata(device: Device, trust: Trust, offer: Offer, clock: datetime) -> tuple[Trust, Published]:
    """Verify what an authority says now, and keep its versions, its time, its withdrawals, and an order to wipe.

    Raises: UpdateRefused; nothing is kept then.
    """
    before, published = trust, verified(trust.root, trust.floors, offer.metadata, clock)
    trust = replace(
        before,
        root=published.root,
        floors=published.floors,
        withdrawals=united(trust.withdrawals, published.withdrawals),
        wipe=trust.wipe or order_for(published.wipes, trust.sealing),
    )
    # Kept with it: a kill before there is a record must not lose that there is to be one.
    trust = replace(trust, unrecorded=tuple(dict.fromkeys((*before.unrecorded, *_withdrawn(trust, before)))))
    write_trust(device.state, trust, device.keys)
    return trust, published


def _withdrawn(trust: Trust, before: Trust) -> tuple[str, ...]:
    """What is withdrawn of the list that is held and was not before."""
    if trust.held is None or trust.wipe is not None:
        return ()
    held = trust.held.list_id, trust.held.version
    return suspended_of(trust, *held).beyond(suspended_of(before, *held))


def recorded(device: Device, trust: Trust, ids: Collection[str]) -> None:
    """Keep that there is a record of these. Raises: StoreError."""
    left = tuple(each for each in trust.unrecorded if each not in ids)
    if left != trust.unrecorded:
        write_trust(device.state, replace(trust, unrecorded=left), device.keys)


def withdraw_held(device: Device, trust: Trust) -> tuple[str, ...]:
    """Take what is withdrawn out of the list that is held; returns the ids of which there is no record yet, "" among
    them for the whole list.

    A watch heeds ``trust`` itself (wiring.withheld). A long list stays as it is until its next version.
    """
    held = trust.held
    out = NOTHING if held is None else suspended_of(trust, held.list_id, held.version)
    listed = None if out == NOTHING else _opened(device)
    if held is None or listed is None:
        return ()
    if _is_long(listed):
        return trust.unrecorded
    path = device.state / WATCHLIST
    left, gone = without(read_gallery(path, device.keys), out)
    if gone:
        discard_cut_off(path)
        charter = Charter(trust.mark, held.lease_hours)
        write_gallery(path, replace(left, charter=charter), device.keys)
    # A kill may have come between the list and the record before.
    return tuple(dict.fromkeys((*gone, *trust.unrecorded)))


def entries_held(device: Device, trust: Trust) -> int:
    """How many entries the device has now, without what was withdrawn. Raises: what reading its list raises."""
    return _entries(open_gallery(device.state / WATCHLIST, device.keys), trust)


def _entries(listed: Listed, trust: Trust) -> int:
    if not _is_long(listed):
        return listed.entry_count
    out = suspended_of(trust, listed.terms.list_id, listed.terms.version)
    # Of what is withdrawn some was left out when the list came, or never stood on it.
    return 0 if out.whole_list else listed.entry_count - len(listed.among(out.entry_ids))


def take_list(
    device: Device,
    trust: Trust,
    published: Published,
    offer: Offer,
    answers: Answers,
    list_id: str | None = None,
    progress: Progress = lambda share: None,
    current: Callable[[], AbstractContextManager[Trust]] | None = None,
) -> tuple[Trust, Taken]:
    """Take the list for this device, if it is newer: bucket by bucket, so that memory does not grow with pictures.

    ``current`` gives what is trusted now, which nobody changes while it is held: only then is the list swapped in, so
    that a withdrawal need not wait for a long list. One that came meanwhile is left out as well.
    Raises: UpdateRefused, StoreError, what ``answers`` does.
    """
    now_trusted = current or (lambda: nullcontext(trust))
    manifest = chosen(device, trust, published, offer, list_id)
    held, listed = trust.held, held_list(device, trust, manifest)
    if held is not None and listed is not None:
        return trust, Taken(held, False, _entries(listed, trust), ())
    secret = opened_key(manifest, f"{DEVICE}{trust.device}", trust.opener, offer.chunk)
    unpacked = Unpacked.of(manifest, secret[:LIST_KEY_BYTES], offer.chunk)
    with now_trusted():
        for name in (WATCHLIST, _NEW):  # as long as a list, each
            discard_cut_off(device.state / name)
    while True:
        out = suspended(trust.withdrawals, manifest.list_id, manifest.settled)
        left = Remaining(unpacked, out, Charter(trust.mark, manifest.lease_hours), progress)
        with _draft(device, left, answers) as (draft, entries), now_trusted() as now:
            trust = now
            check(device, trust, manifest, published)  # a newer one may have come by another way meanwhile
            if suspended(trust.withdrawals, manifest.list_id, manifest.settled) == out:
                put_in_place(draft, device.state / WATCHLIST)
                held = Held(manifest.list_id, manifest.version, manifest.settled, manifest.lease_hours)
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


@contextmanager
def _draft(device: Device, left: Remaining, answers: Answers) -> Iterator[tuple[Path, int]]:
    """The new list beside the old one, read back and answering, and how many entries it has."""
    draft = device.state / _NEW
    try:
        entries = write_parts(draft, left.preface, left.parts, device.keys)
        answers(open_gallery(draft, device.keys, device.model_sha256, checked_whole=True))
        yield draft, entries
    finally:
        discard(draft)


def held_list(device: Device, trust: Trust, manifest: Manifest) -> Listed | None:
    """The list of that version, if it is held and opens: one that was damaged must not keep the next from coming."""
    held = trust.held
    is_held = held is not None and (held.list_id, held.version) == (manifest.list_id, manifest.version)
    return _opened(device) if is_held else None


def _opened(device: Device) -> Listed | None:
    try:
        return open_gallery(device.state / WATCHLIST, device.keys)
    except (Refused, UsageError):
        return None


def _is_long(listed: Listed) -> bool:
    return max(listed.entry_count, listed.reference_count) > MOST_REWRITTEN
