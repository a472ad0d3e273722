"""What stands before a message's data is what paho itself would write and read."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties, VariableByteIntegers

from lapel.link.events import CloudEvent
from lapel.link.properties import PublishProperties, _as_before, _found, _unpack

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=40)
EVENTS = st.builds(
    CloudEvent,
    st.lists(st.tuples(TEXTS, TEXTS), max_size=9).map(tuple),
    TEXTS,
    st.just(b""),
    st.integers(0, 2**32 - 1),
)


def empty() -> Properties:
    return Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]


def as_paho_writes(event: CloudEvent) -> bytes:
    properties = empty()
    properties.ContentType = event.content_type
    if event.attributes:
        properties.UserProperty = list(event.attributes)
    if event.expires_s:
        properties.MessageExpiryInterval = event.expires_s
    packed: bytes = properties.pack()  # type: ignore[no-untyped-call]
    return packed


@settings(deadline=None)
@given(EVENTS)
def test_what_is_written_is_what_paho_writes(event: CloudEvent) -> None:
    assert PublishProperties(event).pack() == as_paho_writes(event)


@settings(deadline=None)
@given(EVENTS, st.binary(max_size=20))
def test_what_is_read_is_what_paho_reads(event: CloudEvent, data: bytes) -> None:
    packed = as_paho_writes(event) + data
    ours, end = _unpack(empty(), packed)
    theirs, theirs_end = _as_before(empty(), packed)
    assert end == theirs_end
    assert ours.ContentType == theirs.ContentType
    assert getattr(ours, "UserProperty", []) == getattr(theirs, "UserProperty", [])
    assert getattr(ours, "MessageExpiryInterval", 0) == getattr(theirs, "MessageExpiryInterval", 0)


def test_a_records_properties_are_read_the_quick_way() -> None:
    event = CloudEvent((("id", "a" * 200), ("source", "/lapel/depot/cam-1")), "application/json", b"", 600)
    assert _found(as_paho_writes(event) + b"{}") is not None


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_are_read_otherwise_than_paho_reads_them(data: bytes) -> None:
    found = _found(data)
    if found is not None:
        theirs, end = _as_before(empty(), data)
        assert (getattr(theirs, "ContentType", ""), getattr(theirs, "UserProperty", [])) == (
            found.content_type,
            found.pairs,
        )
        assert (getattr(theirs, "MessageExpiryInterval", None), end) == (found.expires_s, found.end)


@pytest.mark.parametrize(
    "data",
    [
        b"\x01\x01" + b"\x26\x00\x03\xef\xbb\xbf\x00\x01x",
        b"\x01\x07",
        b"\x23\x00\x00",
        b"\x21\x00\x01",
        b"\x7f",
        b"\x26\x00\x01\xff\x00\x00",
        b"\x26\x00\x01\x00\x00\x00",
        b"\x03\x00\x01a\x03\x00\x01b",
        b"\x26\x00\x00\x00\x00" * 50_000,
    ],
    ids=lambda data: data[:12].hex(),
)
def test_what_no_device_of_ours_writes_is_nothing_and_the_data_behind_it_is_found(data: bytes) -> None:
    length = VariableByteIntegers.encode(len(data))  # type: ignore[no-untyped-call]
    read, end = _unpack(empty(), length + data + b"{}")
    assert (getattr(read, "ContentType", ""), getattr(read, "UserProperty", [])) == ("", [])
    assert (length + data + b"{}")[end:] == b"{}"


@pytest.mark.parametrize("data", [b"", b"\xff", b"\xff\xff\xff\xff\xff", b"\x05\x26"], ids=bytes.hex)
def test_properties_without_a_length_of_their_own_are_nothing_and_no_data_follows(data: bytes) -> None:
    read, end = _unpack(empty(), data)
    assert (getattr(read, "UserProperty", []), data[end:]) == ([], b"")


@pytest.mark.parametrize("length", [0, 5, 127, 128, 16383, 16384])
def test_the_data_begins_where_the_properties_end(length: int) -> None:
    text = "x" * max(0, length - 5)
    event = CloudEvent((("", text),), "", b"") if length >= 5 else CloudEvent((), "", b"")
    packed = as_paho_writes(event)
    assert _unpack(empty(), packed + struct.pack(">I", 7))[1] == len(packed)
