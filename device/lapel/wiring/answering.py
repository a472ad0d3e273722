"""What officers say of alerts, at work: taken into the journal, and heeded by the loop from then on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from threading import RLock

from lapel.core.answers import MUTE_S, Answers, Listed, entry_silenced_event
from lapel.core.feedback import Answer, Mute
from lapel.core.located import Located
from lapel.core.record_body import parse_body
from lapel.core.records import Event, Head, Record, RecordKind
from lapel.core.succession import succession_in
from lapel.core.things import Hit
from lapel.errors import LapelError, StoreError, Tampered
from lapel.ports import Clock, Journal
from lapel.store.journal_rows import JournalRows

_SAID = (RecordKind.ANSWER, RecordKind.MUTE)


class Answering:
    """The journal of a watch (port Journal), which learns from what it keeps: the loop asks it what to tell (port
    Feedback of the loop). ``contradicts`` says whether a look is more like what was said not to be the entry.

    Everything is derived from records, so that a restart changes nothing. Any thread may append and ask.
    """

    def __init__(
        self,
        journal: Journal,
        answers: Answers,
        located: Located,
        clock: Clock,
        notice: Callable[[str], None],
        contradicts: Callable[[Hit, Answers], bool] = lambda hit, answers: False,
    ) -> None:
        self._journal, self.answers, self._located = journal, answers, located
        self._clock, self._notice, self._contradicts = clock, notice, contradicts
        self.turn = RLock()
        self.changed: Callable[[], None] = lambda: None
        """Called after what is known of alerts and answers has changed."""

    def append(self, event: Event) -> Record:
        """Keep an event, and heed it. Raises: StoreError, Tampered; ValueError for an answer about no alert of ours."""
        with self.turn:
            about = self.answers.about(event) if event.kind in _SAID else None
            record = self._journal.append(event)
            for fallen in self.answers.see(record):
                self._fell_silent(fallen)
            if about is not None:
                self._heed(event, about.of.entry)
        if record.kind in Answers.KINDS:
            self.changed()
        if event.kind is RecordKind.PAIRING:
            said = dict(event.facts)
            self._notice(f"the officer's phone: {said['outcome']} ({said['by']})")
        return record

    def head(self) -> Head:
        """The head of the chain over everything kept."""
        return self._journal.head()

    def after(self, sequence: int, limit: int) -> Sequence[Record]:
        """Records with a sequence above ``sequence``, oldest first."""
        return self._journal.after(sequence, limit)

    def withholds(self, hit: Hit) -> bool:
        """Whether nobody is to be told of a hit: its entry is muted or fell silent, or the look is known not to be
        it. A code that was read, of dangerous goods for example, is only ever muted by hand."""
        with self.turn:
            entry = hit.entry.id
            if self.answers.is_muted(entry, self._clock.wall_ns() / 1e9):
                return True
            if hit.code:
                return False
            if self.answers.silence(entry) or self.answers.silence():
                return True
            try:
                return self._contradicts(hit, self.answers)
            except LapelError as error:  # alerts fail open
                self._notice(f"what was said of {entry} before cannot be heeded, so that it alerts: {error}")
                return False

    def _heed(self, event: Event, entry: str) -> None:
        said = dict(event.facts)
        if event.kind is RecordKind.MUTE:
            is_muted = said["outcome"] == Mute.MUTED.value
            hours = f"{MUTE_S / 3600:g} hours"
            self._notice(f"{entry}: muted by {said['by']} for {hours}" if is_muted else f"{entry}: heard again")
        elif said["answer"] != Answer.UNSURE.value:
            self._located.answered(entry)

    def _fell_silent(self, fallen: Listed) -> None:
        state = self.answers.silence(fallen.entry)
        if state is None:
            return  # of a version of the list that is watched for no more
        if fallen.entry:
            text = (
                f"ENTRY SILENCED: {fallen.entry}: {state.hits} alerts were not it, as officers said; its looks "
                "alert no more until a newer version of the list comes. Have its pictures looked at"
            )
        else:
            text = (
                f"WATCHLIST SILENCED: {state.hits} of its entries were not what was alerted, as officers said; its "
                "alerts cannot be trusted here. Codes are still read. Have the list calibrated again for this scene"
            )
        self._notice(text)
        try:
            self._journal.append(entry_silenced_event(fallen, state))
        except (StoreError, Tampered) as error:  # the answer itself is kept, and it is silent all the same
            self._notice(f"NOT RECORDED: {error}")


def said_before(sealed: JournalRows, clock: Clock) -> tuple[Answers, Located]:
    """What a journal knows of answers, and of where each thing was seen today. Raises: Tampered, StoreError."""
    kept = sealed.without_pictures(Answers.KINDS)
    return Answers(kept), Located(clock.today, kept, _begun_on(sealed))


def _begun_on(sealed: JournalRows) -> date | None:
    """The day on which a journal was begun after one that was set aside; None for one that follows none."""
    first = sealed.after(sealed.begins().size - 1, 1)
    if not first or succession_in(parse_body(first[0].body)) is None:
        return None
    return date.fromisoformat(first[0].at[:10])
