"""What the officer is told of the device: in words, alarming where it should be, and unknown where nobody knows."""

import pytest

from lapel.core.officer_view import UNKNOWN, Vitals, state_lines


def told(vitals: Vitals) -> dict[str, str]:
    return {line.name: line.text for line in state_lines(vitals)}


def alarming(vitals: Vitals) -> list[str]:
    return [line.name for line in state_lines(vitals) if line.is_bad]


def test_what_is_not_known_is_unknown_and_no_alarm() -> None:
    assert set(told(Vitals()).values()) == {UNKNOWN}
    assert alarming(Vitals()) == []


def test_a_device_in_order_alarms_nobody() -> None:
    vitals = Vitals(82, 51.4, 9100, 2, 60, 3, 40.0)
    assert alarming(vitals) == []
    assert told(vitals) == {
        "Battery": "82%",
        "Heat": "51 °C",
        "Storage": "8.9 GiB free",
        "List made": "2 days ago",
        "List ends": "in 60 days",
        "Waiting to be sent": "3 records",
        "Station heard": "now",
    }


@pytest.mark.parametrize(
    ("vitals", "name", "text"),
    [
        (Vitals(battery_percent=9), "Battery", "9%"),
        (Vitals(heat_c=80.0), "Heat", "80 °C"),
        (Vitals(free_mib=100), "Storage", "0.1 GiB free"),
        (Vitals(list_days=31), "List made", "31 days ago"),
        (Vitals(list_days=-20_000), "List made", "on a day that is to come: set the device's clock"),
        (Vitals(expires_days=0), "List ends", "today"),
        (Vitals(expires_days=-1), "List ends", "it has expired"),
        (Vitals(contact_s=3700), "Station heard", "62 minutes ago"),
        (Vitals(contact_s=8000), "Station heard", "2 hours ago"),
        (Vitals(contact_s=float("inf")), "Station heard", "never"),
    ],
)
def test_what_somebody_should_look_after_is_marked(vitals: Vitals, name: str, text: str) -> None:
    assert (alarming(vitals), told(vitals)[name]) == ([name], text)
