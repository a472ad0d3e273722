"""Has an event of the device recorded, by whichever program is to: the lookout that runs, or this one.

Of refusals no more than are of use: whoever holds the broker can have a device refuse something new every second, and
would like the journal to have no room for anything else.
"""

from __future__ import annotations

from pathlib import Path

from lapel.core.records import LONGEST_FACT, Event, Fact, RecordKind
from lapel.core.updates import Why
from lapel.errors import LapelError, Refused, StoreError, UpdateRefused
from lapel.ports import Clock, KeyProvider
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.trust import Trust, read_trust
from lapel.wiring.handover import DEFAULT_DEVICE, hand_over

EVERY_NS = 3600 * 10**9
"""Of one reason there is a record at once, and then one in such a time at most, which says how many there were."""
_STALE = frozenset({Why.FROZEN.value, Why.EXPIRED.value})


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


class Refusals:
    """What was refused of what is published to one device."""

    def __init__(self, state: Path, keys: KeyProvider, clock: Clock) -> None:
        self._state, self._keys, self._clock = state, keys, clock
        self._told_ns: dict[str, int] = {}
        self._more: dict[str, int] = {}

    def record(self, error: LapelError) -> None:
        """Record that something was refused, or is too old, and why; or count it. Raises: StoreError."""
        why = error.why if isinstance(error, UpdateRefused) else type(error).__name__
        now_ns, told_ns = self._clock.monotonic_ns(), self._told_ns.get(why)
        if told_ns is not None and now_ns - told_ns < EVERY_NS:
            self._more[why] = self._more.get(why, 0) + 1
            return
        outcome, more = "stale" if why in _STALE else "refused", self._more.pop(why, 0)
        said = f"{str(error)[:LONGEST_FACT]}{f' ({more} more since the last record)' if more else ''}"
        facts: tuple[tuple[str, Fact], ...] = (("what", f"update {outcome}: {why}"), ("why", said))
        record(self._state, self._keys, self._clock, Event(RecordKind.REFUSAL, facts))
        self._told_ns[why] = now_ns

    def forget(self) -> None:
        """A list was taken: the next refusal is news again."""
        self._told_ns.clear()
