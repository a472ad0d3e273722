"""Kits that are not whole are refused in one line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lapel.core.geometry import Box
from lapel.errors import UsageError
from lapel_tools.cli.main import main
from lapel_tools.evaluate.kit import Kit, KitThing

SPLIT = {
    "enrolled": {"crate": {"label": "Crate", "refs": ["crate/0.jpg"], "queries": ["crate/1.jpg"]}},
    "unlisted": {"box": {"label": "Box", "queries": ["box/0.jpg"]}},
}


def kit_with(folder: Path, file: str, content: object) -> Kit:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return Kit(folder)


def test_things_to_enrol_and_things_that_must_not_hit_are_told_apart(tmp_path: Path) -> None:
    instances = kit_with(tmp_path, "instances/split.json", SPLIT).instances()
    assert instances.listed == (KitThing("crate", "Crate", ("crate/0.jpg",), ("crate/1.jpg",)),)
    assert instances.unlisted == (KitThing("box", "Box", (), ("box/0.jpg",)),)
    assert instances.scenes == ()


@pytest.mark.parametrize("file", ["crate/0.jpg", "crate/1.jpg", "./crate/1.jpg"])
def test_a_picture_that_is_listed_and_not_listed_is_refused_by_name(file: str, tmp_path: Path) -> None:
    split = SPLIT | {"unlisted": {"box": {"label": "Box", "queries": ["box/0.jpg", file]}}}
    with pytest.raises(UsageError, match=f"{file} shows crate under 'enrolled' and box under 'unlisted'"):
        kit_with(tmp_path, "instances/split.json", split).instances()


def test_pictures_of_the_detection_part_are_scenes_without_a_listed_thing(tmp_path: Path) -> None:
    kit_with(tmp_path, "detection/boxes.json", {"images": [{"file": "coco/1.jpg"}]})
    assert kit_with(tmp_path, "instances/split.json", SPLIT).instances().scenes == ("coco/1.jpg",)


@pytest.mark.parametrize(
    ("file", "read"),
    [
        ("instances/split.json", Kit.instances),
        ("detection/boxes.json", lambda kit: kit.pictures("detection")),
        ("faces/boxes.json", lambda kit: kit.pictures("faces")),
        ("text/strings.json", Kit.barcodes),
        ("video/notes.json", Kit.clips),
    ],
)
@pytest.mark.parametrize("content", [None, "", "{", "[1, 2]", '"text"', "null", '{"images": 3, "enrolled": []}'])
def test_an_index_that_is_missing_or_broken_is_named(
    file: str, read: Callable[[Kit], object], content: str | None, tmp_path: Path
) -> None:
    kit = Kit(tmp_path) if content is None else kit_with(tmp_path, file, content)
    with pytest.raises(UsageError) as caught:
        read(kit)
    assert str(tmp_path / file) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("part", "index", "content", "missing"),
    [
        ("instances", "split.json", SPLIT, "instances/crate/0.jpg: missing, and 2 more of 3"),
        ("detection", "boxes.json", {"images": [{"file": "1.jpg"}]}, "detection/1.jpg"),
        ("faces", "boxes.json", {"images": [{"file": "1.jpg"}]}, "faces/1.jpg"),
        ("text", "strings.json", [{"file": "1.png", "strings": []}], "text/1.png"),
        ("video", "notes.json", [{"file": "1.mp4"}, {"file": "2.mp4"}], "video/1.mp4: missing, and 1 more of 2"),
    ],
)
def test_a_part_of_which_a_file_is_missing_is_refused(
    part: str, index: str, content: object, missing: str, tmp_path: Path
) -> None:
    kit = kit_with(tmp_path, f"{part}/{index}", content)
    with pytest.raises(UsageError, match=missing):
        kit.check(part)


@pytest.mark.parametrize("name", ["../secret.jpg", "/etc/passwd", "", 7, None])
def test_a_file_outside_the_kit_is_refused(name: object, tmp_path: Path) -> None:
    kit = kit_with(tmp_path, "video/notes.json", [{"file": name}])
    with pytest.raises(UsageError, match=r"\[0\]\.file is"):
        kit.clips()


@pytest.mark.parametrize(
    "change", [{"enrolled": {}}, {"unlisted": None}, {"enrolled": {"crate": {"refs": "x", "queries": []}}}]
)
def test_a_split_that_cannot_be_evaluated_says_what_is_wrong_with_it(change: dict[str, object], tmp_path: Path) -> None:
    kit = kit_with(tmp_path, "instances/split.json", {**SPLIT, **change})
    with pytest.raises(UsageError, match=r"split\.json: .*(correct the kit|at least one thing)"):
        kit.instances()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent"], "no such folder"),
        (["."], "has none of the parts"),
        ([".", "--part", "text"], "this kit has no text part"),
        ([".", "--part", "text", "--limit", "0"], "--limit 0"),
    ],
)
def test_a_wrong_kit_is_one_line_and_exit_code_2(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate", *arguments, "--out", "out"]) == 2
    assert [line for line in capsys.readouterr().err.splitlines() if message in line]


@pytest.mark.parametrize(
    "row",
    [
        {"file": "a.mp4", "fps": "fast", "truth": []},
        {"file": "a.mp4", "fps": "1/0", "truth": []},
        {"file": "a.mp4", "fps": "25/1", "truth": {}},
        {"file": "a.mp4", "fps": "25/1", "truth": [{"entry": "x", "frames": [[1, 2, 3, 4]]}]},
        {"file": "a.mp4", "fps": "25/1", "truth": [{"entry": "x", "frames": [[1, 2, 3, 4, "5"]]}]},
    ],
)
def test_frame_truth_that_is_none_is_refused_in_one_line(row: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"notes\.json: \[0\]"):
        kit_with(tmp_path, "video/notes.json", [row]).truths()


def test_boxes_of_things_are_read_and_people_are_none(tmp_path: Path) -> None:
    rows = [{"file": "a.jpg", "label": label, "bbox": [1, 2, 30.4, 40]} for label in ("person", "knife")]
    kit = kit_with(tmp_path, "detection/boxes.json", {"images": [], "annotations": rows})
    assert kit.things("detection") == {"a.jpg": (Box(1, 2, 31, 42),)}


def test_a_box_that_is_none_is_named(tmp_path: Path) -> None:
    rows = [{"file": "a.jpg", "label": "knife", "bbox": [1, 2, 3]}]
    kit = kit_with(tmp_path, "detection/boxes.json", {"images": [], "annotations": rows})
    with pytest.raises(UsageError, match=r"annotations\[0\]\.bbox is list, not a list of x, y, width, height"):
        kit.things("detection")
