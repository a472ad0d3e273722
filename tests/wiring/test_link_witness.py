"""What the link says of a journal that was cut is said once, and holds nothing up."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from lapel.link.events import JSON, CloudEvent
from lapel.link.signals import Arrived, Lost, Published, Signal
from lapel.link.sync import Sender
from lapel.wiring.link_witness import confess

SAID = CloudEvent((), JSON, b"{}")


@pytest.mark.parametrize("end", [(Published(0),), (Lost("cut"),), ()])
def test_a_line_that_answers_is_lost_or_falls_silent_ends_it(end: tuple[Signal, ...]) -> None:
    said: list[CloudEvent] = []
    heard: list[tuple[Signal, ...]] = [(Arrived("ack", (), JSON, b"{}"),), end]
    line = SimpleNamespace(publish=lambda topic, event: said.append(event), wait=lambda timeout_s: heard.pop(0))
    confess(lambda: nullcontext(line), Sender("harbour", "cam-7"), SAID)  # type: ignore[arg-type,return-value]
    assert (said, heard) == ([SAID], [])
