"""A piece of a list is one message, is the same as long as its content is, and opens only whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from lapel.core.updates import LARGEST_MESSAGE_BYTES
from lapel.errors import UpdateRefused
from lapel.fakes.gallery import made_up_entry, made_up_reference
from lapel.store.bucket import decode_bucket, encode_bucket
from lapel.store.chunks import (
    ROW_BYTES,
    Row,
    decode_rows,
    encode_rows,
    open_chunk,
    open_page,
    pieces,
    seal_chunk,
    seal_page,
)

SECRET, OTHER = b"s" * 32, b"o" * 32
ENTRY = made_up_entry("crate-1", date(2026, 6, 1))
BUCKET = ((ENTRY,), (made_up_reference("crate-1", 1), made_up_reference("crate-1", 2)))


def why(row: Row, data: bytes | None) -> str:
    with pytest.raises(UpdateRefused) as caught:
        open_chunk(row, data)
    return caught.value.why


def test_the_same_content_is_the_same_chunk_and_another_is_another() -> None:
    assert seal_chunk(SECRET, 1, b"content") == seal_chunk(SECRET, 1, b"content")
    (row, _), (other, _) = seal_chunk(SECRET, 1, b"content"), seal_chunk(SECRET, 1, b"contents")
    assert len({row.sha256, other.sha256}) == len({row.seed, other.seed}) == 2


def test_whoever_guesses_the_content_cannot_tell_without_the_secret() -> None:
    assert seal_chunk(SECRET, 1, b"content")[0].sha256 != seal_chunk(OTHER, 1, b"content")[0].sha256


def test_the_content_does_not_show() -> None:
    assert b"a guess" not in seal_chunk(SECRET, 1, b"a guess" * 20)[1]


def test_a_chunk_opens_to_its_content() -> None:
    row, data = seal_chunk(SECRET, 1, b"content")
    assert open_chunk(row, data) == b"content"


def test_a_missing_changed_or_cut_chunk_is_refused() -> None:
    row, data = seal_chunk(SECRET, 1, b"content")
    changed = bytes([data[0] ^ 1]) + data[1:]
    assert [why(row, each) for each in (None, changed, data[:-1], data + b"x")] == ["missing"] + ["tampered"] * 3


def test_a_chunk_of_another_key_is_refused() -> None:
    row, data = seal_chunk(SECRET, 1, b"content")
    assert why(replace(row, seed=bytes(16)), data) == "tampered"


def test_no_piece_is_larger_than_a_message() -> None:
    cut = pieces(bytes(3 * LARGEST_MESSAGE_BYTES))
    assert b"".join(cut) == bytes(3 * LARGEST_MESSAGE_BYTES)
    assert max(len(seal_chunk(SECRET, 1, piece)[1]) for piece in cut) == LARGEST_MESSAGE_BYTES


def test_rows_come_back_as_they_were() -> None:
    rows = (seal_chunk(SECRET, 1, b"a")[0], seal_chunk(SECRET, 1, b"b")[0], seal_chunk(SECRET, 7, b"c")[0])
    assert decode_rows(encode_rows(rows)) == rows


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (encode_rows((Row(1, 100, bytes(32), bytes(16)),))[:-1], "malformed"),
        (encode_rows((Row(2, 100, bytes(32), bytes(16)), Row(1, 100, bytes(32), bytes(16)))), "malformed"),
        (encode_rows((Row(1, 65535, bytes(32), bytes(16)),)), "oversize"),
        (bytes(ROW_BYTES), "oversize"),
    ],
)
def test_a_table_that_is_none_is_refused(rows: bytes, reason: str) -> None:
    with pytest.raises(UpdateRefused) as caught:
        decode_rows(rows)
    assert caught.value.why == reason


def test_a_page_opens_with_the_key_of_its_version_at_its_own_place_alone() -> None:
    page = seal_page(b"k" * 32, 3, b"content")
    assert open_page(b"k" * 32, 3, page) == b"content"
    for key, number in ((b"j" * 32, 3), (b"k" * 32, 2)):
        with pytest.raises(UpdateRefused):
            open_page(key, number, page)


def test_a_bucket_comes_back_as_it_was_and_packs_to_the_same_bytes() -> None:
    data = encode_bucket(BUCKET)
    entries, references = decode_bucket(data)
    assert entries == BUCKET[0]
    assert [each.picture for each in references] == [each.picture for each in BUCKET[1]]
    assert encode_bucket((entries, references)) == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\0\0",
        b"\x02\0\0\0[]",
        encode_bucket(BUCKET)[:-100],
        encode_bucket(BUCKET) + bytes(16),
        encode_bucket(BUCKET).replace(b'"widths":[32,16]', b'"widths":[99,16]'),
        encode_bucket(BUCKET).replace(b'"widths":[32,16]', b'"widths":[32,-6]'),
        b"\x50\xc3\0\0" + b"[" * 50_000,
    ],
)
def test_a_bucket_that_is_none_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        decode_bucket(data)
