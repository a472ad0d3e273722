"""What a device trusts: the root that it pinned, its own key, and the floors below which it takes nothing.

One sealed file of the state folder, so that a stolen card gives none of it away; without it nothing published can be
opened any more. Whoever can write the card can put an older copy of it back, or remove it: the list and the journal say
how far it was (core.charter).
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from lapel.core.charter import Mark
from lapel.core.updates import Floors
from lapel.core.wipes import WipeOrder
from lapel.core.withdrawals import EVERYTHING, NOTHING, Suspended, Withdrawal, suspended
from lapel.errors import Tampered
from lapel.ports import KeyProvider
from lapel.store.atomic import discard_cut_off
from lapel.store.sealed import read_sealed, write_sealed

FILE = "trust.sealed"
WATCHLIST = "watchlist.lapel"
"""What is trusted, and the list that came by it: their names in a state folder."""
PURPOSE = "trust"


@dataclass(frozen=True, slots=True)
class Held:
    """The list that a device has: its version, the serial of the last withdrawal that its signers knew, and the lease
    that they set, 0 for none."""

    list_id: str
    version: int
    settled: int
    lease_hours: int = 0


@dataclass(frozen=True, slots=True)
class Trust:
    """``private`` is an X25519 key of 32 bytes, ``root`` the newest that was verified. ``held`` is None before the
    first list; ``wipe`` is what this device was ordered, and does whatever comes.
    ``unrecorded`` are the ids that were withdrawn of the list that is held and of which there is no record yet."""

    device: str
    group: str
    private: bytes = field(repr=False)
    root: bytes = field(repr=False)
    floors: Floors = field(default_factory=Floors)
    withdrawals: tuple[Withdrawal, ...] = ()
    held: Held | None = None
    wipe: WipeOrder | None = None
    unrecorded: tuple[str, ...] = ()

    @property
    def opener(self) -> X25519PrivateKey:
        """What opens the keys of lists."""
        return X25519PrivateKey.from_private_bytes(self.private)

    @property
    def mark(self) -> Mark:
        """How far this trust has come."""
        return Mark(self.sealing, self.floors.time, self.floors.targets, self.floors.withdrawals)

    def described(self) -> dict[str, str]:
        """What an authority has to know of this device."""
        return {"name": self.device, "group": self.group, "sealing": self.sealing}

    @property
    def sealing(self) -> str:
        """What the keys of lists are sealed to for this device, in hexadecimal."""
        return self.opener.public_key().public_bytes_raw().hex()


def write_trust(state: Path, trust: Trust, keys: KeyProvider) -> None:
    """Keep what is trusted, alone while it is done. Atomic. Raises: StoreFull, StoreError."""
    values = asdict(trust) | {
        "private": trust.private.hex(),
        "root": base64.b64encode(trust.root).decode(),
        "floors": floors_said(trust.floors),
    }
    discard_cut_off(state / FILE)
    write_sealed(state / FILE, [json.dumps(values).encode()], keys, PURPOSE)


def read_trust(state: Path, keys: KeyProvider) -> Trust | None:
    """What is trusted; None where no authority is. Raises: WrongKey, Tampered, StoreError."""
    path = state / FILE
    if not path.exists():
        return None
    values: dict[str, Any] = json.loads(bytes(read_sealed(path, keys, PURPOSE)))
    try:
        return Trust(
            device=values["device"],
            group=values["group"],
            private=bytes.fromhex(values["private"]),
            root=base64.b64decode(values["root"]),
            floors=floors_in(values["floors"]),
            withdrawals=tuple(Withdrawal(**each) for each in values["withdrawals"]),
            held=None if values["held"] is None else Held(**values["held"]),
            wipe=None if values.get("wipe") is None else WipeOrder(**values["wipe"]),
            unrecorded=tuple(values.get("unrecorded", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Tampered(f"{path}: says nothing that this Lapel understands; trust the authority anew") from error


def floors_said(floors: Floors) -> dict[str, Any]:
    """Floors as they are kept in JSON."""
    return asdict(floors) | {"time": floors.time.isoformat()}


def floors_in(values: dict[str, Any]) -> Floors:
    """The same again. Raises: KeyError, TypeError, ValueError."""
    return Floors(**values | {"time": datetime.fromisoformat(values["time"]).astimezone(UTC)})


def suspended_of(trust: Trust | None, list_id: str, version: int) -> Suspended:
    """What of a list must not match, by what is trusted: also of one that came otherwise, if it bears that name.

    What its signers knew of counts for the version that they signed alone: the one before may still be searched.
    """
    if trust is None:
        return NOTHING
    if trust.wipe is not None:
        return EVERYTHING
    held = trust.held
    settled = held.settled if held is not None and (held.list_id, held.version) == (list_id, version) else 0
    return suspended(trust.withdrawals, list_id, settled)
