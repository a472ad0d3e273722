"""Nothing that comes over the network ends a program, fills its memory, or goes uncounted."""

from __future__ import annotations

import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bad_input import (
    DEVICE,
    EVENT,
    PARSERS,
    SITE,
    any_bytes,
    arrived,
    refused_by_the_station,
    refused_or_taken,
    relabelled,
)
from lapel.fakes.clock import FakeClock
from lapel.link.signals import Arrived
from lapel_tools.broker.mosquitto import MOST_BYTES
from lapel_tools.station.register import Register
from lapel_tools.station.service import Station
from sync_rig import Notebook

CASES = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
MOST_MEMORY_BYTES = 40 * MOST_BYTES
WORST = {
    "nested": b"[" * MOST_BYTES,
    "nested objects": b'{"a":' * (MOST_BYTES // 5),
    "long list": b"[" + b"0," * (MOST_BYTES // 2 - 1) + b"0]",
    "long number": b"9" * MOST_BYTES,
    "long text": b'"' + b"\\u0041" * (MOST_BYTES // 6) + b'"',
    "many keys": b"{" + b",".join(b'"%d":0' % number for number in range(MOST_BYTES // 10)) + b"}",
}


@pytest.mark.parametrize("name", PARSERS)
def test_what_a_parser_does_not_take_it_refuses(name: str) -> None:
    @CASES
    @given(any_bytes(PARSERS[name].right))
    def parse(data: bytes) -> None:
        refused_or_taken(name, data)

    refused_or_taken(name, PARSERS[name].right)
    parse()


@pytest.mark.parametrize("name", PARSERS)
def test_right_input_is_taken(name: str) -> None:
    PARSERS[name].parse(PARSERS[name].right)


@pytest.mark.parametrize("worst", WORST)
@pytest.mark.parametrize("name", PARSERS)
def test_the_largest_message_that_a_broker_takes_needs_little_memory(name: str, worst: str) -> None:
    tracemalloc.start()
    try:
        refused_or_taken(name, WORST[worst])
        refused_by_the_station(relabelled(WORST[worst]))
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY_BYTES
    finally:
        tracemalloc.stop()


@CASES
@given(arrived())
def test_a_message_is_a_record_or_a_counted_refusal(message: Arrived) -> None:
    refused_by_the_station(message)


def test_every_message_that_is_not_taken_is_counted(tmp_path: Path) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(arrived(), min_size=1, max_size=6))
    def take(messages: list[Arrived]) -> None:
        before = station.meters.refused.total()
        counted = sum(standing.refusals for standing in register.standings())
        station.take(messages)
        refused = station.meters.refused.total() - before
        assert refused >= sum(refused_by_the_station(message) for message in messages)
        assert sum(standing.refusals for standing in register.standings()) == counted + refused

    with closing(Register(tmp_path / "station.db", FakeClock())) as register:
        station = Station(register, SITE, Notebook())
        take()
        assert station.meters.refused.total() > 0
        right = Arrived(f"lapel/{SITE}/{DEVICE}/events", EVENT.attributes, EVENT.content_type, EVENT.data)
        assert len(station.take([right])) == 1
