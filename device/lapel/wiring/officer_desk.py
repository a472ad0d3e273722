"""What the lookout hands out to the officer's phone, and takes from it: over a local socket, to one process.

The companion has the network and holds no key of this device: it can neither read the journal nor the list. It is
handed what an alert says, in words and up to three pictures, and may hand over answers, mutes and pairings, which are
recorded, and have the device locked (wiring.desk). While the device is locked, wiring.locked_desk answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

from lapel.alert.officer import HeldAlerts
from lapel.core.handed import LONGEST_BYTES
from lapel.core.officer_view import SHIFT_S, Card, Line, LogLine, View, Vitals, state_lines
from lapel.core.records import RecordKind
from lapel.core.unlocking import locked_event
from lapel.errors import StoreError, Tampered
from lapel.ports import Clock
from lapel.store.envelope import Sealed
from lapel.wiring.answering import Answering
from lapel.wiring.beside import looking
from lapel.wiring.desk import NEVER_LOCKED, NOTHING, UNLOCKED_SAID, answered, trouble
from lapel.wiring.handover import recorded_answer
from lapel.wiring.local import page_answered

MAY_SAY = frozenset({RecordKind.ANSWER, RecordKind.MUTE, RecordKind.PAIRING})
_MOST_LINES = 50
_AS_MANY_AS_FIT = (_MOST_LINES, 10, 4, 1)
_LONGEST_VIEW_BYTES = 160 * 1024
"""A local socket takes no message that is longer than its buffer: 208 KiB, where nobody set it (socket(7))."""
STATE_EVERY_S, _RENEW_EVERY_S = 10.0, 60.0
LOOK_S, _AWAY_S = 2.0, 15.0
"""A paired phone asks four times a second, as long as it can be reached."""


class OfficerDesk:
    """Answers the companion. ``vitals`` is asked every ``state_every_s`` at most; ``picture`` gives one of a record;
    ``lock`` ends the watch of a device that its phone unlocks, None where it is another."""

    def __init__(
        self,
        answering: Answering,
        held: HeldAlerts,
        vitals: Callable[[], Vitals],
        picture: Callable[[int], bytes],
        clock: Clock,
        state_every_s: float = STATE_EVERY_S,
        lock: Callable[[], None] | None = None,
    ) -> None:
        self._lock = lock
        self._answering, self._held, self._vitals, self._picture, self._clock = answering, held, vitals, picture, clock
        # Of another watch than this one no phone may believe that it has seen it.
        self._numbers = count(clock.wall_ns() // 10**6)
        self._version = next(self._numbers)
        self._state_every_s = state_every_s
        self._state: tuple[Line, ...] = ()
        self._looked_s = self._renewed_s = self._asked_s = float("-inf")
        answering.changed = held.changed = self.changed

    def unseen(self) -> int:
        """How many alerts wait for an answer while no phone asks for them; 0 while one does."""
        if self._now_s() - self._asked_s < _AWAY_S:
            return 0
        with self._answering.turn:
            answers, now_s = self._answering.answers, self._clock.wall_ns() / 1e9
            told = answers.since(now_s - SHIFT_S)
            return sum(answers.said_of(e.id) is None and not answers.is_muted(e.of.entry, now_s) for e in told)

    def changed(self) -> None:
        """Something of what is shown is no longer as it was."""
        self._version = next(self._numbers)  # in one step: any thread may say so

    def answer(self, message: bytes, uid: int) -> bytes:
        """What a message gets."""
        return answered(self, message)

    def said(self, message: bytes) -> bytes:
        """What became of an answer, a mute or a pairing."""
        answer = recorded_answer(message, self._answering.append, MAY_SAY)
        self.changed()
        return answer

    def unlock(self, by: str, sealed: Sealed) -> bytes:
        """It is already."""
        return trouble(UNLOCKED_SAID)

    def lock(self, by: str) -> bytes:
        """Lock the device, whether or not that can be recorded."""
        if self._lock is None:
            return trouble(NEVER_LOCKED)
        try:
            self._answering.append(locked_event(by))
        except (StoreError, Tampered) as error:
            return trouble(f"locked, but not recorded: {error}")
        finally:
            self._lock()
        return b"{}"

    def picture(self, alert: str, which: str) -> bytes:
        """One of the pictures (``Pictures``) of one of the latest alerts; of an older one what was seen."""
        for each in self._held.latest:
            if each.card.alert == alert:
                shown = each.pictures
                return {"listed": shown.listed, "straight": shown.straight, "seen": shown.seen}.get(which) or NOTHING
        told = self._answering.answers.told(alert)
        return (self._picture(told.sequence) if told and which == "seen" else b"") or NOTHING

    def view(self, since: int) -> bytes:
        """Alerts, the shift's log and the device's state, as many as fit."""
        self._asked_s = self._now_s()
        self._look()
        if since == self._version:
            return NOTHING
        with self._answering.turn:
            view = self._seen()
        for newest in _AS_MANY_AS_FIT:
            encoded = replace(view, cards=view.cards[:newest], log=view.log[:newest]).encoded()
            if len(encoded) <= _LONGEST_VIEW_BYTES:
                break
        return encoded

    def _look(self) -> None:
        now_s = self._now_s()
        if now_s - self._looked_s >= self._state_every_s:
            self._looked_s, state = now_s, state_lines(self._vitals())
            # Mutes end by themselves, and what is old grows older.
            if state != self._state or now_s - self._renewed_s >= _RENEW_EVERY_S:
                self._state, self._renewed_s = state, now_s
                self.changed()

    def _now_s(self) -> float:
        return self._clock.monotonic_ns() / 1e9

    def _seen(self) -> View:
        answers, now_s = self._answering.answers, self._clock.wall_ns() / 1e9
        silence = answers.silence()
        return View(
            self._version,
            round(now_s, 3),
            tuple(self._counted(each.card) for each in self._held.latest),
            tuple(self._lines(now_s)),
            self._state,
            self._held.notices,
            "Its looks alert no more: too many of its entries were not what was alerted." if silence else "",
            self._lock is not None,
        )

    def _counted(self, card: Card) -> Card:
        """The card, with what was said of its entry before."""
        told = self._answering.answers.told(card.alert)
        counts = self._answering.answers.counts(told.of.entry) if told else None
        if counts is None or not (counts.is_it or counts.is_not or counts.unsure):
            return card
        said = f"{counts.is_it} times it was, {counts.is_not} times not, {counts.unsure} not sure"
        return replace(card, lines=(*card.lines, Line("Answers so far", said)))

    def _lines(self, now_s: float) -> Iterator[LogLine]:
        answers = self._answering.answers
        for told in answers.since(now_s - SHIFT_S)[:_MOST_LINES]:
            said, entry = answers.said_of(told.id), told.of.entry
            is_muted = answers.is_muted(entry, now_s)
            is_silent = answers.silence(entry) is not None
            yield LogLine(
                told.id,
                told.label or entry,
                told.at_s,
                said.value if said else "",
                "muted" if is_muted else "silent, after wrong alerts" if is_silent else "",
                is_muted,
                told.has_picture,
            )


@contextmanager
def officer_desk(path: Path | None, desk: OfficerDesk, notice: Callable[[str], None]) -> Iterator[None]:
    """The desk for the time of a watch, for whoever the folder of ``path`` lets in; none without a path. Where it
    cannot listen, the watch goes on and says so."""
    if path is None:
        yield
        return
    is_said = False

    def look() -> None:
        nonlocal is_said
        waiting = desk.unseen()
        if waiting and not is_said:
            notice(f"NO PHONE IN REACH: {waiting} alert{'' if waiting == 1 else 's'} to check; see the officer's page")
        is_said = bool(waiting)

    with page_answered(path, desk.answer, LONGEST_BYTES, notice, "NO ALERTS ON THE PHONE") as is_heard:
        if not is_heard:
            yield
            return
        with looking("phone", LOOK_S, look):
            yield
