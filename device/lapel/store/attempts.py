"""What happens while a device is locked, in a file that keeps no secret: its count of wrong passphrases is what makes
the next one wait, also after a restart."""

from __future__ import annotations

from pathlib import Path

from lapel.core.unlocking import WhileLocked, decoded
from lapel.store.atomic import disk_error, write_whole

ATTEMPTS = "locked.json"
"""Its name in a state folder."""
_UNREADABLE = WhileLocked(wrong=6)
"""For a damaged file, so that damaging it gains no guess: as long a wait as after six."""


class Attempts:
    """The file of a state folder."""

    def __init__(self, state: Path) -> None:
        self._path = state / ATTEMPTS

    def read(self) -> WhileLocked:
        """What is held; of a file that cannot be read, that there were wrong passphrases."""
        try:
            return decoded(self._path.read_bytes())
        except FileNotFoundError:
            return WhileLocked()
        except (OSError, ValueError):
            return _UNREADABLE

    def write(self, held: WhileLocked) -> None:
        """Keep it. Atomic. Raises: StoreFull, StoreError."""
        write_whole(self._path, [held.encoded()])

    def forget(self) -> None:
        """What was held is on record now. Raises: StoreError."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(self._path, error) from error
