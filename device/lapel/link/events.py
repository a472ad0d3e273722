"""A record as a CloudEvent in the binary content mode of the MQTT 5 binding.

The attributes travel as user properties (``datacontenttype`` as the content type), the data is the record's
canonical JSON, byte for byte, so that whoever receives it can compute the leaf again. A record with a picture is
``multipart/related`` (RFC 2387): the JSON and the JPEG in one message, so that neither can arrive without the other.
Source: CloudEvents 1.0.2, MQTT protocol binding 1.0.2, §3.1; the ``sequence`` extension.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from lapel.core.records import Record
from lapel.errors import BrokerRefused, Refused

SPEC_VERSION = "1.0"
JSON = "application/json"
# Topic, attributes and MQTT headers of one message, rounded up: they count against the broker's packet limit.
ENVELOPE_BYTES = 1024
EXPIRES_S = 600
"""So long a broker keeps a record for a station that is away; by then its device has sent it again, or will."""
_TYPE = "lapel.record.{}.v1"
_SHA256_BYTES = 32


class MalformedEvent(Refused):
    """A message is not a record as a Lapel device writes it."""


class Withheld(Enum):
    """What a device did not send: the broker takes no message of that size, or the device had given it up."""

    NOTHING = ""
    PICTURE = "picture"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """What is published: ``attributes`` in order, the content type, and the data.

    ``expires_s``: how long a broker is to keep it for whoever is away; 0: for as long as it likes.
    """

    attributes: tuple[tuple[str, str], ...]
    content_type: str
    data: bytes = field(repr=False)
    expires_s: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was received: a record's parts, none of them verified. ``body`` is empty when it was withheld."""

    id: str
    sequence: int
    kind: str
    at: str
    leaf: bytes
    body: bytes
    picture: bytes = field(repr=False)
    withheld: Withheld


def cloud_event(record: Record, source: str, withheld: Withheld = Withheld.NOTHING) -> CloudEvent:
    """A record as a message; ``source`` is the device's URI reference, ``/lapel/<site>/<device>``."""
    attributes = [
        ("specversion", SPEC_VERSION),
        ("id", record.id),
        ("source", source),
        ("type", _TYPE.format(record.kind.value)),
        ("time", record.at),
        ("sequence", str(record.sequence)),
        ("leaf", record.leaf.hex()),
    ]
    if withheld is not Withheld.NOTHING:
        attributes.append(("withheld", withheld.value))
    body = b"" if withheld is Withheld.BODY else record.body
    picture = record.picture if withheld is Withheld.NOTHING else b""
    if not picture:
        return CloudEvent(tuple(attributes), JSON, body, EXPIRES_S)
    boundary = _boundary(picture)
    return CloudEvent(tuple(attributes), _multipart_type(boundary), _multipart(boundary, body, picture), EXPIRES_S)


def given_up(record: Record) -> Withheld:
    """What of a record its journal no longer has."""
    if not record.body:
        return Withheld.BODY
    return Withheld.PICTURE if record.picture_sha256 and not record.picture else Withheld.NOTHING


def within(record: Record, source: str, most_bytes: int) -> tuple[CloudEvent, Withheld]:
    """A record as a message of at most ``most_bytes``: without its picture, or as its leaf alone, if it must be.

    The leaf always travels, so that the station's tree stays whole and the records behind it are not held up.
    What the device has given up is withheld in any case. Raises: BrokerRefused where not even the leaf is taken.
    """
    parts = tuple(Withheld)
    for withheld in parts[parts.index(given_up(record)) :]:
        event = cloud_event(record, source, withheld)
        if len(event.data) + ENVELOPE_BYTES <= most_bytes:
            return event, withheld
    raise BrokerRefused(
        f"the broker takes messages of {most_bytes} bytes, and no record is so short; let it take 256 KiB "
        f"(max_packet_size of mosquitto), {ENVELOPE_BYTES} at least"
    )


def delivery(attributes: Mapping[str, str], content_type: str, data: bytes) -> Delivery:
    """A message as a record's parts. Raises: MalformedEvent."""
    if attributes.get("specversion") != SPEC_VERSION:
        raise MalformedEvent(f"specversion {attributes.get('specversion')!r}: only CloudEvents {SPEC_VERSION} is read")
    kind = _attribute(attributes, "type").removeprefix(_TYPE.split("{}")[0]).removesuffix(".v1")
    try:
        withheld = Withheld(attributes.get("withheld", ""))
        sequence = int(_attribute(attributes, "sequence"))
        leaf = bytes.fromhex(_attribute(attributes, "leaf"))
    except ValueError as error:
        raise MalformedEvent(f"an attribute has no such value: {error}") from error
    if not 0 <= sequence < 2**63 or len(leaf) != _SHA256_BYTES or kind == attributes["type"]:
        raise MalformedEvent("sequence, leaf or type is not what a Lapel device writes")
    body, picture = _parts(content_type, data)
    return Delivery(
        id=_attribute(attributes, "id"),
        sequence=sequence,
        kind=kind,
        at=_attribute(attributes, "time"),
        leaf=leaf,
        body=body,
        picture=picture,
        withheld=withheld,
    )


def _attribute(attributes: Mapping[str, str], name: str) -> str:
    value = attributes.get(name, "")
    if not value:
        raise MalformedEvent(f"attribute {name!r} is missing")
    return value


def _boundary(picture: bytes) -> str:
    # Made from the picture's hash, so that it cannot occur inside the picture by accident (RFC 2046 §5.1.1).
    return f"lapel-{hashlib.sha256(picture).hexdigest()[:32]}"


def _multipart_type(boundary: str) -> str:
    return f'multipart/related; type="{JSON}"; boundary={boundary}'


def _frame(boundary: str) -> tuple[bytes, bytes, bytes]:
    opening = f"--{boundary}\r\nContent-Type: {JSON}\r\n\r\n"
    between = f"\r\n--{boundary}\r\nContent-Type: image/jpeg\r\n\r\n"
    return opening.encode(), between.encode(), f"\r\n--{boundary}--\r\n".encode()


def _multipart(boundary: str, body: bytes, picture: bytes) -> bytes:
    opening, between, closing = _frame(boundary)
    return b"".join((opening, body, between, picture, closing))


def _parts(content_type: str, data: bytes) -> tuple[bytes, bytes]:
    if content_type == JSON:
        return data, b""
    boundary = content_type.partition("boundary=")[2]
    if content_type != _multipart_type(boundary):
        raise MalformedEvent(f"content type {content_type[:80]!r} is not a record's")
    opening, between, closing = _frame(boundary)
    if not (data.startswith(opening) and data.endswith(closing)):
        raise MalformedEvent("a multipart message has no beginning or no end")
    body, found, picture = data[len(opening) : len(data) - len(closing)].partition(between)
    if not found or not picture:
        raise MalformedEvent("a multipart message has no picture")
    return body, picture
