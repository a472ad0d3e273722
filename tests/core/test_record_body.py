"""A record's bytes have one form, and cover everything the record says."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapel.core.chain import leaf_hash
from lapel.core.record_body import LARGEST_PICTURE_BYTES, Stamp, parse_body, record_from, record_of
from lapel.core.records import Event, Fact, RecordKind

STAMP = Stamp("cam-1", 7, 1_769_860_800_000_000_001, "boot-1", 5)
FACTS = st.dictionaries(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=8),
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=20),
    max_size=6,
)  # fmt: skip


def event(*facts: tuple[str, Fact], picture: bytes = b"") -> Event:
    return Event(RecordKind.ALERT, facts, picture)


def test_a_body_is_json_with_sorted_keys_and_no_spaces() -> None:
    assert record_of(event(("t_s", 1.5), ("entry", "bïke")), STAMP).body.decode() == (
        '{"at":"2026-01-31T12:00:00.000000001Z","boot":"boot-1","device":"cam-1","facts":{"entry":"bïke","t_s":1.5},'
        '"format":1,"kind":"alert","monotonic_ns":5,"picture":"","sequence":7}'
    )


@given(FACTS)
def test_a_body_is_read_back_as_it_was_written(facts: dict[str, Fact]) -> None:
    record = record_of(event(*facts.items()), STAMP)
    body = parse_body(record.body)
    assert (body.facts, body.encoded()) == (tuple(sorted(facts.items())), record.body)


def test_the_order_in_which_facts_are_stated_does_not_matter() -> None:
    assert record_of(event(("a", 1), ("b", 2)), STAMP) == record_of(event(("b", 2), ("a", 1)), STAMP)


def test_a_leaf_covers_the_body_and_the_body_names_the_picture() -> None:
    record = record_of(event(picture=b"jpeg"), STAMP)
    assert record.leaf == leaf_hash(record.body)
    assert parse_body(record.body).picture_sha256 == sha256(b"jpeg").hexdigest()


def test_two_devices_never_give_a_record_the_same_id() -> None:
    other = Stamp("cam-2", STAMP.sequence, STAMP.wall_ns, STAMP.boot, STAMP.monotonic_ns)
    assert record_of(event(), STAMP).id != record_of(event(), other).id


def test_a_record_made_again_from_its_bytes_is_the_same_record() -> None:
    record = record_of(event(("entry", "x"), picture=b"jpeg"), STAMP)
    assert record_from(record.body, b"jpeg") == record


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"bytes", "\ud800", [1]])
def test_a_fact_without_a_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"fact entry|surrogates"):
        record_of(Event(RecordKind.ALERT, (("entry", value),)), STAMP)  # type: ignore[arg-type]


def test_a_fact_stated_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="states a fact twice"):
        record_of(event(("entry", "a"), ("entry", "b")), STAMP)


def test_a_picture_over_64_kib_is_refused() -> None:
    with pytest.raises(ValueError, match="65537 bytes"):
        record_of(event(picture=bytes(LARGEST_PICTURE_BYTES + 1)), STAMP)


def test_a_wall_clock_beyond_the_year_9999_is_refused() -> None:
    with pytest.raises(ValueError, match="is no date"):
        record_of(event(), Stamp("cam-1", 0, 10**21, "boot-1", 0))


BODY = record_of(event(("entry", "x")), STAMP).body


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        BODY.replace(b'"facts"', b' "facts"'),
        BODY.replace(b'"kind":"alert"', b'"kind":"other"'),
        BODY.replace(b'"sequence":7', b'"sequence":-7'),
        BODY.replace(b'"sequence":7', b'"sequence":7,"sequence":7'),
        BODY.replace(b'"format":1', b'"format":2'),
        BODY.replace(b'{"entry":"x"}', b"[]"),
        BODY.replace(b'"boot":"boot-1",', b""),
        json.dumps(json.loads(BODY)).encode(),
        b"\xff" + BODY,
        b"[" * 100_000,
    ],
)
def test_bytes_that_are_not_exactly_a_body_are_refused(data: bytes) -> None:
    assert data != BODY
    with pytest.raises(ValueError, match="not a record's body"):
        parse_body(data)
