"""A signed head of the journal on its way to the station, which is asked to witness it.

It travels where records do, as a CloudEvent of a type of its own, so that no broker has to allow anything more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from lapel.core.proof import Proof
from lapel.link.acks import Ack
from lapel.link.events import JSON, SPEC_VERSION, CloudEvent, MalformedEvent

_TYPE = "lapel.checkpoint.v1"
_ID_CHARACTERS = 32
_SHA256_BYTES = 32
_MOST_HASHES = 128
"""A proof between two trees of at most 2**63 records has two for each level at most."""
_LONGEST_KEY, _LONGEST_NOTE = 300, 4096


@dataclass(frozen=True, slots=True)
class Offer:
    """``note`` is the checkpoint; ``key`` the one that it is signed with, as C2SP writes keys. ``proof`` shows that it
    only adds to the head of ``earlier`` records, the last that was witnessed as far as the device knows (0: none).
    ``kept``: how many records the journal has.

    Without a note it is no offer: the device says that its journal does not have what the station acknowledged, the
    first ``earlier`` records.
    """

    note: str
    key: str
    earlier: int
    proof: Proof
    kept: int


class Witness(Protocol):
    """Has the station sign what the journal signed; see witnessing."""

    def begin(self) -> None:
        """A new line."""
        ...

    def is_waiting(self) -> bool:
        """Whether an answer is still to be expected."""
        ...

    def offer(self, acked: int) -> CloudEvent | None:
        """What to send now, when so many records are acknowledged."""
        ...

    def heard(self, ack: Ack) -> None:
        """What the station answered."""
        ...


def offer_event(offer: Offer, source: str) -> CloudEvent:
    """An offer as a message; ``source`` is the device's URI reference."""
    attributes = (
        ("specversion", SPEC_VERSION),
        ("id", sha256(offer.note.encode()).hexdigest()[:_ID_CHARACTERS]),
        ("source", source),
        ("type", _TYPE),
    )
    fields = {
        "note": offer.note,
        "key": offer.key,
        "earlier": offer.earlier,
        "proof": [each.hex() for each in offer.proof],
        "kept": offer.kept,
    }
    return CloudEvent(attributes, JSON, json.dumps(fields, separators=(",", ":")).encode())


def is_offer(attributes: Mapping[str, str]) -> bool:
    """Whether a message is one."""
    return attributes.get("type") == _TYPE


def offer_in(data: bytes) -> Offer:
    """What a message says; nothing of it is verified. Raises: MalformedEvent."""
    try:
        said = json.loads(data)
        note, key, earlier, kept = said["note"], said["key"], said["earlier"], said["kept"]
        proof = tuple(bytes.fromhex(each) for each in said["proof"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise MalformedEvent("an offered checkpoint is not written as one") from error
    is_sized = all(type(number) is int and 0 <= number < 2**63 for number in (earlier, kept))
    is_text = isinstance(note, str) and isinstance(key, str) and len(note) <= _LONGEST_NOTE and len(key) <= _LONGEST_KEY
    if not (is_sized and is_text and len(proof) <= _MOST_HASHES and all(len(each) == _SHA256_BYTES for each in proof)):
        raise MalformedEvent("an offered checkpoint has a number, a key or a proof that none has")
    return Offer(note, key, earlier, proof, kept)
