"""Where a device is, as coarsely as its site wants it kept. Pure.

No receiver is read yet: when one is, its fix enters by ``Whereabouts`` and is rounded before anything is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, floor, radians

_M_PER_DEG = 111_320.0
"""Of latitude, and of longitude at the equator (WGS 84, to .5%)."""


@dataclass(frozen=True, slots=True)
class Position:
    """Degrees, WGS 84: north and east are positive."""

    latitude_deg: float
    longitude_deg: float


def rounded(position: Position, grid_m: float) -> Position:
    """The middle of the cell of a grid of ``grid_m`` metres that a position lies in: all in one cell become one.

    Rows are of equal height; the cells of a row are as wide as its middle says. Raises: ValueError for no grid, and for
    what is no position on Earth.
    """
    if not grid_m > 0:
        raise ValueError(f"position_grid_m: {grid_m:g} is no grid; give metres above 0")
    if not (-90 <= position.latitude_deg <= 90 and -180 <= position.longitude_deg <= 180):
        raise ValueError("a position beyond 90° of latitude or 180° of longitude is none")
    latitude = max(-90.0, min(90.0, _middle(position.latitude_deg, grid_m / _M_PER_DEG)))
    narrowed = max(cos(radians(latitude)), 1e-3)
    longitude = max(-180.0, min(180.0, _middle(position.longitude_deg, grid_m / (_M_PER_DEG * narrowed))))
    return Position(round(latitude, 6), round(longitude, 6))


def _middle(degrees: float, cell_deg: float) -> float:
    return (floor(degrees / cell_deg) + 0.5) * cell_deg


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The position that may be kept of a sighting. ``fix`` says where the device is, None while nobody knows."""

    grid_m: float
    fix: Callable[[], Position | None] = lambda: None

    def kept(self) -> Position | None:
        """The fix of this moment, rounded to the site's grid."""
        fix = self.fix()
        return None if fix is None else rounded(fix, self.grid_m)
