"""Redacts in a thread of its own, whatever the loop is at: raw frames wait for finders alone, never for a look."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

from lapel.capture.feed import LONGEST_STOP_S
from lapel.capture.slot import NewestSlot
from lapel.core.things import Frame


class Ahead:
    """Hands redacted frames on: whoever takes them gets the newest, which counts those that it overtook as dropped.

    Until one is taken no other is redacted, for ``patience_s`` seconds: that spares work that nobody would look at.
    ``redacted`` is run through in the thread; ``overtaken`` is called there for each frame that nobody took in time,
    ``let_go`` for one that waited when nobody wanted any more.
    """

    def __init__(
        self,
        redacted: Callable[[], Iterator[Frame]],
        overtaken: Callable[[], None],
        let_go: Callable[[], None],
        patience_s: float,
    ) -> None:
        self._patience_s = patience_s
        self._redacted = redacted
        self._overtaken = overtaken
        self._slot: NewestSlot[Frame] = NewestSlot(self._overtake, lambda frame: let_go())
        self._thread = threading.Thread(target=self._run, name="redaction", daemon=True)

    def frames(self, wake_s: float) -> Iterator[Frame | None]:
        """The newest frame each time, to the last; None when there was none for ``wake_s`` seconds.

        Raises: what the thread died of.
        """
        self._thread.start()
        yield from self._slot.items(wake_s)

    def stop(self) -> bool:
        """Wait for the thread, whose source has ended; whether it has ended as well."""
        self._slot.end()
        self._slot.empty()
        if self._thread.ident is not None:
            self._thread.join(LONGEST_STOP_S)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            for frame in self._redacted():
                self._slot.put(frame)
                self._slot.await_taken(self._patience_s)
        except BaseException as error:  # noqa: BLE001 - the top of a thread: it is raised again where frames are taken
            self._slot.end(error)
        else:
            self._slot.end()

    def _overtake(self, newer: Frame, older: Frame) -> Frame:
        self._overtaken()
        return replace(newer, dropped=newer.dropped + older.dropped + 1)
