"""How a worker of the station is doing, as Prometheus reads it, and whether it is healthy."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

STUCK_S = 60.0
"""A batch that takes longer is stuck: the database does not answer, or waits for a lock."""
_PREFIX = "lapel_station_"


@dataclass(slots=True)
class Meters:
    """Written by the worker's thread, read by another one. Times are of ``time.monotonic``, in seconds."""

    kept: int = 0
    duplicates: int = 0
    witnessed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)
    batches: int = 0
    batch_s: float = 0.0
    in_hand: int = 0
    """Messages of the batch that is being written; the broker keeps those beyond the window."""
    busy_since_s: float | None = None
    linked: bool = False
    started_s: float = field(default_factory=time.monotonic)

    def begin(self, messages: int) -> None:
        """A batch of messages is taken up."""
        self.in_hand, self.busy_since_s = messages, time.monotonic()

    def end(self) -> None:
        """It is written, or was given up."""
        if self.busy_since_s is not None:
            self.batches += 1
            self.batch_s += time.monotonic() - self.busy_since_s
        self.in_hand, self.busy_since_s = 0, None

    def trouble(self) -> str:
        """What keeps the worker from its work; empty while nothing does."""
        since = self.busy_since_s
        if since is not None and time.monotonic() - since > STUCK_S:
            return f"the database has not taken a batch for {time.monotonic() - since:.0f} s"
        return "" if self.linked else "not linked to the broker"


def exposition(meters: Meters) -> str:
    """The figures in Prometheus' text format, version 0.0.4."""
    return "".join(f"{line}\n" for line in _lines(meters))


def _lines(meters: Meters) -> Iterator[str]:
    since = meters.busy_since_s
    busy_s = time.monotonic() - since if since is not None else 0.0
    yield from _plain("records_kept_total", "counter", "Records committed by this worker", meters.kept)
    yield from _plain("records_again_total", "counter", "Records that came again and were dropped", meters.duplicates)
    yield from _plain("heads_witnessed_total", "counter", "Heads of journals that were signed", meters.witnessed)
    yield from _labelled("messages_refused_total", "Messages that were not taken", "reason", meters.refused)
    yield from _labelled("alarms_total", "Alarms that were raised", "alarm", meters.alarms)
    yield from _plain("batches_total", "counter", "Batches that were ended", meters.batches)
    yield from _plain("batch_seconds_total", "counter", "Seconds spent on them", round(meters.batch_s, 6))
    yield from _plain("messages_in_hand", "gauge", "Messages of the batch under way", meters.in_hand)
    yield from _plain("batch_busy_seconds", "gauge", "How long it has been under way", round(busy_s, 3))
    yield from _plain("linked", "gauge", "1 while linked to the broker", int(meters.linked))
    yield from _plain("up_seconds", "gauge", "Since the start", round(time.monotonic() - meters.started_s, 1))


def _plain(name: str, kind: str, said: str, value: float) -> Iterator[str]:
    yield f"# HELP {_PREFIX}{name} {said}."
    yield f"# TYPE {_PREFIX}{name} {kind}"
    yield f"{_PREFIX}{name} {value}"


def _labelled(name: str, said: str, label: str, counts: Counter[str]) -> Iterator[str]:
    yield f"# HELP {_PREFIX}{name} {said}."
    yield f"# TYPE {_PREFIX}{name} counter"
    for key, count in sorted(dict(counts).items()):
        yield f'{_PREFIX}{name}{{{label}="{key}"}} {count}'
