"""The key of a list's version, sealed for each who may open it.

HPKE (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305. What is sealed is bound to the list and its version, so
that a key is of no use beside another manifest.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from lapel.core.updates import Why
from lapel.errors import UpdateRefused

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def check_sealing(public: str) -> None:
    """See that something can be sealed to an X25519 key in hexadecimal, by trying: some of 32 bytes are points at which
    every exchange fails (RFC 7748, 6.1). Raises: ValueError."""
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(public)))
    except ValueError as error:
        raise ValueError("its sealing key is no X25519 key that anything can be sealed to") from error


def seal_to(public: bytes, secret: bytes, list_id: str, version: int) -> bytes:
    """A secret for the holder of an X25519 key of 32 bytes."""
    return _SUITE.encrypt(secret, X25519PublicKey.from_public_bytes(public), _bound(list_id, version))


def open_from(private: X25519PrivateKey, sealed: bytes, list_id: str, version: int) -> bytes:
    """The secret. Raises: UpdateRefused where it was sealed for another, or for another list."""
    try:
        return _SUITE.decrypt(sealed, private, _bound(list_id, version))
    except (InvalidTag, ValueError) as error:
        said = f"list {list_id} version {version}: its key was not sealed for this key; list the device again"
        raise UpdateRefused(Why.KEY.value, said) from error


def _bound(list_id: str, version: int) -> bytes:
    return f"lapel list key\0{list_id}\0{version}".encode()
