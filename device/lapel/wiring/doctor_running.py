"""Whether a watch runs, as whoever examines a device sees it: what it holds is not to be tried."""

from __future__ import annotations

from pathlib import Path

from lapel.store.journal import JOURNAL
from lapel.store.lock import holder_of
from lapel.wiring.lent_keys import LentKeys


def watching(state: Path | None) -> str:
    """What holds camera and pins, in words; empty where nothing of Lapel does, or no state folder would tell.

    A lookout keeps its journal while it watches, and lends keys while it is locked. Raises: StoreError.
    """
    if state is None:
        return ""
    if (holder := holder_of(state / JOURNAL)) is not None:
        return f"held by the lookout (process {holder} keeps its journal)"
    return "" if LentKeys(state).is_locked is None else "held by the lookout, which does not watch yet"
