"""Whether the list of a device is looked for: when it heard of the station last, and what its lease says of that.

Reads what the link and a watch keep, and writes nothing: a doctor that runs as root would leave files that a watch
could not read.
"""

from __future__ import annotations

from pathlib import Path

from lapel.core.lease import spent, stricter
from lapel.core.updates import EPOCH
from lapel.errors import ConfigError
from lapel.ports import Clock, KeyProvider
from lapel.store.contact import last_contact
from lapel.store.lease_spent import SpentLease
from lapel.store.trust import read_trust
from lapel.wiring.lease import now_at_least

_REMEDY = "see that lapel link runs and reaches the broker"


def examine_contact(state: Path, keys: KeyProvider, clock: Clock, site_hours: float) -> str:
    """What is fine about it; ``site_hours`` is the site's lease, 0 for none. Raises: ConfigError where the lease has
    lapsed, WrongKey, Tampered, StoreError."""
    trust = read_trust(state, keys)
    held = trust.held if trust is not None else None
    hours = stricter(site_hours, held.lease_hours if held is not None else 0)
    last = last_contact(state, keys)
    if last is None:
        if hours:
            raise ConfigError(f"none yet, and a lease of {hours:g} h: the list is not looked for; {_REMEDY}")
        return "none yet, and no lease that would need any"
    now = now_at_least(clock, trust.floors.time if trust is not None else EPOCH)
    spent_hours = spent(last, SpentLease(state, keys).kept(), now).seconds / 3600
    said = f"{last.at:%Y-%m-%d %H:%M} UTC, {spent_hours:.1f} h ago"
    if not hours:
        return f"{said}; no lease"
    if spent_hours > hours:
        raise ConfigError(f"{said}; the lease of {hours:g} h has lapsed, the list is not looked for; {_REMEDY}")
    return f"{said}; {hours - spent_hours:.1f} of {hours:g} h of the lease are left"
