"""What became of a device's terms, as far as the station knows: of its lease, of an order to wipe it, of its heat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lapel.core.heat import STEPS
from lapel.core.lease import LONGEST_LEASE_HOURS, stricter
from lapel.core.records import RecordKind
from lapel.core.wipes import WipeOrder
from lapel_tools.station.holdings import Holdings, Standing
from lapel_tools.station.show import facts_of

_NEAR = 0.75
"""Of a lease that is used up: of a day's, six hours are left to bring a device home."""


@dataclass(frozen=True, slots=True)
class Wipe:
    """What became of an order to wipe a device, in words; ``is_begun`` where the device said so."""

    said: str = ""
    findings: tuple[str, ...] = ()
    is_begun: bool = False


def wipe_of(register: Holdings, device: str, orders: Iterable[WipeOrder], is_listed: bool) -> Wipe:
    """The last thing that a wiped device says; and what was ordered, whether it has heard of it or not."""
    told, began = (register.newest(device, kind.value, 1) for kind in (RecordKind.WIPE, RecordKind.START))
    if told and not (began and began[0].sequence > told[0].sequence):
        facts = facts_of(told[0])
        said = (
            f"begun at {told[0].at[:16]}, ordered by {facts.get('by', '')}: {facts.get('why', '')}; that it was done "
            "nobody is told: the keys that would say so go first"
        )
        revoke = f"began to wipe itself; lapel-admin device revoke {device}, and propose its lists again"
        return Wipe(said, (revoke,) if is_listed else (), True)
    order = next((each for each in orders if each.device == device), None)
    if order is None:
        return Wipe()
    return Wipe(f"{order.why} ({order.at[:16]})", (f"is to be wiped since {order.at[:16]}, and has not said so yet",))


def heat_of(register: Holdings, device: str) -> tuple[str | None, tuple[str, ...]]:
    """The last step that it said heat or supply made it take, with a finding while it does less; None where it said
    nothing since it began: what it does then is all that it can, until it says otherwise."""
    told, began = (register.newest(device, kind.value, 1) for kind in (RecordKind.HEAT, RecordKind.START))
    if not told or (began and began[0].sequence > told[0].sequence):
        return None, ()
    facts = facts_of(told[0])
    step, heat_c = facts.get("step"), facts.get("heat_c")
    # A device may say anything.
    at = f" at {heat_c:.0f} °C" if isinstance(heat_c, int | float) and -99 < heat_c < 999 else ""
    if not isinstance(step, int) or not 0 < step < len(STEPS):
        return f"does all that it can again{at}, since {told[0].at[:16]}", ()
    said = f"does less{at}, step {step} since {told[0].at[:16]}"
    return said, (f"{said}: too hot or underfed; shade or feed it",)


def about_lease(register: Holdings, standing: Standing, list_hours: float, now: datetime) -> Iterator[str]:
    """Whether a device looks for nothing any more for want of contact, as it said itself or as must be by now; the
    station hears of its contact when the device hears of the station's."""
    said = register.newest(standing.device, RecordKind.LEASE.value, 1)
    if said and facts_of(said[0]).get("outcome") == "lapsed":
        yield f"its lease lapsed at {said[0].at[:16]}: it looks for nothing, as far as it said"
        return
    settings = register.newest(standing.device, RecordKind.CONFIGURATION.value, 1)
    of_site = facts_of(settings[0]).get("orders.lease_hours") if settings else 0
    # A device may say anything, and no site file allows more.
    said_hours = of_site if isinstance(of_site, int | float) else 0
    hours = stricter(list_hours, said_hours if 0 <= said_hours <= LONGEST_LEASE_HOURS else 0)
    lease, silent = timedelta(hours=hours), now - time_of(standing.heard_at)
    if hours and silent > lease:
        yield f"its lease of {hours:g} hours has lapsed: it looks for nothing until it has contact"
    elif hours and silent > lease * _NEAR:
        yield f"its lease of {hours:g} hours lapses in {span_of(lease - silent)}, unless it has contact"


def time_of(text: str) -> datetime:
    """RFC 3339, UTC, to a second. Raises: ValueError."""
    return datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)


def span_of(length: timedelta) -> str:
    """In the largest unit of which there are two."""
    seconds = int(length.total_seconds())
    for name, unit in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} seconds"
