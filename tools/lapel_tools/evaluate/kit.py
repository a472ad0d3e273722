"""An evaluation kit: a folder of pictures and clips with what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from lapel.core.geometry import Box
from lapel.errors import UsageError
from lapel.infer.detector import PERSON
from lapel_tools.evaluate.frame_truth import ClipTruth
from lapel_tools.evaluate.kit_index import Index


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
        index = Index(self.folder / "instances" / "split.json")
        content = index.mapping(index.content(), "")
        listed = tuple(_things(index, content, "enrolled", with_references=True))
        unlisted = tuple(_things(index, content, "unlisted", with_references=False))
        if not listed:
            raise UsageError(f"{index.path}: nothing is enrolled; list at least one thing under 'enrolled'")
        _check_apart(index, listed, unlisted)
        scenes = self.pictures("detection") if self.has("detection") else ()
        return Instances(listed, unlisted, scenes)

    def pictures(self, part: str) -> tuple[str, ...]:
        """The pictures of the detection or faces part."""
        index = Index(self.folder / part / "boxes.json")
        images = index.rows(index.mapping(index.content(), "").get("images"), "images")
        return tuple(index.file(row, f"images[{place}]") for place, row in enumerate(images))

    def things(self, part: str) -> dict[str, tuple[Box, ...]]:
        """Where the things of a part's pictures are, by file; people are none."""
        return self._boxes(self.folder / part / "boxes.json", lambda label: label != PERSON)

    def people(self, part: str) -> dict[str, tuple[Box, ...]]:
        """Where the people of a part's pictures are, by file."""
        return self._boxes(self.folder / part / "boxes.json", lambda label: label == PERSON)

    def heads(self, boxes: Path | None = None) -> dict[str, tuple[Box, ...]]:
        """Where heads are in the face pictures, by file: as their index says, or another file laid out as it is."""
        return self._boxes(boxes or self.folder / "faces" / "boxes.json", lambda label: True)

    def without_people(self) -> tuple[str, ...]:
        """The detection pictures in which the index knows no person."""
        peopled = self.people("detection")
        return tuple(file for file in self.pictures("detection") if file not in peopled)

    def _boxes(self, path: Path, is_wanted: Callable[[object], bool]) -> dict[str, tuple[Box, ...]]:
        """The annotated boxes with a wanted label, by file."""
        index = Index(path)
        found: dict[str, tuple[Box, ...]] = {}
        rows = index.rows(index.mapping(index.content(), "").get("annotations", []), "annotations")
        for place, row in enumerate(rows):
            where = f"annotations[{place}]"
            file = index.file(row, where)
            if is_wanted(row.get("label")):
                found[file] = (*found.get(file, ()), index.box(row, where))
        return found

    def barcodes(self) -> tuple[Barcode, ...]:
        """The pictures of the text part."""
        index = Index(self.folder / "text" / "strings.json")
        return tuple(
            Barcode(index.file(row, f"[{place}]"), index.strings(row.get("strings") or [], f"[{place}].strings"))
            for place, row in enumerate(index.rows(index.content(), ""))
        )

    def credits(self, part: str) -> dict[str, Credit]:
        """Whom a part's pictures are owed to, by file; empty where the kit has no index of them."""
        index = Index(self.folder / part / "index.json")
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
        index = Index(self.folder / "video" / "notes.json")
        rows = index.rows(index.content(), "")
        return tuple(index.file(row, f"[{place}]") for place, row in enumerate(rows))

    def truths(self) -> dict[str, ClipTruth]:
        """What is known frame by frame of clips, by file: of those whose index row has a "truth"."""
        index = Index(self.folder / "video" / "notes.json")
        rows = index.rows(index.content(), "")
        return {
            index.file(row, f"[{place}]"): index.truth(row, f"[{place}]")
            for place, row in enumerate(rows)
            if "truth" in row
        }


def _check_apart(index: Index, listed: tuple[KitThing, ...], unlisted: tuple[KitThing, ...]) -> None:
    """Every hit on a picture that stands on both sides would be right and false at once. Raises: UsageError."""
    shown = {PurePosixPath(file): thing.id for thing in listed for file in (*thing.references, *thing.queries)}
    for thing in unlisted:
        for file in thing.queries:
            if whose := shown.get(PurePosixPath(file)):
                raise UsageError(
                    f"{index.path}: {file} shows {whose} under 'enrolled' and {thing.id} under 'unlisted'; it shows "
                    "one of them, correct the kit"
                )


def _things(index: Index, content: dict[str, Any], key: str, *, with_references: bool) -> Iterator[KitThing]:
    for thing_id, value in index.mapping(content.get(key), key).items():
        row = index.mapping(value, f"{key}.{thing_id}")
        lists = {
            name: tuple(index.inside(file, f"{key}.{thing_id}.{name}") for file in index.strings(row.get(name), name))
            for name in (("refs", "queries") if with_references else ("queries",))
        }
        yield KitThing(thing_id, str(row.get("label") or thing_id), lists.get("refs", ()), lists["queries"])
