"""Finds plate-shaped text on vehicles so that it is destroyed, never read. Panels and walls of containers are left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lapel.core.geometry import Box, whole
from lapel.core.things import Pixels
from lapel.infer.detector import detect_all
from lapel.infer.face_looks import outwards
from lapel.infer.grounds import ground_of
from lapel.infer.manifest import ModelStore
from lapel.infer.panels import panels_in
from lapel.infer.text_lines import TextFinder, TextLine

VEHICLES = ("car", "vehicle")
# Low: a plate on a vehicle that is missed cannot be brought back, and a text on what is none costs little.
VEHICLE_SCORE = 0.2
_MOST_VIEWS = 2  # closer looks at vehicles, of a frame that the text detector has to shrink
_NARROWEST_VEHICLE_PX = 80
_ON_VEHICLE = (1.2, 9.0)  # length over height of a plate's text
_ANYWHERE = (1.5, 7.5)
_LARGEST_SHARE = 0.7  # of the vehicle's width that a plate takes
# Of the frame's width, where no vehicle was found about it: a larger plate is on one that fills the frame, which the
# object detector does find, and larger texts are on signs.
_LARGEST_ANYWHERE = 0.2
_STEEPEST = 0.6  # rise over run
_GROWTH = (1.6, 1.9)  # from the text to the whole plate, with room for the next frame
# The print on a container's wall is a group of lines; a plate has two at most, and little near it.
_GROUP_HEIGHTS, _FEWEST_OF_PRINT = 4.0, 2
_CLOSE_HEIGHTS, _MOST_NEIGHBOURS = 1.5, 1


class PlateFinder:
    """Plates of vehicles (port Finder): text whose ground ends right beside it, as a plate's does, and any lone text
    on a vehicle. Colour and shape decide; nothing is read.

    The text detector looks at the whole picture and, where that shrinks it, closer at the largest vehicles: with
    vehicles alone, which the object detector often misses, plates on a bus or a lorry would pass.
    """

    def __init__(self, store: ModelStore, least_score: float = VEHICLE_SCORE) -> None:
        self._detector = store.open("detector")
        self._vehicles = store.card("detector").classes_of(VEHICLES)
        self._lines = TextFinder(store)
        self._least_score = least_score

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        """Areas of plates in RGB u8[h, w, 3]."""
        height, width = pixels.shape[:2]
        found = detect_all(self._detector, pixels, self._least_score, tiles=True)
        chosen = np.isin(found.classes, self._vehicles)
        vehicles = tuple(outwards(bounds).clipped(width, height) for bounds in found.boxes[chosen])
        return self.find_beside(pixels, vehicles)

    def find_beside(self, pixels: Pixels, vehicles: Sequence[Box]) -> tuple[Box, ...]:
        """Areas of plates in a picture whose vehicles are in these boxes."""
        height, width = pixels.shape[:2]
        wide_enough = tuple(
            box.grown(1.1).clipped(width, height) for box in vehicles if box.width >= _NARROWEST_VEHICLE_PX
        )
        closer = _largest_apart(wide_enough)[:_MOST_VIEWS] if self._lines.shrinks(width, height) else []
        lines = self._lines.lines(pixels, (whole(width, height), *closer))
        plates = plates_among(pixels, lines, wide_enough)
        if not plates:
            return ()
        panels = tuple(panel.box for panel in panels_in(pixels))
        return tuple(plate for plate in plates if not any(_is_centred_in(plate, panel) for panel in panels))


def plates_among(pixels: Pixels, lines: Sequence[TextLine], vehicles: Sequence[Box]) -> tuple[Box, ...]:
    """The areas of those lines that may be on a plate."""
    return tuple(_whole_plate(line) for line in lines if _may_be_plate(pixels, line, lines, vehicles))


def _may_be_plate(pixels: Pixels, line: TextLine, lines: Sequence[TextLine], vehicles: Sequence[Box]) -> bool:
    """On a vehicle: lone text, for a white plate on a white car ends nowhere, and of print what is bounded. Elsewhere:
    lone text that is bounded."""
    if _is_on(line, vehicles):
        is_print = _neighbours(line, lines, _GROUP_HEIGHTS) >= _FEWEST_OF_PRINT
        return not is_print or ground_of(pixels, line).ends_above_and_below
    if line.length_px > _LARGEST_ANYWHERE * pixels.shape[1]:
        return False
    is_lone = _neighbours(line, lines, _CLOSE_HEIGHTS) <= _MOST_NEIGHBOURS
    return is_lone and _has_shape(line, _ANYWHERE) and ground_of(pixels, line).is_bounded


def _is_on(line: TextLine, vehicles: Sequence[Box]) -> bool:
    return _has_shape(line, _ON_VEHICLE) and any(
        line.box.share_inside(vehicle) > 0.6 and line.length_px <= _LARGEST_SHARE * vehicle.width
        for vehicle in vehicles
    )


def _has_shape(line: TextLine, aspects: tuple[float, float]) -> bool:
    along = line.corners[1] - line.corners[0]
    is_level = abs(float(along[1])) <= _STEEPEST * abs(float(along[0]))
    return is_level and aspects[0] <= line.length_px / max(line.height_px, 1) <= aspects[1]


def _neighbours(line: TextLine, lines: Sequence[TextLine], heights: float) -> int:
    return sum(other is not line and _are_near(line, other, heights) for other in lines)


def _are_near(one: TextLine, other: TextLine, heights: float) -> bool:
    reach = heights * max(one.height_px, other.height_px)
    a, b = one.box, other.box
    across = max(a.x0, b.x0) - min(a.x1, b.x1)
    down = max(a.y0, b.y0) - min(a.y1, b.y1)
    return across < reach and down < reach and 0.4 < one.height_px / max(other.height_px, 1) < 2.5


def _whole_plate(line: TextLine) -> Box:
    return line.box.grown(*_GROWTH)


def _is_centred_in(plate: Box, panel: Box) -> bool:
    x, y = (plate.x0 + plate.x1) / 2, (plate.y0 + plate.y1) / 2
    return panel.x0 <= x < panel.x1 and panel.y0 <= y < panel.y1


def _largest_apart(boxes: Sequence[Box]) -> list[Box]:
    """The boxes, largest first, without those that lie mostly in a larger one of at most three times their width."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda b: -b.area):
        if not any(box.share_inside(other) > 0.7 and other.width < 3 * box.width for other in kept):
            kept.append(box)
    return kept
