"""Where a device is, as coarsely as its site wants it kept. Pure.

A fix enters by ``Whereabouts`` and is rounded before anything is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import cos, floor, hypot, radians

_M_PER_DEG = 111_320.0
"""Of latitude, and of longitude at the equator (WGS 84, to .5%)."""


@dataclass(frozen=True, slots=True)
class Position:
    """Degrees, WGS 84: north and east are positive."""

    latitude_deg: float
    longitude_deg: float

    @property
    def is_on_earth(self) -> bool:
        """Whether there is such a place; of what is no number there is none."""
        return -90 <= self.latitude_deg <= 90 and -180 <= self.longitude_deg <= 180


@dataclass(frozen=True, slots=True)
class Fix:
    """Where the device was ``age_s`` seconds ago, to ``accuracy_m`` metres as its receiver estimates them; None where
    it does not."""

    position: Position
    age_s: float
    accuracy_m: float | None = None


def metres_apart(one: Position, other: Position) -> float:
    """How far two places are from each other, well enough for what is a day's drive or nearer."""
    north_m = (one.latitude_deg - other.latitude_deg) * _M_PER_DEG
    east_deg = (one.longitude_deg - other.longitude_deg + 180) % 360 - 180
    return hypot(north_m, east_deg * _M_PER_DEG * cos(radians(one.latitude_deg)))


def rounded(position: Position, grid_m: float) -> Position:
    """The middle of the cell of a grid of ``grid_m`` metres that a position lies in: all in one cell become one.

    Rows are of equal height; the cells of a row are as wide as its middle says. Raises: ValueError for no grid, and for
    what is no position on Earth.
    """
    if not grid_m > 0:
        raise ValueError(f"position_grid_m: {grid_m:g} is no grid; give metres above 0")
    if not position.is_on_earth:
        raise ValueError("a position beyond 90° of latitude or 180° of longitude is none")
    latitude = max(-90.0, min(90.0, _middle(position.latitude_deg, grid_m / _M_PER_DEG)))
    narrowed = max(cos(radians(latitude)), 1e-3)
    longitude = max(-180.0, min(180.0, _middle(position.longitude_deg, grid_m / (_M_PER_DEG * narrowed))))
    return Position(round(latitude, 6), round(longitude, 6))


def _middle(degrees: float, cell_deg: float) -> float:
    return (floor(degrees / cell_deg) + 0.5) * cell_deg


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The fix that may be kept of a sighting. ``fix`` says where the device is, None while nobody knows; one older than
    ``longest_age_s`` says nothing of now."""

    grid_m: float
    fix: Callable[[], Fix | None] = lambda: None
    longest_age_s: float = float("inf")

    def kept(self) -> Fix | None:
        """The fix of this moment, its position rounded to the site's grid."""
        fix = self.fix()
        if fix is None or fix.age_s > self.longest_age_s:
            return None
        return replace(fix, position=rounded(fix.position, self.grid_m))
