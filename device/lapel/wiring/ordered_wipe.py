"""Obeys an order to wipe, in whichever program of the device sees it: at its start, or where its work ends for it.

What was ordered stands in what is trusted, so that it is done after any cut, with no broker in reach. A program that
holds a file of the device ends by itself; the one that ends last destroys the keys.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from lapel.core.records import RecordKind
from lapel.core.wipes import WipeOrder, wipe_event
from lapel.errors import LapelError, StoreLocked
from lapel.ports import Clock, KeyProvider
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.trust import read_trust
from lapel.store.wiping import refuse_wiped, wipe
from lapel.wiring.kept_before import update_event
from lapel.wiring.recording import record

PATIENCE_S = 60.0
"""How long another program is waited for: longer than a watch needs to end, and a link to tell the station."""
_AGAIN_S = 0.2


def ordered(state: Path, keys: KeyProvider) -> WipeOrder | None:
    """What this device was ordered; None where nothing was, as far as can be read."""
    with suppress(LapelError):  # whoever needs what is trusted says what is wrong with it
        trust = read_trust(state, keys)
        return trust.wipe if trust is not None else None
    return None


def obey_order(
    state: Path,
    keys: KeyProvider,
    key_file: Path | None,
    patience_s: float = PATIENCE_S,
    begins: Callable[[], None] = lambda: None,
) -> None:
    """Wipe this device if that was ordered; ``begins`` is told that it was. Raises: Refused when it is wiped, by this
    program or by another; StoreLocked where another one does not end, StoreError: it is tried again at the next start.
    """
    refuse_wiped(state)
    order, until = ordered(state, keys), time.monotonic() + patience_s
    if order is not None:
        begins()
    while order is not None:
        try:
            wipe(state, key_file, order.why, datetime.now(UTC).isoformat(timespec="seconds"))
        except StoreLocked:
            if time.monotonic() > until:
                raise
            time.sleep(_AGAIN_S)
        refuse_wiped(state)
    refuse_wiped(state)  # what is trusted may have gone while it was to be read


def record_order(state: Path, keys: KeyProvider, clock: Clock, order: WipeOrder) -> None:
    """Keep that it is obeyed, once, for the station to hear of it first. Raises: StoreError, Tampered."""
    if (state / JOURNAL).exists():
        with SealedJournal(state / JOURNAL, keys, clock, read_only=True) as journal:
            if any(True for _ in journal.of_kind(RecordKind.WIPE)):
                return
    # First how far what is trusted had come: whoever puts a copy from before the order back is not to get on with it.
    if (trust := read_trust(state, keys)) is not None:
        record(state, keys, clock, update_event(trust, "to be wiped"))
    record(state, keys, clock, wipe_event(order))
