"""How long a list may be looked for without contact with those who answer for it. Pure: times are passed in.

Within one boot the machine's own clock counts, so that a clock that is set changes nothing. Over a restart the wall
clock says how long the device was off, never less than what was used up before: setting it back extends no lease.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import inf

from lapel.core.records import Event, RecordKind

LONGEST_LEASE_HOURS = 24 * 90


def stricter(*hours: float) -> float:
    """The shortest of several leases; 0, as each of them, where there is none."""
    return min((each for each in hours if each), default=0.0)


@dataclass(frozen=True, slots=True)
class Moment:
    """``at`` is wall-clock time (UTC); ``monotonic_ns`` counts from the start of ``boot``."""

    at: datetime
    boot: str
    monotonic_ns: int


def moment_values(moment: Moment) -> dict[str, object]:
    """A moment as JSON's values."""
    return {"at": moment.at.isoformat(), "boot": moment.boot, "monotonic_ns": moment.monotonic_ns}


def moment_from(values: Mapping[str, object]) -> Moment:
    """What ``moment_values`` made of a moment."""
    return Moment(datetime.fromisoformat(str(values["at"])), str(values["boot"]), int(str(values["monotonic_ns"])))


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of a lease that were used up at ``until``. ``contact`` names the contact that it began with."""

    contact: str
    seconds: float
    until: Moment


def spent(contact: Moment, before: Spent | None, now: Moment) -> Spent:
    """How much of the lease that began with a contact is used up now; ``before`` is what was known of it last. Of a
    contact before this start of which nothing is known all is used up: infinite."""
    name = f"{contact.boot}/{contact.monotonic_ns}/{contact.at.isoformat()}"
    if now.boot == contact.boot:
        return Spent(name, _passed_s(contact, now), now)
    if before is None or before.contact != name:
        # Kept with every contact: whoever removed it wants the lease to begin anew.
        return Spent(name, inf, now)
    seconds = max(0.0, (now.at - contact.at).total_seconds())
    since_s = _passed_s(before.until, now) if before.until.boot == now.boot else 0.0
    return Spent(name, max(seconds, before.seconds + since_s), now)


def lease_event(has_lapsed: bool) -> Event:
    """What is kept of a list falling silent for want of contact, and of its being looked for again."""
    return Event(RecordKind.LEASE, (("outcome", "lapsed" if has_lapsed else "renewed"),))


def _passed_s(since: Moment, now: Moment) -> float:
    return max(0, now.monotonic_ns - since.monotonic_ns) / 1e9
