"""An evaluation kit: a folder of pictures and clips with what is known of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any

from lapel.core.geometry import Box
from lapel.errors import UsageError
from lapel.infer.detector import PERSON
from lapel_tools.evaluate.frame_truth import ClipTruth, TrueTrack


@dataclass(frozen=True, slots=True)
class KitThing:
    """A thing of the instances part. Files are relative to the part's folder; ``references`` is empty for things
    that are not to be enrolled."""

    id: str
    label: str
    references: tuple[str, ...]
    queries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Instances:
    """The instances part: things to enrol, things that must not hit, and pictures of scenes (relative to the kit's
    folder of detection pictures) that hold no listed thing."""

    listed: tuple[KitThing, ...]
    unlisted: tuple[KitThing, ...]
    scenes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Barcode:
    """A picture of barcodes and what they hold; empty where that is not known."""

    file: str
    strings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Credit:
    """Whose a picture is and under which licence it may be shown, in the words of the kit's index."""

    source: str
    licence: str


class Kit:
    """Reads a kit's indices. A part that is missing or malformed is named in one line (UsageError)."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise UsageError(f"{folder}: no such folder; give the folder that holds instances/, detection/ and so on")
        self.folder = folder

    def has(self, part: str) -> bool:
        """Whether the kit has that part."""
        return (self.folder / part).is_dir()

    def check(self, part: str) -> None:
        """Refuse a part of which a file is missing, before hours are spent on the others. Raises: UsageError."""
        named = dict.fromkeys(self._named(part))
        missing = [path for path in named if not path.is_file()]
        if missing:
            more = f", and {len(missing) - 1} more of {len(named)}" if len(missing) > 1 else ""
            raise UsageError(f"{missing[0]}: missing{more}, though the kit's index names it; restore it from the kit")

    def _named(self, part: str) -> Iterator[Path]:
        """Every file that the part's index names, and those of other parts that it looks at."""
        if part == "instances":
            content = self.instances()
            for thing in (*content.listed, *content.unlisted):
                yield from (self.path(part, file) for file in (*thing.references, *thing.queries))
            yield from (self.path("detection", file) for file in content.scenes)
        elif part == "text":
            yield from (self.path(part, barcode.file) for barcode in self.barcodes())
        else:
            files = self.clips() if part == "video" else self.pictures(part)
            yield from (self.path(part, file) for file in files)

    def path(self, part: str, file: str) -> Path:
        """Where a part's file lies."""
        return self.folder / part / file

    def instances(self) -> Instances:
        """Things to find and things that must not be found. Scenes are left out where there is no detection part."""
        index = _Index(self.folder / "instances" / "split.json")
        content = index.mapping(index.content(), "")
        listed = tuple(_things(index, content, "enrolled", with_references=True))
        unlisted = tuple(_things(index, content, "unlisted", with_references=False))
        if not listed:
            raise UsageError(f"{index.path}: nothing is enrolled; list at least one thing under 'enrolled'")
        scenes = self.pictures("detection") if self.has("detection") else ()
        return Instances(listed, unlisted, scenes)

    def pictures(self, part: str) -> tuple[str, ...]:
        """The pictures of the detection or faces part."""
        index = _Index(self.folder / part / "boxes.json")
        images = index.rows(index.mapping(index.content(), "").get("images"), "images")
        return tuple(index.file(row, f"images[{place}]") for place, row in enumerate(images))

    def things(self, part: str) -> dict[str, tuple[Box, ...]]:
        """Where the things of a part's pictures are, by file; people are none."""
        index = _Index(self.folder / part / "boxes.json")
        found: dict[str, tuple[Box, ...]] = {}
        for place, row in enumerate(
            index.rows(index.mapping(index.content(), "").get("annotations", []), "annotations")
        ):
            where = f"annotations[{place}]"
            file = index.file(row, where)
            if row.get("label") != PERSON:
                found[file] = (*found.get(file, ()), index.box(row, where))
        return found

    def barcodes(self) -> tuple[Barcode, ...]:
        """The pictures of the text part."""
        index = _Index(self.folder / "text" / "strings.json")
        return tuple(
            Barcode(index.file(row, f"[{place}]"), index.strings(row.get("strings") or [], f"[{place}].strings"))
            for place, row in enumerate(index.rows(index.content(), ""))
        )

    def credits(self, part: str) -> dict[str, Credit]:
        """Whom a part's pictures are owed to, by file; empty where the kit has no index of them."""
        index = _Index(self.folder / part / "index.json")
        if not index.path.exists():
            return {}
        rows = index.rows(index.mapping(index.content(), "").get("files"), "files")
        return {
            index.file(row, f"files[{place}]"): Credit(
                str(row.get("flickr_url") or row.get("provenance") or "source not stated"),
                str(row.get("licence") or "licence not stated"),
            )
            for place, row in enumerate(rows)
        }

    def clips(self) -> tuple[str, ...]:
        """The clips of the video part."""
        index = _Index(self.folder / "video" / "notes.json")
        rows = index.rows(index.content(), "")
        return tuple(index.file(row, f"[{place}]") for place, row in enumerate(rows))

    def truths(self) -> dict[str, ClipTruth]:
        """What is known frame by frame of clips, by file: of those whose index row has a "truth"."""
        index = _Index(self.folder / "video" / "notes.json")
        rows = index.rows(index.content(), "")
        return {
            index.file(row, f"[{place}]"): index.truth(row, f"[{place}]")
            for place, row in enumerate(rows)
            if "truth" in row
        }


class _Index:
    """One index file, read with errors that say where it is wrong."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def content(self) -> object:
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
        if not isinstance(value, dict):
            raise self._wrong(where, value, "an object")
        return value

    def rows(self, value: object, where: str) -> list[dict[str, Any]]:
        if not isinstance(value, list):
            raise self._wrong(where, value, "a list of objects")
        return [self.mapping(row, f"{where}[{place}]") for place, row in enumerate(value)]

    def strings(self, value: object, where: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(where, value, "a list of strings")
        return tuple(value)

    def file(self, row: dict[str, Any], where: str) -> str:
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
            TrueTrack(str(track.get("entry")), self._boxes(track.get("frames"), f"{where}.truth[{place}].frames"))
            for place, track in enumerate(self.rows(row["truth"], f"{where}.truth"))
        )
        try:
            fps = float(Fraction(str(row.get("fps"))))
        except (ValueError, ZeroDivisionError):
            raise self._wrong(f"{where}.fps", row.get("fps"), "frames a second, as 25/2") from None
        return ClipTruth(fps, tracks, bool(row.get("synthetic", False)))

    def _boxes(self, value: object, where: str) -> dict[int, Box]:
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


def _things(index: _Index, content: dict[str, Any], key: str, *, with_references: bool) -> Iterator[KitThing]:
    for thing_id, value in index.mapping(content.get(key), key).items():
        row = index.mapping(value, f"{key}.{thing_id}")
        lists = {
            name: tuple(index.inside(file, f"{key}.{thing_id}.{name}") for file in index.strings(row.get(name), name))
            for name in (("refs", "queries") if with_references else ("queries",))
        }
        yield KitThing(thing_id, str(row.get("label") or thing_id), lists.get("refs", ()), lists["queries"])
