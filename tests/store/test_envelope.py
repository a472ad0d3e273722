"""A passphrase reaches the lookout that it was sealed for, and is read by nothing on its way."""

import base64
from dataclasses import replace

import pytest

from lapel.store.envelope import Envelope, Sealed, seal

PASSPHRASE = b"correct horse battery staple"


def test_the_lookout_that_it_was_sealed_for_opens_it() -> None:
    envelope = Envelope()
    assert envelope.opened(seal(envelope.public, bytearray(PASSPHRASE))) == PASSPHRASE


def test_what_is_carried_does_not_hold_it_and_is_never_the_same_twice() -> None:
    envelope = Envelope()
    one, other = (seal(envelope.public, bytearray(PASSPHRASE)) for _ in range(2))
    assert PASSPHRASE not in base64.b64decode(one.box) + base64.b64decode(one.point)
    assert one != other


def test_another_start_of_the_lookout_does_not_open_it() -> None:
    sealed = seal(Envelope().public, bytearray(PASSPHRASE))
    with pytest.raises(ValueError, match="another start"):
        Envelope().opened(sealed)


@pytest.mark.parametrize("box", ["", "AAAA", "no base64!", base64.b64encode(bytes(40)).decode()])
def test_what_was_changed_on_the_way_is_refused(box: str) -> None:
    envelope = Envelope()
    with pytest.raises(ValueError, match="once more"):
        envelope.opened(replace(seal(envelope.public, bytearray(PASSPHRASE)), box=box))


@pytest.mark.parametrize("point", [b"", b"\x04" + bytes(64), b"\x02" + bytes(32)])
def test_a_point_that_is_not_on_the_curve_is_refused(point: bytes) -> None:
    with pytest.raises(ValueError, match="once more"):
        Envelope().opened(Sealed(base64.b64encode(point).decode(), base64.b64encode(bytes(60)).decode()))
