"""A folder's own key, sealed by the list's: a passphrase is stretched once, however many files there are."""

from __future__ import annotations

from pathlib import Path

from lapel.errors import Refused
from lapel.ports import KeyProvider
from lapel.store.keys import KEY_BYTES, HeldKey
from lapel.store.sealed import read_sealed, write_sealed


def drawn_key(path: Path, keys: KeyProvider, purpose: str) -> HeldKey:
    """A new key, sealed in a file. Raises: StoreFull, StoreError."""
    held = HeldKey.drawn()
    write_sealed(path, [held.secret], keys, purpose)
    return held


def own_key(path: Path, keys: KeyProvider, purpose: str, remedy: str) -> HeldKey:
    """The key in a file; ``remedy`` is for one that holds none. Raises: WrongKey, Tampered, Refused, StoreError."""
    secret = bytes(read_sealed(path, keys, purpose))
    if len(secret) != KEY_BYTES:
        raise Refused(f"{path}: holds no key; {remedy}")
    return HeldKey(secret)
