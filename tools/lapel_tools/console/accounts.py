"""Who may look at the console: names, and their passwords by Argon2id, in a file of its owner alone."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from lapel.errors import ConfigError, UsageError
from lapel.store.atomic import write_whole
from lapel.store.keys import read_private

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
# RFC 9106, section 4, the second recommended option: 64 MiB, three passes, four lanes.
_MEMORY_KIB, _PASSES, _LANES = 64 * 1024, 3, 4
_SALT_BYTES, _HASH_BYTES = 16, 32
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


class Accounts:
    """The accounts in a file; it is read at every question, so that a change of it counts at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # Whoever is not there takes as long to refuse as whoever is.
        self._nobody = _hashed(secrets.token_hex())

    def all(self) -> dict[str, str]:
        """Name and hash of every account; none where there is no file. Raises: ConfigError."""
        if not self._path.exists():
            return {}
        try:
            found = json.loads(read_private(self._path))
            if isinstance(found, dict) and all(isinstance(each, str) for each in found.values()):
                return found
        except ValueError as error:
            if isinstance(error, ConfigError):
                raise
        raise ConfigError(f"{self._path}: holds no accounts; lapel-admin console account NAME makes one")

    def put(self, name: str, password: str) -> None:
        """Make an account, or give it another password. Raises: UsageError, ConfigError, StoreError."""
        if not _NAME.fullmatch(name):
            raise UsageError(f"account {name!r}: use 1 to 63 letters, digits, '.', '_', '-', first a letter or digit")
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise UsageError(f"password of {len(password)} characters; give {SHORTEST_PASSWORD} to {LONGEST_PASSWORD}")
        self._write(self.all() | {name: _hashed(password)})

    def remove(self, name: str) -> None:
        """Take an account away; whoever is in by it is out. Raises: UsageError, ConfigError, StoreError."""
        found = self.all()
        if name not in found:
            raise UsageError(f"account {name}: is not there; there are: {', '.join(sorted(found)) or 'none'}")
        del found[name]
        self._write(found)

    def proof(self, name: str, password: str) -> str | None:
        """What shows that an account is still as it was when this password opened it; None where it opens none."""
        kept = self.all().get(name)
        try:
            Argon2id.verify_phc_encoded(password[: LONGEST_PASSWORD + 1].encode(), kept or self._nobody)
        except InvalidKey:
            return None
        return kept

    def _write(self, accounts: dict[str, str]) -> None:
        write_whole(self._path, [json.dumps(accounts, indent=1, sort_keys=True).encode()])


def _hashed(password: str) -> str:
    kdf = Argon2id(
        salt=secrets.token_bytes(_SALT_BYTES),
        length=_HASH_BYTES,
        iterations=_PASSES,
        lanes=_LANES,
        memory_cost=_MEMORY_KIB,
    )
    return kdf.derive_phc_encoded(password.encode())
