"""Topics and the names in them."""

import pytest

from lapel.errors import ConfigError
from lapel.link.topics import STATION, ack_topic, checked_device, events_topic, writer


def test_a_device_writes_and_reads_below_its_own_name_only() -> None:
    assert events_topic("depot", "cam-1") == "lapel/depot/cam-1/events"
    assert ack_topic("depot", "cam-1") == "lapel/depot/cam-1/ack"


@pytest.mark.parametrize("name", ["", "+", "#", "a/b", "a b", "$SYS", "-x", "é", "a" * 64, "cam-1\n"])
def test_a_name_that_could_change_a_topic_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="use 1 to 63 letters"):
        events_topic("depot", name)
    with pytest.raises(ConfigError, match="use 1 to 63 letters"):
        events_topic(name, "cam-1")


def test_no_device_may_bear_the_stations_name() -> None:
    with pytest.raises(ConfigError, match="station's own name"):
        checked_device(STATION)


def test_the_writer_of_a_topic_is_the_device_it_names() -> None:
    assert writer("depot", events_topic("depot", "cam-1")) == "cam-1"


@pytest.mark.parametrize(
    "topic",
    ["lapel/depot/cam-1/ack", "lapel/other/cam-1/events", "lapel/depot/station/events", "lapel/depot/a/b/events", "x"],
)
def test_a_topic_that_no_device_of_the_site_writes_has_no_writer(topic: str) -> None:
    assert writer("depot", topic) is None
