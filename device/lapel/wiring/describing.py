"""Describes a device to its authority: its public keys, and a certificate request."""

from __future__ import annotations

from pathlib import Path

from lapel.core.signed_note import NoteKey
from lapel.errors import UsageError
from lapel.ports import KeyProvider
from lapel.store.journal import JOURNAL
from lapel.store.link_key import make_link_key
from lapel.store.lock import WriterLock
from lapel.store.signing import key_of_device, signer_of
from lapel.store.trust import read_trust


def described_device(state: Path, device: str, keys: KeyProvider) -> dict[str, str]:
    """What an authority has to know. Makes a new key for brokers. Raises: UsageError where no authority is trusted,
    StoreError, Refused."""
    trust = read_trust(state, keys)
    if trust is None:
        raise UsageError(f"{state}: this device trusts no authority yet; lapel watchlist trust ROOT")
    return trust.described() | {
        "request": make_link_key(state, device),
        "signing": str(_signing_key(state, device, keys)),
    }


def _signing_key(state: Path, device: str, keys: KeyProvider) -> NoteKey:
    """The public half of what signs this device's journal, made where nothing was signed yet."""
    known = key_of_device(state, device, keys)
    if known is not None:
        return known
    with WriterLock(state / JOURNAL):
        return signer_of(state, device, keys).key
