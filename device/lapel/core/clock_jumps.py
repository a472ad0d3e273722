"""Says when the wall clock was set while records were made. Pure: times are passed in.

The order of records is that of their sequence, whatever a clock says; within a boot the monotonic clock, which nobody
sets, tells how much later one is than another.
"""

from __future__ import annotations

from datetime import datetime

from lapel.core.lease import Moment
from lapel.core.record_body import parse_body
from lapel.core.records import Event, Record, RecordKind

LEAST_JUMP_S = 1.0
"""The two clocks are slowed and hastened together (clock_gettime(2)): a difference is a step, never drift."""


def jumped_s(before: Moment, now: Moment) -> float:
    """How far the wall clock was set between two moments, in seconds, backwards below 0; 0 for what is less than
    LEAST_JUMP_S. Over a restart only that it went back can be told, by at least so much."""
    passed_s = (now.at - before.at).total_seconds()
    if before.boot == now.boot:
        jump_s = passed_s - (now.monotonic_ns - before.monotonic_ns) / 1e9
    else:
        jump_s = min(0.0, passed_s)
    return jump_s if abs(jump_s) >= LEAST_JUMP_S else 0.0


def clock_event(jump_s: float, before: Moment, now: Moment) -> Event:
    """What is kept of a clock that was set: the record before this one is the first with the new time."""
    return Event(
        RecordKind.CLOCK,
        (("jumped_s", round(jump_s, 3)), ("last", before.at.isoformat()), ("restarted", before.boot != now.boot)),
    )


def moment_of(record: Record) -> Moment:
    """When a record was made. Raises: ValueError for a body that is none."""
    body = parse_body(record.body)
    return Moment(datetime.fromisoformat(body.at), body.boot, body.monotonic_ns)
