"""The key that a device signs with: made on it, sealed in its state folder, never told to anyone.

What it signs are notes; others know it by its public half, which ``key`` is.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lapel.core.signed_note import NoteKey, Signature, SignedNote
from lapel.errors import ConfigError, Tampered
from lapel.ports import KeyProvider
from lapel.store.sealed import read_sealed, write_sealed

SIGNING = "signing.sealed"
"""Its name in a state folder."""
PURPOSE = "signing"
_SEED_BYTES = 32


class NoteSigner:
    """Signs notes under a name. Raises: ConfigError for a name that no key can have."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self._private = private
        try:
            self.key = NoteKey(name, private.public_key().public_bytes_raw())
        except ValueError as error:
            raise ConfigError(f"device: {error}") from error

    def signed(self, text: str) -> SignedNote:
        """A text, which ends in a line feed, under this device's signature."""
        return SignedNote(text, (Signature(self.key.name, self.key.id, self._private.sign(text.encode())),))


def signer_of(state: Path, device: str, keys: KeyProvider) -> NoteSigner:
    """The signer of a state folder, made where there is none. For whoever holds the journal's lock.

    Raises: Refused (damaged, or of another key), StoreError, ConfigError.
    """
    path = state / SIGNING
    if not path.exists():
        private = Ed25519PrivateKey.generate()
        write_sealed(path, [private.private_bytes_raw()], keys, PURPOSE)
        return NoteSigner(device, private)
    seed = bytes(read_sealed(path, keys, PURPOSE))
    if len(seed) != _SEED_BYTES:
        raise Tampered(f"{path}: holds no key; it was not written by this Lapel")
    return NoteSigner(device, Ed25519PrivateKey.from_private_bytes(seed))


def key_of_device(state: Path, device: str, keys: KeyProvider) -> NoteKey | None:
    """The public key of a state folder's signer; None where it has signed nothing yet. Raises: as ``signer_of``."""
    return signer_of(state, device, keys).key if (state / SIGNING).exists() else None


def is_signed(note: SignedNote, key: NoteKey) -> bool:
    """Whether a note bears a signature by a key, and none that only claims to be."""
    found = note.by(key)
    public = Ed25519PublicKey.from_public_bytes(key.public)
    try:
        for data in found:
            public.verify(data, note.text.encode())
    except InvalidSignature:
        return False
    return bool(found)
