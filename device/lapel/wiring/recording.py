"""Has an event of the device recorded, by whichever program is to: the lookout that runs, or this one."""

from __future__ import annotations

from pathlib import Path

from lapel.core.records import Event
from lapel.errors import Refused, StoreError
from lapel.ports import Clock, KeyProvider
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.trust import Trust, read_trust
from lapel.wiring.handover import DEFAULT_DEVICE, hand_over


def record(state: Path, keys: KeyProvider, clock: Clock, event: Event) -> None:
    """Have it recorded. Raises: StoreError: nobody is to take an update that was not recorded for one that was."""
    trust = read_trust(state, keys)
    try:
        if trust is not None:
            _make_journal(state, keys, trust, clock)
        hand_over(state, event, keys, clock, device=trust.device if trust else DEFAULT_DEVICE)
    except Refused as error:
        raise StoreError(f"NOT RECORDED ({event.kind.value}): {error}") from error


def _make_journal(state: Path, keys: KeyProvider, trust: Trust, clock: Clock) -> None:
    """A device that has not watched yet has no journal to be refused in. Raises: StoreError."""
    if not (state / JOURNAL).exists():
        SealedJournal(state / JOURNAL, keys, clock, trust.device).close()
