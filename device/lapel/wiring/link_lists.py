"""The link's other half: a line of its own on which lists come, beside the one on which records go."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from lapel.errors import LapelError
from lapel.health.clock import SystemClock
from lapel.link.endpoint import Endpoint
from lapel.link.keep import keep_linked
from lapel.link.lists import PATIENCE_S, Following
from lapel.link.mqtt import Line, Terms, open_line
from lapel.link.pulling import WINDOW
from lapel.link.sync import Notes, Sender
from lapel.link.topics import news_topic
from lapel.ports import KeyProvider
from lapel.store.contact import Contacts
from lapel.store.pieces import PIECES, QUOTA_BYTES, Pieces
from lapel.store.trust import FILE
from lapel.wiring.delivery import Lists

_LOOK_S = 1.0
_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class ListPlan:
    """Which list is taken (None: the only one for this device's group), how much is kept of what travels, and how long
    nothing may come of what was asked for."""

    list_id: str | None = None
    quota_bytes: int = QUOTA_BYTES
    patience_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True)
class Reception:
    """Where lists come from, and whose they are."""

    state: Path
    endpoint: Endpoint
    sender: Sender
    lists: ListPlan

    @property
    def trusts(self) -> bool:
        """Whether this device trusts an authority: without one it takes no lists."""
        return (self.state / FILE).exists()

    def following(
        self,
        keys: KeyProvider,
        notes: Notes,
        pieces: Pieces | None = None,
        ordered: Callable[[], None] = lambda: None,
    ) -> Following:
        """What follows the lists of this site; ``pieces`` instead of those in the state folder. ``ordered`` is called
        where the device is to be wiped."""
        clock = SystemClock()
        pieces = pieces or Pieces(self.state / PIECES, self.lists.quota_bytes)
        contacts = Contacts(self.state, keys, clock)
        lists = Lists(self.state, keys, clock, pieces, contacts, notes, self.lists.list_id, ordered)
        return Following(self.sender.site, lists, pieces, notes, WINDOW, self.lists.patience_s)

    def dial(self) -> Line:
        """A line of its own: a list must not hold records up, and no old news is kept for whoever was away."""
        name = f"lapel-{self.sender.site}-{self.sender.device}-lists"
        return open_line(self.endpoint, Terms(name, news_topic(self.sender.site), WINDOW))


def take_once(reception: Reception, keys: KeyProvider, notes: Notes) -> int:
    """Take what is published now; returns how many files came. Raises: LapelError at the first trouble."""
    if not reception.trusts:
        return 0
    following = reception.following(keys, notes)
    with reception.dial() as line:
        following.over(line, lambda: False, until_settled=True)
    return following.done


@contextmanager
def lists_followed(reception: Reception, keys: KeyProvider, notes: Notes, stop: Event) -> Iterator[Callable[[], int]]:
    """Follow lists in a thread until ``stop``, which the block's end sets; gives how many files came so far.

    An order to wipe the device sets it, too. A full disk is waited out; a bug in the thread ends the program with it.
    """
    following = reception.following(keys, notes, ordered=stop.set)
    bugs: list[BaseException] = []

    def follow() -> None:
        try:
            while not stop.is_set():
                if not reception.trusts:
                    stop.wait(_LOOK_S)
                    continue
                try:
                    keep_linked(reception.dial, following, stop, notes, random.random)
                except LapelError as error:
                    notes.event("lists_wait", error=type(error).__name__, message=str(error), again_in_s=_PAUSE_S)
                    stop.wait(_PAUSE_S)
        except BaseException as error:  # noqa: BLE001, the thread's top: raised again where the program ends
            bugs.append(error)
            stop.set()

    thread = Thread(target=follow, name="lists", daemon=True)
    thread.start()
    try:
        yield lambda: following.done
    finally:
        stop.set()
        thread.join()
    if bugs:
        raise bugs[0]
