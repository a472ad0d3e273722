"""How much of a lease is used up, over restarts: a small file of the state folder. The link begins it with every
contact, the lookout goes on with it."""

from __future__ import annotations

from pathlib import Path

from lapel.core.lease import Spent, moment_from, moment_values
from lapel.errors import Tampered
from lapel.ports import KeyProvider
from lapel.store.vouched import VouchedFile

LEASE = "lease.json"
"""Its name in a state folder."""
_PURPOSE = "lease"


class SpentLease:
    """The file of one state folder. Whoever removes it ends the lease; whoever puts an older copy back gains what was
    used up since, as far as the clock does not say it."""

    def __init__(self, state: Path, keys: KeyProvider, writer: str = "") -> None:
        """``writer`` names the program, of the two that write it."""
        self._file = VouchedFile(state / LEASE, keys, _PURPOSE, writer)

    def keep(self, spent: Spent) -> None:
        """Keep it. Raises: StoreFull, StoreError."""
        self._file.write({"contact": spent.contact, "seconds": spent.seconds} | moment_values(spent.until))

    def kept(self) -> Spent | None:
        """What was kept; None where nothing was, or not by this device. Raises: StoreError."""
        try:
            values = self._file.read()
        except Tampered:
            return None
        if values is None:
            return None
        return Spent(str(values["contact"]), float(str(values["seconds"])), moment_from(values))
