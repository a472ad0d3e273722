"""The index files of an evaluation kit: JSON, checked as it is read."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any

from lapel.core.geometry import Box
from lapel.errors import UsageError
from lapel_tools.evaluate.frame_truth import ClipTruth, TrueTrack


class Index:
    """One index file of a kit, read with errors that say where it is wrong (UsageError)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def content(self) -> object:
        """What the file holds."""
        try:
            content: object = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise UsageError(
                f"{self.path}: missing; this kit has no {self.path.parent.name} part, choose another --part"
            ) from None
        except OSError as error:
            raise UsageError(f"{self.path}: cannot be read: {error.strerror}; check the kit") from error
        except ValueError as error:
            raise UsageError(f"{self.path}: is not JSON ({error}); restore it from the kit") from error
        return content

    def mapping(self, value: object, where: str) -> dict[str, Any]:
        """An object."""
        if not isinstance(value, dict):
            raise self._wrong(where, value, "an object")
        return value

    def rows(self, value: object, where: str) -> list[dict[str, Any]]:
        """A list of objects."""
        if not isinstance(value, list):
            raise self._wrong(where, value, "a list of objects")
        return [self.mapping(row, f"{where}[{place}]") for place, row in enumerate(value)]

    def strings(self, value: object, where: str) -> tuple[str, ...]:
        """A list of strings."""
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(where, value, "a list of strings")
        return tuple(value)

    def file(self, row: dict[str, Any], where: str) -> str:
        """The file that a row names."""
        return self.inside(row.get("file"), f"{where}.file")

    def inside(self, value: object, where: str) -> str:
        """A file name that stays inside the part's folder."""
        if not isinstance(value, str) or not value:
            raise self._wrong(where, value, "a file name")
        parts = PurePosixPath(value)
        if parts.is_absolute() or ".." in parts.parts:
            raise self._wrong(where, value, "a file inside the kit")
        return value

    def truth(self, row: dict[str, Any], where: str) -> ClipTruth:
        """A clip's frame truth: [{"entry": ID, "frames": [[FRAME, X, Y, WIDTH, HEIGHT]]}], and its "fps" as "25/2"."""
        tracks = tuple(
            TrueTrack(str(track.get("entry")), self._frame_boxes(track.get("frames"), f"{where}.truth[{place}].frames"))
            for place, track in enumerate(self.rows(row["truth"], f"{where}.truth"))
        )
        try:
            fps = float(Fraction(str(row.get("fps"))))
        except (ValueError, ZeroDivisionError):
            raise self._wrong(f"{where}.fps", row.get("fps"), "frames a second, as 25/2") from None
        return ClipTruth(fps, tracks, bool(row.get("synthetic", False)))

    def _frame_boxes(self, value: object, where: str) -> dict[int, Box]:
        if not isinstance(value, list):
            raise self._wrong(where, value, "a list of [frame, x, y, width, height]")
        boxes = {}
        for item in value:
            if not isinstance(item, list) or len(item) != 5 or not all(type(number) is int for number in item):
                raise self._wrong(where, str(item), "a list of [frame, x, y, width, height]")
            number, x, y, width, height = item
            boxes[number] = Box(x, y, x + width, y + height)
        return boxes

    def box(self, row: dict[str, Any], where: str) -> Box:
        """A box given as x, y, width, height."""
        value = row.get("bbox")
        if not isinstance(value, list) or len(value) != 4 or not all(isinstance(v, int | float) for v in value):
            raise self._wrong(f"{where}.bbox", value, "a list of x, y, width, height")
        x, y, width, height = value
        return Box(round(x), round(y), round(x + width), round(y + height))

    def _wrong(self, where: str, value: object, wanted: str) -> UsageError:
        shown = repr(value) if isinstance(value, str | int | float | None) else type(value).__name__
        return UsageError(f"{self.path}: {where or 'content'} is {shown[:80]}, not {wanted}; correct the kit")
