"""What the board says of itself, and nothing where it says nothing."""

from pathlib import Path

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


def test_what_the_firmware_says_of_heat_and_supply_is_read_and_nothing_is_known_without_it(tmp_path: Path) -> None:
    (tmp_path / "get_throttled").write_text("50005\n", encoding="ascii")
    assert throttled(tmp_path / "get_throttled") == 0x50005
    assert throttled(tmp_path / "absent") is None
