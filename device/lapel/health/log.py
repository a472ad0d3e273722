"""Writes what happens to the appliance as lines of JSON: an event's name and plain fields, never what was seen."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TextIO

from lapel.core.records import Fact
from lapel.ports import Clock

LONGEST_TEXT = 300
_PLAIN = (str, int, float, bool, type(None))


class Log:
    """One JSON line an event. Pixels, descriptors, keys and payloads have no plain form, so they cannot get in."""

    def __init__(self, stream: TextIO, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock

    def event(self, name: str, **fields: Fact) -> None:
        """Write one event. Raises: TypeError for a field that is not text, a number, a truth value or None."""
        line: dict[str, Fact] = {"at": _rfc3339(self._clock.wall_ns()), "event": name}
        for key, value in fields.items():
            if type(value) not in _PLAIN:
                raise TypeError(f"{name}.{key}: {type(value).__name__} does not belong in a log; give text or a number")
            line[key] = value[:LONGEST_TEXT] if isinstance(value, str) else value
        self._stream.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._stream.flush()


def _rfc3339(wall_ns: int) -> str:
    return datetime.fromtimestamp(wall_ns / 1e9, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
