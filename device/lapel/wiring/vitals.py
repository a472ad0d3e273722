"""How the device is, for the officer: read where it stands, and unknown where it cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from lapel.core.lease import Moment, spent
from lapel.core.listed import Terms
from lapel.core.officer_view import Vitals
from lapel.errors import LapelError
from lapel.health.board import battery_percent, free_mib, heat_c
from lapel.matching import Recall
from lapel.ports import Clock, Journal, KeyProvider, Watchlist
from lapel.store.contact import last_contact
from lapel.store.lease_spent import SpentLease
from lapel.store.link_state import LINK, LinkState


def vitals(state: Path, keys: KeyProvider, clock: Clock, journal: Journal, terms: Callable[[], Terms | None]) -> Vitals:
    """How it is now. ``terms`` are those of the list that is watched for."""
    today, listed = clock.today(), terms()
    return Vitals(
        battery_percent(),
        heat_c(),
        free_mib(state),
        (today - listed.created).days if listed else None,
        (listed.expires - today).days if listed else None,
        _known(lambda: _queue(state, keys, journal)),
        _known(lambda: _contact_s(state, keys, clock)),
    )


def terms_of(watchlist: Watchlist) -> Terms | None:
    """Those of the list that is searched, where it says so."""
    return watchlist.listed.terms if isinstance(watchlist, Recall) else None


def _queue(state: Path, keys: KeyProvider, journal: Journal) -> float | None:
    if not (state / LINK).exists():
        return None
    with LinkState(state / LINK, keys, read_only=True) as link:
        return max(0, journal.head().size - link.cursor())


def _contact_s(state: Path, keys: KeyProvider, clock: Clock) -> float:
    contact = last_contact(state, keys)
    if contact is None:
        return float("inf")
    now = Moment(datetime.fromtimestamp(clock.wall_ns() / 1e9, UTC), clock.boot_id(), clock.monotonic_ns())
    return spent(contact, SpentLease(state, keys).kept(), now).seconds


def _known(ask: Callable[[], float | None]) -> float | None:
    try:
        return ask()
    except LapelError:
        return None
