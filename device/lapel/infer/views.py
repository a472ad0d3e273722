"""Which parts of a picture a face finder looks at, so that small faces are large enough for it. Pure."""

from __future__ import annotations

import math

from lapel.core.geometry import Box

WIDE_ASPECT = 16 / 9
# The wide network sees such a tile at .8 of its size: heads from 28 px are found (22 of 24 in a 720p frame; on the
# square tiles alone 8 of 24).
LONGEST_WIDE_TILE_PX = 720
# A picture no higher than this is seen well enough on square tiles.
LOWEST_FINE_PX = 400
_OVERLAP = 0.1


def wide_tiles(width: int, height: int) -> tuple[Box, ...]:
    """Overlapping 16:9 tiles that cover a picture; none for a small one."""
    if min(width, height) < LOWEST_FINE_PX:
        return ()
    across = int(min(LONGEST_WIDE_TILE_PX, width, height * WIDE_ASPECT))
    down = int(across / WIDE_ASPECT)
    return tuple(Box(x, y, x + across, y + down) for y in _starts(height, down) for x in _starts(width, across))


def _starts(length: int, tile: int) -> tuple[int, ...]:
    """Where tiles begin so that they cover a length and overlap by a tenth at least."""
    count = max(1, math.ceil((length - _OVERLAP * tile) / ((1 - _OVERLAP) * tile)))
    if length <= tile:
        count = 1
    return tuple(round((length - tile) * i / (count - 1)) if count > 1 else 0 for i in range(count))
