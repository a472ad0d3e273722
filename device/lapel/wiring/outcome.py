"""How a watch ended, for whoever started it."""

from __future__ import annotations

from dataclasses import dataclass

from lapel.capture.eye import Account
from lapel.health.meters import Reading


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a watch went. ``unrecorded``: records that a broken store did not keep. ``is_interrupted``: somebody stopped
    it before its source ended, ``is_locked`` by locking the device, ``is_switched_off`` by hand, on its body."""

    account: Account
    reading: Reading
    alerts: int
    people_max: int
    unrecorded: int
    is_interrupted: bool
    is_locked: bool = False
    is_switched_off: bool = False
