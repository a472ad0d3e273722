"""Decides whether a message is a record of the device that may write to its topic. No file, clock or network."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from lapel.core.chain import leaf_hash
from lapel.core.record_body import Body, parse_body, picture_sha256
from lapel.errors import Refused
from lapel.link.events import Delivery, MalformedEvent, Withheld, delivery
from lapel.link.offers import Offer, is_offer, offer_in
from lapel.link.signals import Arrived
from lapel.link.topics import writer

_ID_CHARACTERS = 32
_MOST_CHARACTERS = 64
_LONGEST_DETAIL = 300


class Reason(Enum):
    """Why a message was not taken."""

    TOPIC = "topic"
    MALFORMED = "malformed"
    LEAF = "leaf"
    PICTURE = "picture"
    DEVICE = "device"
    ATTRIBUTES = "attributes"
    FORK = "fork"
    FLOOD = "flood"


class NotTaken(Refused):
    """A message that the station does not take. ``device`` is whose topic it came on, or empty. What it
    says is cut short: it may quote the message, and goes into log, database and ack."""

    def __init__(self, reason: Reason, device: str, detail: str) -> None:
        super().__init__(detail[:_LONGEST_DETAIL])
        self.reason = reason
        self.device = device


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record whose body, picture and attributes agree with its leaf, and whose device may write it."""

    device: str
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Offered:
    """A head of its journal that a device offers to be witnessed; nothing of it is verified."""

    device: str
    offer: Offer


def incoming(site: str, message: Arrived) -> Incoming | Offered:
    """What a message brings. Raises: NotTaken."""
    device = writer(site, message.topic)
    if device is None:
        raise NotTaken(Reason.TOPIC, "", f"{message.topic[:120]}: no device of site {site} writes there")
    try:
        if is_offer(attributes := dict(message.attributes)):
            return Offered(device, offer_in(message.data))
        brought = delivery(attributes, message.content_type, message.data)
    except MalformedEvent as error:
        raise NotTaken(Reason.MALFORMED, device, str(error)) from error
    if brought.id != brought.leaf.hex()[:_ID_CHARACTERS]:
        raise NotTaken(Reason.ATTRIBUTES, device, f"record {brought.sequence}: its id does not follow from its leaf")
    if not (_is_plain(brought.kind) and _is_plain(brought.at)):
        raise NotTaken(Reason.MALFORMED, device, f"record {brought.sequence}: its kind or time is no plain text")
    if brought.withheld is not Withheld.BODY:
        _check_body(device, brought)
    elif brought.body or brought.picture:
        raise NotTaken(
            Reason.MALFORMED, device, f"record {brought.sequence}: says its body was withheld, and brings one"
        )
    return Incoming(device, brought)


def _is_plain(text: str) -> bool:
    """Whether every database takes it: PostgreSQL keeps no NUL, and SQLite no half of a surrogate pair."""
    return text.isascii() and text.isprintable() and len(text) <= _MOST_CHARACTERS


def _check_body(device: str, brought: Delivery) -> None:
    where = f"record {brought.sequence}"
    if leaf_hash(brought.body) != brought.leaf:
        raise NotTaken(Reason.LEAF, device, f"{where}: its body is not what its leaf was made from")
    try:
        body = parse_body(brought.body)
    except ValueError as error:
        raise NotTaken(Reason.MALFORMED, device, f"{where}: {error}") from error
    if body.device != device:
        raise NotTaken(Reason.DEVICE, device, f"{where}: was written by {body.device!r}, and came on {device}'s topic")
    if not _agree(body, brought):
        raise NotTaken(Reason.ATTRIBUTES, device, f"{where}: its attributes say something else than its body")
    is_withheld = brought.withheld is Withheld.PICTURE and not brought.picture
    if not is_withheld and picture_sha256(brought.picture) != body.picture_sha256:
        raise NotTaken(Reason.PICTURE, device, f"{where}: its picture is not the one that its body names")


def _agree(body: Body, brought: Delivery) -> bool:
    said = (body.sequence, body.kind.value, body.at)
    return said == (brought.sequence, brought.kind, brought.at)
