"""What a long work has done so far, kept beside the list that it is for: whoever ends it loses nothing of it.

A folder of sealed files, one a piece of work, each under the hash of all that it was made from: the same work is found
again, another is not. The folder's own key is sealed by the list's, so that a passphrase is stretched once.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from lapel.ports import KeyProvider
from lapel.store.sealed import read_sealed, write_sealed
from lapel_tools.watchlist.own_key import drawn_key, own_key

_KEY = "key"
_PURPOSE, _KEY_PURPOSE = "work done", "key of work done"


class WorkDone:
    """The folder of a list. Raises: WrongKey for one that another key began, StoreError."""

    def __init__(self, watchlist: Path, keys: KeyProvider) -> None:
        self.path = watchlist.with_name(f".{watchlist.name}.work")
        self.path.mkdir(mode=0o700, exist_ok=True)
        key = self.path / _KEY
        if not key.exists():
            drawn_key(key, keys, _KEY_PURPOSE)
        self._keys = own_key(key, keys, _KEY_PURPOSE, f"remove {self.path}, and begin again")

    def find(self, name: str) -> bytes | None:
        """What was done under a name. Raises: Tampered, StoreError."""
        path = self.path / name
        return bytes(read_sealed(path, self._keys, _PURPOSE)) if path.exists() else None

    def has(self, name: str) -> bool:
        """Whether it was done."""
        return (self.path / name).exists()

    def keep(self, name: str, content: bytes) -> None:
        """Keep what was done; whole or not at all. Raises: StoreFull, StoreError."""
        write_sealed(self.path / name, [content], self._keys, _PURPOSE)

    def settle(self, *kept: str) -> None:
        """Remove all that was done but what is named: the list has it now."""
        for path in self.path.iterdir():
            if path.name not in {_KEY, *kept}:
                path.unlink(missing_ok=True)


def name_of(*parts: bytes) -> str:
    """The name of work on these parts, in their order."""
    digest = sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
