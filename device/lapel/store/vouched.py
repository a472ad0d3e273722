"""Shows that this device wrote a small file of its state folder: HMAC-SHA256 over it, by a key made for its purpose."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping

from lapel.ports import KeyProvider

SALT_BYTES = 16
"""The salt is to be kept from write to write: with a passphrase a new one costs half a second."""


def proof(purpose: str, said: Mapping[str, object], salt: bytes, keys: KeyProvider) -> str:
    """What only the holder of the device's key can say of these values, in hexadecimal."""
    key = keys.derive(purpose, salt)
    return hmac.digest(key, json.dumps(said, sort_keys=True).encode(), "sha256").hex()
