"""A passphrase on its way from the phone to the lookout: whatever carries it cannot read it.

ECDH over P-256, which every browser has, HKDF-SHA256 over both public keys, AES-256-GCM. The lookout's key is made
anew each time it is locked, and the phone's for each passphrase, so that the nonce is always zero.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_CURVE = ec.SECP256R1()
_NONCE, _TAG_BYTES = bytes(12), 16
_PURPOSE = b"lapel passphrase"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed passphrase: the public half of the key that sealed it, and what was sealed, both in base64."""

    point: str
    box: str


class Envelope:
    """The key of one locked lookout."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(_CURVE)
        self._point = _point(self._private.public_key())
        self.public = base64.b64encode(self._point).decode()

    def opened(self, sealed: Sealed) -> bytearray:
        """The passphrase, UTF-8, in memory that can be overwritten. Raises: ValueError where it was not sealed for
        this key."""
        try:
            point, box = (base64.b64decode(part, validate=True) for part in (sealed.point, sealed.box))
            theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
            found = bytearray(max(0, len(box) - _TAG_BYTES))
            _cipher(self._private, theirs, point, self._point).decrypt_into(_NONCE, box, None, found)
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise ValueError("it was sealed for another start of the lookout; give it once more") from error
        return found


def seal(public: str, passphrase: bytearray) -> Sealed:
    """A passphrase, UTF-8, for the lookout whose public key this is. Raises: ValueError for what is no key."""
    ours, theirs = ec.generate_private_key(_CURVE), base64.b64decode(public, validate=True)
    point = _point(ours.public_key())
    peer = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, theirs)
    box = _cipher(ours, peer, point, theirs).encrypt(_NONCE, passphrase, None)
    return Sealed(base64.b64encode(point).decode(), base64.b64encode(box).decode())


def _cipher(ours: ec.EllipticCurvePrivateKey, theirs: ec.EllipticCurvePublicKey, point: bytes, to: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, point, _PURPOSE + to).derive(ours.exchange(ec.ECDH(), theirs)))


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
