"""What the station says."""

import pytest

from lapel.core.records import Head
from lapel.link.acks import Ack, MalformedAck, decode, encode

HEAD = Head(3, bytes(range(32)))


@pytest.mark.parametrize("ack", [Ack(HEAD), Ack(HEAD, is_gap=True), Ack(HEAD, refusal="fork: record 2")])
def test_an_ack_is_read_as_it_was_written(ack: Ack) -> None:
    assert decode(encode(ack)) == ack


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"count":3}',
        b'{"count":-1,"root":"' + b"00" * 32 + b'","gap":false,"refusal":""}',
        b'{"count":true,"root":"' + b"00" * 32 + b'","gap":false,"refusal":""}',
        b'{"count":3,"root":"00","gap":false,"refusal":""}',
        b'{"count":3,"root":"' + b"00" * 32 + b'","gap":1,"refusal":""}',
    ],
)
def test_what_is_not_an_ack_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedAck):
        decode(data)
