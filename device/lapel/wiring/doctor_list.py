"""Whether a device's list is looked for: not where all of it has expired, nor where what it was trusted by is gone, or
older than it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lapel.core.charter import Mark
from lapel.core.listed import Listed
from lapel.core.officer_view import OLD_LIST_DAYS
from lapel.errors import ConfigError, Refused
from lapel.health.clock import SystemClock
from lapel.ports import Clock, KeyProvider
from lapel.store.gallery import open_gallery
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.trust import FILE, read_trust
from lapel.wiring.kept_before import trusted_before
from lapel.wiring.withheld import REMEDY, without_trust

_NEWER = "see that lapel link runs, or import the newest (lapel watchlist import); is there none, have it published"


def examine_list(
    path: Path,
    opens: Callable[[], KeyProvider],
    model_sha256: str,
    state: Path | None,
    keys: Callable[[], KeyProvider] | None,
) -> str:
    """What is fine about it. Raises: ConfigError, Refused and its kinds, StoreError."""
    listed = open_gallery(path, opens(), model_sha256)
    if state is not None and keys is not None:
        examine_trust(state, keys(), SystemClock(), listed)
    today, terms = SystemClock().today(), listed.terms
    current = listed.census().current(today)
    if not current:
        raise ConfigError(f"{path}: all of its {listed.entry_count} entries have expired; import a newer list")
    if terms.expires <= today:
        raise ConfigError(f"{path}: expires today, at midnight UTC; import a newer list before the shift")
    days = (today - terms.created).days
    made = f"made on {terms.created}, {days} days ago"
    if days > OLD_LIST_DAYS:
        raise ConfigError(f"{path}: {made}, more than {OLD_LIST_DAYS}; {_NEWER}")
    return f"{terms.list_id} version {terms.version}: {current} entries, {made}; expires on {terms.expires}"


def examine_trust(state: Path, keys: KeyProvider, clock: Clock, listed: Listed) -> None:
    """Raises: Refused where a watch looks for nothing of that list; WrongKey, Tampered, StoreError."""
    charter = listed.charter
    demanded = (charter.mark if charter is not None else None, _known(state, keys, clock))
    if why := without_trust(demanded, read_trust(state, keys)):
        raise Refused(f"{state / FILE}: {why}: the list is not looked for; {REMEDY}")


def _known(state: Path, keys: KeyProvider, clock: Clock) -> Mark | None:
    if not (state / JOURNAL).exists():
        return None
    with SealedJournal(state / JOURNAL, keys, clock, read_only=True) as journal:
        return trusted_before(journal)
