"""Small files of a state folder that nobody but this device can have written: JSON, and an HMAC-SHA256 over it."""

from __future__ import annotations

import hmac
import json
import secrets
from pathlib import Path

from lapel.errors import StoreError, Tampered
from lapel.ports import KeyProvider
from lapel.store.atomic import discard_cut_off, write_whole

_SALT_BYTES = 16
_BROKEN = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


class VouchedFile:
    """A file whose values are vouched for by a key made for its purpose. Whoever writes it as a ``writer`` discards the
    drafts that a kill of that writer left."""

    def __init__(self, path: Path, keys: KeyProvider, purpose: str, writer: str = "") -> None:
        self._path, self._keys, self._purpose, self._writer = path, keys, purpose, writer
        # Kept from write to write: with a passphrase a new one costs half a second.
        self._salt = secrets.token_bytes(_SALT_BYTES)

    def write(self, values: dict[str, object]) -> None:
        """Keep values that JSON can hold. Atomic. Raises: StoreFull, StoreError."""
        proof = self._proof(values, self._salt)
        if self._writer:
            discard_cut_off(self._path, self._writer)
        data = json.dumps(values | {"salt": self._salt.hex(), "proof": proof}).encode()
        write_whole(self._path, [data], self._writer)

    def read(self) -> dict[str, object] | None:
        """What was kept, as it was written; None where nothing was. Raises: Tampered, StoreError."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{self._path}: cannot be read: {error.strerror}; check who may read it") from error
        try:
            values = json.loads(data)
            shown, salt = bytes.fromhex(values.pop("proof")), bytes.fromhex(values.pop("salt"))
        except _BROKEN as error:
            raise Tampered(f"{self._path}: is damaged, and counts for nothing") from error
        if not hmac.compare_digest(shown, bytes.fromhex(self._proof(values, salt))):
            raise Tampered(f"{self._path}: was not written by this device, and counts for nothing")
        return dict(values)

    def _proof(self, values: dict[str, object], salt: bytes) -> str:
        key = self._keys.derive(self._purpose, salt)
        return hmac.digest(key, json.dumps(values, sort_keys=True).encode(), "sha256").hex()
