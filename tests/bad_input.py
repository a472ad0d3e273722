"""Input that is none, for every parser of what comes over the network: bytes, JSON of any shape, spoilt messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from hypothesis import strategies as st
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from lapel.core.chain import leaf_hash
from lapel.core.record_body import Stamp, parse_body, record_of
from lapel.core.records import Event, Head, RecordKind
from lapel.errors import Refused
from lapel.link.acks import Ack, decode, encode
from lapel.link.events import MalformedEvent, cloud_event, delivery
from lapel.link.news import News, decode_news
from lapel.link.offers import Offer, offer_event, offer_in
from lapel.link.properties import PublishProperties, _unpack
from lapel.link.signals import Arrived
from lapel.link.topics import piece_of, writer
from lapel_tools.station.intake import NotTaken, incoming

SITE, DEVICE = "depot", "cam-1"
_STAMP = Stamp(DEVICE, 0, 1_769_860_800_000_000_001, "boot-1", 10)
RECORD = record_of(Event(RecordKind.ALERT, (("entry", "bicycle"), ("evidence", 3.25)), b"\xff\xd8" + bytes(90)), _STAMP)
EVENT = cloud_event(RECORD, f"/lapel/{SITE}/{DEVICE}")
_OFFER = offer_event(Offer("note", "key", 1, (bytes(32),), 2), f"/lapel/{SITE}/{DEVICE}")

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=12,
)


@dataclass(frozen=True)
class Parser:
    """How a parser is called with bytes, what of right input it takes, and what it raises for the rest."""

    parse: Callable[[bytes], object]
    right: bytes
    refusal: type[Exception] = Refused


PARSERS = {
    "ack": Parser(decode, encode(Ack(Head(7, bytes(32)), True, "fork", "note"))),
    "news": Parser(decode_news, News((("timestamp.json", "ab" * 32),)).encoded()),
    "offer": Parser(offer_in, _OFFER.data),
    "body": Parser(parse_body, RECORD.body, ValueError),
    "message": Parser(lambda data: delivery(dict(EVENT.attributes), EVENT.content_type, data), EVENT.data),
    "topic": Parser(lambda data: writer(SITE, data.decode(errors="replace")), f"lapel/{SITE}/{DEVICE}/events".encode()),
    "properties": Parser(lambda data: _unpack(Properties(PacketTypes.PUBLISH), data), PublishProperties(EVENT).pack()),
    "piece": Parser(lambda data: piece_of(SITE, data.decode(errors="replace")), b"lapel/depot/lists/pieces/ab"),
}


def spoilt(right: bytes) -> st.SearchStrategy[bytes]:
    """A right message with some of its bytes replaced, removed or doubled."""
    places = st.integers(0, max(0, len(right) - 1))
    changes = st.lists(st.tuples(places, st.binary(max_size=4), st.integers(0, 8)), min_size=1, max_size=4)
    return changes.map(lambda made: _changed(right, made))


def _changed(right: bytes, changes: list[tuple[int, bytes, int]]) -> bytes:
    for place, put, removed in changes:
        right = right[:place] + put + right[place + removed :]
    return right


def reshaped(right: bytes) -> st.SearchStrategy[bytes]:
    """A right message of JSON with values of other shapes in it; anything at all where it is no JSON."""
    try:
        fields = json.loads(right)
    except ValueError:
        return st.binary(max_size=300)
    changes = st.dictionaries(st.sampled_from(sorted(fields)), JSON_VALUES, min_size=1)
    return changes.map(lambda made: json.dumps(fields | made).encode())


def any_bytes(right: bytes) -> st.SearchStrategy[bytes]:
    """Everything of this file."""
    shapeless = JSON_VALUES.map(lambda value: json.dumps(value).encode())
    return st.one_of(st.binary(max_size=300), shapeless, spoilt(right), reshaped(right))


def arrived() -> st.SearchStrategy[Arrived]:
    """Messages that a station may be handed: on any topic, with any attributes, of which some are right."""
    names = st.sampled_from([name for name, _ in EVENT.attributes]) | st.text(max_size=8)
    values = st.sampled_from([value for _, value in EVENT.attributes]) | st.text(max_size=40) | st.integers().map(str)
    wrong = st.lists(st.tuples(names, values), max_size=9).map(tuple)
    right = st.just(EVENT.attributes)
    mixed = st.dictionaries(names, values, max_size=3).map(lambda made: tuple((dict(EVENT.attributes) | made).items()))
    offers = st.just(_OFFER.attributes)
    topics = st.sampled_from([f"lapel/{SITE}/{name}/events" for name in (DEVICE, "cam-2", "station", "")])
    types = st.sampled_from([EVENT.content_type, "application/json", ""]) | st.text(max_size=30)
    data = any_bytes(EVENT.data) | any_bytes(_OFFER.data) | st.just(EVENT.data)
    return st.builds(Arrived, topics | st.text(max_size=30), wrong | right | mixed | offers, types, data)


def relabelled(body: bytes) -> Arrived:
    """Bytes in the place of a body, with the leaf and the id that follow from them."""
    leaf = leaf_hash(body).hex()
    attributes = tuple((dict(EVENT.attributes) | {"leaf": leaf, "id": leaf[:32]}).items())
    return Arrived(f"lapel/{SITE}/{DEVICE}/events", attributes, "application/json", body)


def refused_or_taken(name: str, data: bytes) -> None:
    """Parse; whatever else than the parser's own refusal is raised, is raised."""
    parser = PARSERS[name]
    with suppress(parser.refusal, MalformedEvent):
        parser.parse(data)


def refused_by_the_station(message: Arrived) -> bool:
    """Whether a message is refused; raises whatever else happens."""
    try:
        incoming(SITE, message)
    except NotTaken:
        return True
    return False
