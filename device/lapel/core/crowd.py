"""People as a number: the most in any frame of each minute, and nothing else of them. Pure.

Crowd density is the only use. What was counted is handed out every ten minutes, so that a watch that is killed loses
no more, and a day of watching adds 144 records of some 400 bytes.
"""

from __future__ import annotations

from lapel.core.records import Event, RecordKind

MINUTES = 10
_NONE_SEEN = "-"


class Crowd:
    """Counts people by minutes of stream time. ``people_max`` is the most in any frame so far."""

    def __init__(self) -> None:
        self.people_max = 0
        self._first = 0
        self._most: list[int | None] = []

    def see(self, people: int, at_s: float) -> tuple[Event, ...]:
        """Count a frame's people; the event of what was counted before, when ten minutes are over."""
        minute = int(at_s // 60)
        # A source that begins again counts from 0.
        is_over = bool(self._most) and not self._first + len(self._most) - 1 <= minute < self._first + MINUTES
        over = self.close() if is_over else ()
        if not self._most:
            self._first = minute
        self._most += [None] * (minute - self._first - len(self._most) + 1)
        self._most[-1] = max(people, self._most[-1] or 0)
        self.people_max = max(people, self.people_max)
        return over

    def close(self) -> tuple[Event, ...]:
        """The event of what was counted since the last; none where there was no frame."""
        most, self._most = self._most, []
        if not most:
            return ()
        facts = (
            ("from_s", self._first * 60),
            ("people_max", max(count or 0 for count in most)),
            ("people_by_minute", " ".join(_NONE_SEEN if count is None else str(count) for count in most)),
        )
        return (Event(RecordKind.PEOPLE, facts),)


def counts_by_minute(text: str) -> tuple[int | None, ...]:
    """The most people in each minute, None in one without a frame, as the record says it. Raises: ValueError."""
    return tuple(None if word == _NONE_SEEN else int(word) for word in text.split())
