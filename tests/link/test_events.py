"""Records as CloudEvents."""

import email
import email.policy

import pytest

from lapel.core.record_body import Stamp, record_of
from lapel.core.records import Event, Record, RecordKind
from lapel.link.events import ENVELOPE_BYTES, JSON, MalformedEvent, Withheld, cloud_event, delivery, within

SOURCE = "/lapel/depot/cam-1"
PICTURE = b"\xff\xd8\r\n--lapel-\r\n\r\n" + bytes(range(256)) * 20


def record(picture: bytes = b"", entry: str = "demo-bicycle") -> Record:
    stamp = Stamp("cam-1", 7, 1_769_860_800_000_000_001, "boot-1", 10)
    return record_of(Event(RecordKind.ALERT, (("entry", entry),), picture), stamp)


def test_a_record_carries_the_attributes_that_cloudevents_demands() -> None:
    attributes = dict(cloud_event(record(), SOURCE).attributes)
    assert attributes["specversion"] == "1.0"
    assert attributes["source"] == SOURCE
    assert attributes["type"] == "lapel.record.alert.v1"
    assert attributes["id"] == record().id
    assert attributes["time"] == "2026-01-31T12:00:00.000000001Z"


def test_the_names_of_attributes_are_lower_case_letters_and_digits_as_cloudevents_demands() -> None:
    assert all(name.isalnum() and name.islower() for name, _ in cloud_event(record(), SOURCE).attributes)


def test_the_data_of_a_record_without_picture_is_its_canonical_json_byte_for_byte() -> None:
    event = cloud_event(record(), SOURCE)
    assert (event.content_type, event.data) == (JSON, record().body)


@pytest.mark.parametrize("picture", [b"", PICTURE])
def test_a_record_arrives_as_it_was_sent(picture: bytes) -> None:
    sent = record(picture)
    event = cloud_event(sent, SOURCE)
    got = delivery(dict(event.attributes), event.content_type, event.data)
    assert (got.id, got.sequence, got.kind, got.at) == (sent.id, sent.sequence, sent.kind.value, sent.at)
    assert (got.leaf, got.body, got.picture) == (sent.leaf, sent.body, sent.picture)
    assert got.withheld is Withheld.NOTHING


def test_any_mime_reader_can_take_a_record_with_a_picture_apart() -> None:
    event = cloud_event(record(PICTURE), SOURCE)
    head = f"Content-Type: {event.content_type}\r\n\r\n".encode()
    parts = list(email.message_from_bytes(head + event.data, policy=email.policy.HTTP).iter_parts())
    assert [part.get_content_type() for part in parts] == [JSON, "image/jpeg"]


def test_a_record_that_fits_is_sent_whole() -> None:
    sent = record(PICTURE)
    assert within(sent, SOURCE, 256 * 1024)[1] is Withheld.NOTHING


def test_a_record_whose_picture_does_not_fit_is_sent_without_it() -> None:
    event, withheld = within(record(PICTURE), SOURCE, ENVELOPE_BYTES + len(PICTURE))
    assert withheld is Withheld.PICTURE
    assert event.data == record(PICTURE).body


def test_a_record_whose_body_does_not_fit_is_sent_as_its_leaf_alone() -> None:
    sent = record(entry="x" * 5000)
    event, withheld = within(sent, SOURCE, ENVELOPE_BYTES + 4000)
    got = delivery(dict(event.attributes), event.content_type, event.data)
    assert withheld is Withheld.BODY
    assert (got.leaf, got.body) == (sent.leaf, b"")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("specversion", "0.3"),
        ("id", ""),
        ("sequence", "-1"),
        ("sequence", "seven"),
        ("sequence", str(2**63)),
        ("leaf", "00ff"),
        ("leaf", "zz"),
        ("type", "alert"),
        ("withheld", "everything"),
    ],
)
def test_an_attribute_that_no_device_writes_is_refused(name: str, value: str) -> None:
    event = cloud_event(record(), SOURCE)
    with pytest.raises(MalformedEvent):
        delivery({**dict(event.attributes), name: value}, event.content_type, event.data)


@pytest.mark.parametrize("cut", [1, 40, 200, 5000])
def test_a_truncated_multipart_message_is_refused(cut: int) -> None:
    event = cloud_event(record(PICTURE), SOURCE)
    with pytest.raises(MalformedEvent):
        delivery(dict(event.attributes), event.content_type, event.data[:-cut])


def test_an_unknown_content_type_is_refused() -> None:
    event = cloud_event(record(), SOURCE)
    with pytest.raises(MalformedEvent, match="content type"):
        delivery(dict(event.attributes), "text/html", event.data)
