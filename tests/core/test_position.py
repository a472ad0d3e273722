"""Positions are kept as coarsely as the site says."""

from math import cos, radians

import pytest

from lapel.core.position import Fix, Position, Whereabouts, rounded

QUAY = Position(51.2213, 4.3997)


def metres_apart(one: Position, other: Position) -> float:
    north = (one.latitude_deg - other.latitude_deg) * 111_320
    east = (one.longitude_deg - other.longitude_deg) * 111_320 * cos(radians(one.latitude_deg))
    return float((north**2 + east**2) ** 0.5)


@pytest.mark.parametrize("grid_m", [10.0, 100.0, 5000.0])
@pytest.mark.parametrize("position", [QUAY, Position(-33.86, 151.2), Position(69.65, -18.95), Position(0.0, 0.0)])
def test_a_rounded_position_is_in_its_cell_and_rounding_it_again_changes_nothing(
    position: Position, grid_m: float
) -> None:
    kept = rounded(position, grid_m)
    assert metres_apart(position, kept) <= grid_m * 0.75
    assert metres_apart(rounded(kept, grid_m), kept) < 1


def test_places_in_one_cell_become_one() -> None:
    middle = rounded(QUAY, 100.0)
    near = [Position(middle.latitude_deg + d, middle.longitude_deg + d) for d in (-3e-4, 0.0, 3e-4)]
    assert {rounded(each, 100.0) for each in near} == {middle}


@pytest.mark.parametrize("position", [Position(90.0, 180.0), Position(-90.0, -180.0), Position(89.9999, 12.0)])
def test_the_poles_and_the_date_line_are_places_too(position: Position) -> None:
    kept = rounded(position, 1000.0)
    assert -90 <= kept.latitude_deg <= 90
    assert -180 <= kept.longitude_deg <= 180


@pytest.mark.parametrize(
    ("position", "grid_m"), [(QUAY, 0.0), (QUAY, -5.0), (QUAY, float("nan")), (Position(91, 0), 9)]
)
def test_what_is_no_grid_or_no_position_is_refused(position: Position, grid_m: float) -> None:
    with pytest.raises(ValueError, match=r"grid|position"):
        rounded(position, grid_m)


def test_where_nobody_knows_where_the_device_is_nothing_is_kept() -> None:
    assert Whereabouts(100.0).kept() is None


def test_a_fix_is_kept_as_old_and_as_accurate_as_it_was_and_rounded() -> None:
    assert Whereabouts(100.0, lambda: Fix(QUAY, 3.0, 8.0)).kept() == Fix(rounded(QUAY, 100.0), 3.0, 8.0)


def test_a_fix_that_is_too_old_is_not_kept() -> None:
    where = [Whereabouts(100.0, lambda age=age: Fix(QUAY, age), longest_age_s=600.0) for age in (600.0, 600.1)]
    assert [each.kept() is None for each in where] == [False, True]
