"""How much of a lease is used up, over restarts: a small file of the state folder, which the lookout writes."""

from __future__ import annotations

import hmac
import json
import secrets
from datetime import UTC, datetime
from pathlib import Path

from lapel.core.lease import Moment, Spent
from lapel.errors import StoreError
from lapel.ports import KeyProvider
from lapel.store.atomic import write_whole
from lapel.store.vouched import SALT_BYTES, proof

LEASE = "lease.json"
"""Its name in a state folder."""
_PURPOSE = "lease"


class SpentLease:
    """The file of one state folder. Who removes it, or puts an older copy back, gains what was used up since, as far as
    the clock does not say it."""

    def __init__(self, state: Path, keys: KeyProvider) -> None:
        self._path, self._keys, self._salt = state / LEASE, keys, secrets.token_bytes(SALT_BYTES)

    def keep(self, spent: Spent) -> None:
        """Keep it. Raises: StoreFull, StoreError."""
        until = spent.until
        said: dict[str, object] = {
            "contact": spent.contact,
            "seconds": spent.seconds,
            "at": until.at.isoformat(),
            "boot": until.boot,
            "monotonic_ns": until.monotonic_ns,
        }
        shown = proof(_PURPOSE, said, self._salt, self._keys)
        write_whole(self._path, [json.dumps(said | {"salt": self._salt.hex(), "proof": shown}).encode()])

    def kept(self) -> Spent | None:
        """What was kept; None where nothing was, or not by this device. Raises: StoreError."""
        try:
            values = json.loads(self._path.read_bytes())
            shown, salt = str(values.pop("proof")), bytes.fromhex(values.pop("salt"))
            until = Moment(
                datetime.fromisoformat(values["at"]).astimezone(UTC), str(values["boot"]), int(values["monotonic_ns"])
            )
            found = Spent(str(values["contact"]), float(values["seconds"]), until)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{self._path}: cannot be read: {error.strerror}; check who may read it") from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
            return None
        is_ours = hmac.compare_digest(
            shown.encode(errors="replace"), proof(_PURPOSE, values, salt, self._keys).encode()
        )
        return found if is_ours else None
