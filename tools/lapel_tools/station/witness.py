"""The station as witness: which heads of a device's journal it signs, and what it raises an alarm for.

It signs what the device signed, if that only adds to what it signed last and is the head of the very records that it
was sent. So a history can be told once only: whoever cuts or rewrites it later finds no second signature.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from lapel.core.chain import CompactRange
from lapel.core.checkpoint import parse_checkpoint
from lapel.core.proof import verify_consistency
from lapel.core.records import Head
from lapel.core.signed_note import parse_key, parse_note
from lapel.link.offers import Offer
from lapel.store.signing import is_signed

Leaves = Callable[[int, int], Iterable[bytes]]
"""Leaf hashes of the records that are held, from the first number to before the second."""
Begun = Callable[[int, int], Mapping[int, Head]]
"""Which of these records say that a journal was begun anew with them, and after which head."""


class Alarm(Enum):
    """What somebody must look into."""

    FORK = "fork"
    """There is another history of a device than the one that was acknowledged or witnessed."""
    CUT = "cut"
    """A device has fewer records than were acknowledged."""
    REPLACED = "replaced"
    """A device says that its journal was set aside as damaged, and that another goes on after what was acknowledged."""
    GAP = "gap"
    """Records are held whose predecessors never came."""
    KEY = "key"
    """A device signs with another key than before."""
    FORGED = "forged"
    """A head came that its device did not sign."""
    WITHHELD = "withheld"
    """Of records the hash came alone, or not the picture: what is missing can never be had from here."""
    FLOOD = "flood"
    """A device sends more than a device has to send; what is over its rations is dropped."""


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The last head of a device that was signed: by its ``key``, as C2SP writes it, and ours, in ``note``."""

    key: str
    tree: CompactRange
    note: str


@dataclass(frozen=True, slots=True)
class Grown:
    """A head that may be signed: the device's ``note`` over ``tree``."""

    key: str
    tree: CompactRange
    note: str


class Alarming(Exception):
    """An offer that shows something to look into."""

    def __init__(self, alarm: Alarm, detail: str) -> None:
        super().__init__(detail)
        self.alarm = alarm


def judge(device: str, offer: Offer, last: Witnessed | None, held: Head, leaves: Leaves, begun: Begun) -> Grown | None:
    """What may be signed of an offer; None where there is nothing new, or nothing yet. Raises: Alarming."""
    if not offer.note:
        raise _confessed(offer)
    head = _signed_head(device, offer, last)
    before = last.tree if last else CompactRange()
    if head.size == before.size and last and head.root != before.root():
        raise Alarming(Alarm.FORK, f"it signed two heads of {head.size} records")
    if head.size <= before.size or head.size > held.size:
        return None
    if offer.earlier != before.size:
        return None  # it does not know what was signed last; told, it can prove from there
    begins = begun(before.size, head.size)
    # A journal that was begun anew has no proof from before that; whether it only adds to what was signed is shown by
    # the leaves that it sent, and were kept here.
    if not begins and not verify_consistency(before.head(), head, offer.proof):
        raise Alarming(
            Alarm.FORK, f"its head of {head.size} records does not add to the one of {before.size} that was witnessed"
        )
    tree = before
    for leaf in leaves(before.size, head.size):
        former = begins.get(tree.size)
        if former is not None and former != tree.head():
            raise Alarming(Alarm.FORK, f"record {tree.size} begins a journal after another history than was witnessed")
        tree = tree.append(leaf)
    if tree.head() != head:
        raise Alarming(Alarm.FORK, f"its head of {head.size} records is not that of the records that it sent")
    return Grown(offer.key, tree, offer.note)


def _confessed(offer: Offer) -> Alarming:
    if offer.kept < offer.earlier:
        return Alarming(Alarm.CUT, f"it has {offer.kept} records, {offer.earlier} were acknowledged")
    return Alarming(Alarm.FORK, f"its first {offer.earlier} records are not those that were acknowledged")


def _signed_head(device: str, offer: Offer, last: Witnessed | None) -> Head:
    if last and offer.key != last.key:
        raise Alarming(Alarm.KEY, "it signs with another key than before")
    try:
        key, note = parse_key(offer.key), parse_note(offer.note)
        checkpoint = parse_checkpoint(note.text)
        if {key.name, checkpoint.origin} != {device} or not is_signed(note, key):
            raise ValueError("it is not signed by the device's own key")
    except ValueError as error:
        raise Alarming(Alarm.FORGED, f"a head came that proves nothing: {error}") from error
    return checkpoint.head
