"""Pauses between attempts, and what is not tried again."""

from contextlib import nullcontext
from itertools import islice
from threading import Event
from types import SimpleNamespace

import pytest

from lapel.link.endpoint import BadCredentials
from lapel.link.keep import keep_linked
from lapel.link.pauses import FIRST_PAUSE_S, LONGEST_PAUSE_S, pauses
from sync_rig import Notebook


def test_pauses_double_up_to_the_longest() -> None:
    doubling = [1.0, 2.0, 4.0, 8.0, 16.0]
    assert list(islice(pauses(lambda: 1.0), 7)) == [*doubling, LONGEST_PAUSE_S, LONGEST_PAUSE_S]


def test_chance_shortens_a_pause_to_no_less_than_half() -> None:
    assert next(pauses(lambda: 0.0)) == FIRST_PAUSE_S / 2


def test_certificates_that_were_never_good_end_the_program() -> None:
    with pytest.raises(BadCredentials):
        keep_linked(Dialling([BadCredentials("cam-1.pem")]), Nothing(), Event(), Notebook(), lambda: 0.0)


def test_certificates_that_were_good_once_are_waited_for() -> None:
    stop, notes = Event(), Notebook()
    dial = Dialling([None, BadCredentials("cam-1.pem: does not go with cam-1.key"), None], stop)
    keep_linked(dial, Nothing(), stop, notes, lambda: 0.0)
    assert notes.names() == ["linked", "link_lost", "linked"]


class Dialling:
    """Connections, or what is raised in their place; the last one stops the program."""

    def __init__(self, results: list[BadCredentials | None], stop: Event | None = None) -> None:
        self._results, self._stop = results, stop

    def __call__(self) -> nullcontext[SimpleNamespace]:
        result = self._results.pop(0)
        if not self._results and self._stop:
            self._stop.set()
        if result:
            raise result
        return nullcontext(SimpleNamespace(endpoint="broker:8883"))


class Nothing:
    """Work that is over at once."""

    done = 0

    def over(self, line: object, is_over: object) -> None:
        """Do nothing."""
