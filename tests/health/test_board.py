"""What the board says of itself, and nothing where it says nothing."""

from pathlib import Path

import pytest

from lapel.health.board import battery_percent, free_mib, heat_c, throttled


def put(sys: Path, name: str, text: str) -> None:
    path = sys / name
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="ascii")


def test_the_fullest_battery_and_the_hottest_zone_are_told(tmp_path: Path) -> None:
    put(tmp_path, "power_supply/AC/online", "1\n")
    put(tmp_path, "power_supply/BAT0/capacity", "41\n")
    put(tmp_path, "power_supply/BAT1/capacity", "93\n")
    put(tmp_path, "thermal/thermal_zone0/temp", "48312\n")
    put(tmp_path, "thermal/thermal_zone1/temp", "61000\n")
    assert (battery_percent(tmp_path), heat_c(tmp_path)) == (93, 61.0)


def test_a_board_without_either_and_one_that_says_nonsense_say_nothing(tmp_path: Path) -> None:
    assert (battery_percent(tmp_path), heat_c(tmp_path)) == (None, None)
    put(tmp_path, "power_supply/BAT0/capacity", "full\n")
    put(tmp_path, "power_supply/BAT1/capacity", "140\n")
    put(tmp_path, "thermal/thermal_zone0/temp", "")
    assert (battery_percent(tmp_path), heat_c(tmp_path)) == (None, None)


def test_room_is_told_of_a_folder_that_is_there(tmp_path: Path) -> None:
    assert (free_mib(tmp_path) or 0) > 0
    assert free_mib(tmp_path / "none") is None


@pytest.mark.parametrize("soc", ["soc", "soc@107c000000"])  # up to a Pi 4, and on a Pi 5
def test_what_the_firmware_says_of_heat_and_supply_is_read_on_every_pi(tmp_path: Path, soc: str) -> None:
    put(tmp_path, f"{soc}/{soc}:firmware/get_throttled", "50005\n")
    assert throttled(tmp_path, tmp_path) == 0x50005


@pytest.mark.parametrize(("alarm", "bits"), [("1", 1), ("0", 0), ("", None)])
def test_where_the_firmware_is_not_asked_the_alarm_of_under_voltage_is_read(
    tmp_path: Path, alarm: str, bits: int | None
) -> None:
    for number, name in enumerate(("cpu_thermal", "rpi_volt")):
        put(tmp_path, f"hwmon/hwmon{number}/name", f"{name}\n")
    (tmp_path / "hwmon/hwmon0/in0_lcrit_alarm").write_text("1\n", encoding="ascii")  # of something else
    (tmp_path / "hwmon/hwmon1/in0_lcrit_alarm").write_text(f"{alarm}\n", encoding="ascii")
    assert throttled(tmp_path, tmp_path) == bits


def test_nothing_is_known_of_heat_and_supply_without_either(tmp_path: Path) -> None:
    assert throttled(tmp_path, tmp_path) is None
