"""Which messages are records of the device that may write them."""

from dataclasses import replace

import pytest

from lapel.core.chain import leaf_hash
from lapel.core.record_body import Stamp, record_of
from lapel.core.records import Event, Record, RecordKind
from lapel.link.events import JSON, Withheld, cloud_event
from lapel.link.signals import Arrived
from lapel_tools.station.intake import NotTaken, Reason, incoming

SITE, DEVICE = "depot", "cam-1"
PICTURE = b"\xff\xd8" + bytes(3000)


def record(picture: bytes = b"", device: str = DEVICE) -> Record:
    stamp = Stamp(device, 7, 1_769_860_800_000_000_001, "boot-1", 10)
    return record_of(Event(RecordKind.ALERT, (("entry", "demo-bicycle"),), picture), stamp)


def message(sent: Record, withheld: Withheld = Withheld.NOTHING) -> Arrived:
    event = cloud_event(sent, f"/lapel/{SITE}/{DEVICE}", withheld)
    return Arrived(f"lapel/{SITE}/{DEVICE}/events", event.attributes, event.content_type, event.data)


def with_attribute(given: Arrived, name: str, value: str) -> Arrived:
    return replace(given, attributes=tuple({**dict(given.attributes), name: value}.items()))


def reason(given: Arrived) -> Reason:
    with pytest.raises(NotTaken) as refusal:
        incoming(SITE, given)
    return refusal.value.reason


@pytest.mark.parametrize("picture", [b"", PICTURE])
def test_a_record_as_its_device_wrote_it_is_taken(picture: bytes) -> None:
    brought = incoming(SITE, message(record(picture)))
    assert (brought.device, brought.delivery.sequence, brought.delivery.picture) == (DEVICE, 7, picture)


def test_a_record_without_its_picture_is_taken_when_that_is_said() -> None:
    assert incoming(SITE, message(record(PICTURE), Withheld.PICTURE)).delivery.withheld is Withheld.PICTURE


def test_a_leaf_alone_is_taken_when_that_is_said() -> None:
    assert incoming(SITE, message(record(PICTURE), Withheld.BODY)).delivery.leaf == record(PICTURE).leaf


def test_a_picture_that_is_missing_without_a_word_is_refused() -> None:
    bare = replace(message(record(PICTURE)), content_type=JSON, data=record(PICTURE).body)
    assert reason(bare) is Reason.PICTURE


def test_a_changed_body_is_refused() -> None:
    sent = message(record())
    changed = replace(sent, data=sent.data.replace(b"demo-bicycle", b"demo-bicycld"))
    assert reason(changed) is Reason.LEAF


def test_a_changed_picture_is_refused() -> None:
    other = message(replace(record(PICTURE), picture=PICTURE[:-1] + b"\x01"))
    assert reason(other) is Reason.PICTURE


def test_a_record_on_another_devices_topic_is_refused() -> None:
    assert reason(message(record(device="cam-2"))) is Reason.DEVICE


def test_a_message_on_no_devices_topic_is_refused() -> None:
    assert reason(replace(message(record()), topic=f"lapel/{SITE}/station/events")) is Reason.TOPIC


@pytest.mark.parametrize(
    ("name", "value"), [("sequence", "8"), ("type", "lapel.record.start.v1"), ("time", "2026-01-01"), ("id", "0" * 32)]
)
def test_attributes_that_contradict_the_body_are_refused(name: str, value: str) -> None:
    assert reason(with_attribute(message(record()), name, value)) is Reason.ATTRIBUTES


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b"\xff\xfe", b"[" * 50_000])
def test_a_body_that_is_no_record_is_refused_and_harms_nothing(data: bytes) -> None:
    leaf = leaf_hash(data)
    given = replace(message(record()), data=data)
    given = with_attribute(with_attribute(given, "leaf", leaf.hex()), "id", leaf.hex()[:32])
    assert reason(given) is Reason.MALFORMED


def test_a_message_without_attributes_is_refused() -> None:
    assert reason(replace(message(record()), attributes=())) is Reason.MALFORMED


@pytest.mark.parametrize("picture", [b"", PICTURE])
def test_no_message_with_one_changed_byte_is_taken(picture: bytes) -> None:
    sent = message(record(picture))
    for place in range(0, len(sent.data), 7):
        changed = bytearray(sent.data)
        changed[place] ^= 1
        with pytest.raises(NotTaken):
            incoming(SITE, replace(sent, data=bytes(changed)))


def test_no_message_that_was_cut_short_is_taken() -> None:
    sent = message(record(PICTURE))
    for length in range(0, len(sent.data), 13):
        with pytest.raises(NotTaken):
            incoming(SITE, replace(sent, data=sent.data[:length]))
