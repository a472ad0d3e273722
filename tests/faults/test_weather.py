"""A network between device and broker that is slow, in pieces, deaf or gone without a word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from faults_check import everything_arrived_once_and_in_order
from lapel.wiring.link import LinkPlan
from lapel_tools.broker.cuts import Cuts, Weather
from sync_rig import DEVICE, Rig, wait_until

pytestmark = pytest.mark.mosquitto

PICTURE = b"\xff\xd8" + bytes(9000)
PATIENCE_S = 1.0


@pytest.fixture
def way(rig: Rig) -> Iterator[Cuts]:
    """How the device reaches the broker."""
    way = Cuts(rig.broker.endpoint(DEVICE))
    yield way
    way.close()


def plan(rig: Rig, way: Cuts) -> LinkPlan:
    return replace(rig.plan(endpoint=way.endpoint(rig.broker.endpoint(DEVICE))), patience_s=PATIENCE_S)


@pytest.mark.parametrize("weather", [Weather(delay_s=0.02), Weather(slice_bytes=37)], ids=["slow", "in pieces"])
def test_a_network_that_is_slow_or_cuts_messages_in_pieces_changes_nothing(
    rig: Rig, way: Cuts, weather: Weather
) -> None:
    way.weather = weather
    rig.write(60)
    rig.write(1, PICTURE)
    with rig.station():
        assert rig.drain(plan(rig, way)).waiting == 0
    everything_arrived_once_and_in_order(rig)


def test_a_connection_on_which_nothing_arrives_any_more_is_given_up_and_begun_anew(rig: Rig, way: Cuts) -> None:
    rig.write(30)
    with rig.station() as station, rig.staying(plan(rig, way)):
        wait_until(lambda: station.done == 30)
        way.weather = Weather(swallows=True)
        rig.write(30)
        wait_until(lambda: "link_lost" in rig.notes.names())
        way.weather = Weather()
        wait_until(lambda: rig.held() == rig.journal_head())
    everything_arrived_once_and_in_order(rig)


def test_a_connection_that_only_the_device_believes_in_is_given_up_and_begun_anew(rig: Rig, way: Cuts) -> None:
    rig.write(30)
    with rig.station() as station, rig.staying(plan(rig, way)):
        wait_until(lambda: station.done == 30)
        way.leave_half_open()
        rig.write(30)
        wait_until(lambda: rig.held() == rig.journal_head())
    assert "link_lost" in rig.notes.names()
    everything_arrived_once_and_in_order(rig)


@pytest.mark.long
def test_cuts_in_the_middle_of_messages_lose_and_double_nothing(rig: Rig, way: Cuts) -> None:
    rig.write(150, PICTURE)
    with rig.station() as station, rig.staying(plan(rig, way)):
        for share in (20, 70, 110):
            wait_until(lambda share=share: station.done > share)
            way.cut()
        wait_until(lambda: rig.held() == rig.journal_head())
    everything_arrived_once_and_in_order(rig)
