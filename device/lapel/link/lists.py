"""Follows what is published: on news, gets what a course of action asks for, until it has ended or newer news comes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from lapel.errors import BrokerRefused, BrokerUnreachable
from lapel.link.mqtt import Line
from lapel.link.news import MalformedNews, News, decode_news
from lapel.link.pulling import WINDOW, Pull, Shelf
from lapel.link.signals import Arrived, Lost, Signal, Unread
from lapel.link.sync import Notes
from lapel.link.topics import news_topic

PATIENCE_S = 30.0
"""How long nothing may come of what was asked for: a slow line needs that for one file."""
_LISTEN_S = 0.25
_FIRST_WORD_S = 5.0
"""What is retained comes as soon as it is asked for."""
_TELL_EVERY_S = 30.0

Course = Iterator[Iterable[str] | None]
"""Hashes of what is needed to go on, one step after the other; between two steps, what they were needed for is done.
None: nothing is needed, and something goes on beside; come again after listening."""


class Follower(Protocol):
    """Who acts on what is published."""

    def course(self, news: News) -> Course:
        """What to do about news. Nothing that was refused is raised: it is recorded."""
        ...

    def is_due(self) -> bool:
        """Whether the same news is to be judged again: time alone can change what holds."""
        ...

    def refuse(self, error: MalformedNews) -> None:
        """Record that there was news which is none."""
        ...


class Following:
    """What is published for one site, over one line after another (protocol Work)."""

    def __init__(
        self,
        site: str,
        follower: Follower,
        shelf: Shelf,
        notes: Notes,
        window: int = WINDOW,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.done = 0
        """Files that came over all lines."""
        self.done_bytes = 0
        self._site, self._follower, self._shelf, self._notes = site, follower, shelf, notes
        self._window, self._patience_s = window, patience_s
        self._heard: News | None = None
        self._begun: News | None = None
        self._course: Course | None = None

    def over(self, line: Line, is_over: Callable[[], bool], until_settled: bool = False) -> None:
        """Follow until ``is_over``; or until what is there was acted on, or no news came in the first seconds.

        Raises: BrokerUnreachable, BrokerRefused, StoreError. What came by then is there for the next line.
        """
        pull = Pull(line, self._site, self._shelf, self._window)
        if self._course is not None:
            self._begun, self._course = None, None  # it was cut off: its news stands retained, and comes again
        self._heard = None
        done = self.done
        try:
            self._follow(line, pull, is_over, until_settled)
        finally:
            if self.done != done:
                self._tell()

    def _follow(self, line: Line, pull: Pull, is_over: Callable[[], bool], until_settled: bool) -> None:
        begun = moved_at = told_at = time.monotonic()
        while not is_over():
            done = self.done
            for signal in line.wait(0 if pull.is_looking else _LISTEN_S):
                self._hear(signal, pull)
            pull.go_on()
            now = time.monotonic()
            if self.done != done or pull.is_looking or (pull.is_met and self._heard is not None):
                moved_at = now
            elif now - moved_at > self._patience_s:
                moved_at = now
                if not pull.is_met:
                    self._notes.event("pieces_missing", count=pull.give_up())
            if not pull.is_met and now - told_at > _TELL_EVERY_S:
                told_at = now
                self._tell()
            self._go_on(pull)
            is_late = self._heard is None and now - begun > min(_FIRST_WORD_S, self._patience_s)
            if until_settled and self._course is None and (is_late or self._heard is not None):
                return

    def _hear(self, signal: Signal, pull: Pull) -> None:
        match signal:
            case Arrived(topic=topic, data=data) if topic == news_topic(self._site):
                self._hear_news(data)
            case Arrived(data=data):
                came = pull.hear(signal)
                self.done += came
                self.done_bytes += came * len(data)
            case Unread(reason=reason):
                raise BrokerRefused(f"the broker does not let this device read lists (MQTT reason 0x{reason:02x})")
            case Lost(why=why):
                raise BrokerUnreachable(f"the connection ended ({why}); what came of a list is kept")

    def _hear_news(self, data: bytes) -> None:
        try:
            self._heard = decode_news(data) if data else None
        except MalformedNews as error:
            self._follower.refuse(error)

    def _go_on(self, pull: Pull) -> None:
        """Begin a course where there is newer news, and take the steps whose needs are met."""
        if self._heard is not None and (self._heard != self._begun or (not self._course and self._follower.is_due())):
            self._begun, self._course = self._heard, self._follower.course(self._heard)
            self._step(pull)
        while self._course is not None and pull.is_met and self._step(pull):
            pass

    def _step(self, pull: Pull) -> bool:
        """Take a step; returns whether the next one may follow at once."""
        assert self._course is not None
        try:
            needed = next(self._course)
        except StopIteration:
            self._course = None
            self._tell("settled")
            return False
        if needed is not None:
            pull.want(needed)
        return needed is not None

    def _tell(self, event: str = "pulled") -> None:
        """How much came to this process so far."""
        self._notes.event(event, pieces=self.done, bytes=self.done_bytes)
