"""What every key provider does, the shipped double included."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lapel.fakes.keys import FixedKey
from lapel.ports import KeyProvider
from lapel.store.keys import FileKey, PassphraseKey
from lapel.wiring.lent_keys import Lender, LentKeys


def lent(folder: Path) -> KeyProvider:
    """What a lookout lends."""
    lender = Lender(folder)
    lender.keys = PassphraseKey("correct horse battery")
    return LentKeys(folder)


MAKERS: dict[str, Callable[[Path], KeyProvider]] = {
    "file": lambda folder: FileKey.create(folder / "device.key"),
    "passphrase": lambda folder: PassphraseKey("correct horse battery"),
    "lent": lent,
    "double": lambda folder: FixedKey(),
}


@pytest.fixture(params=MAKERS)
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> KeyProvider:
    """One key provider after the other."""
    return MAKERS[request.param](tmp_path)


def test_a_key_has_32_bytes(keys: KeyProvider) -> None:
    assert len(keys.derive("journal", b"salt")) == 32


def test_a_purpose_and_salt_always_give_the_same_key(keys: KeyProvider) -> None:
    assert keys.derive("journal", b"salt") == keys.derive("journal", b"salt")


def test_each_purpose_has_a_key_of_its_own(keys: KeyProvider) -> None:
    assert keys.derive("journal", b"salt") != keys.derive("watchlist", b"salt")


def test_each_salt_gives_a_key_of_its_own(keys: KeyProvider) -> None:
    assert keys.derive("journal", b"salt") != keys.derive("journal", b"pepper")
