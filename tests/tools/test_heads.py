"""Heads pasted into scenes: where they are is known to the pixel, and two runs paste the same."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from footage import noise
from lapel.core.geometry import Box
from lapel.core.things import Pixels
from lapel.errors import UsageError
from lapel_tools.evaluate.kit import Kit
from lapel_tools.synth.head_kit import write_heads
from lapel_tools.synth.heads import Condition, Head, dimmed, put

RED, GREY = (255, 0, 0), 90


def red_head() -> Head:
    """A red oval on blue in place of a head, so that it is found again without any model."""
    pixels = np.zeros((300, 260, 3), np.uint8)
    pixels[..., 2] = 255
    cv2.ellipse(pixels, (130, 110), (50, 70), 0, 0, 360, RED, -1)
    return Head(pixels, Box(80, 40, 181, 181))


def canvas() -> Pixels:
    return np.full((360, 640, 3), GREY, np.uint8)


def red_box(pixels: Pixels) -> Box:
    y, x = np.nonzero((pixels[..., 0] > 150) & (pixels[..., 2] < 110))
    return Box(int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1)


@pytest.mark.parametrize("condition", [Condition.PLAIN, Condition.TURNED, Condition.SIDEWAYS, Condition.CUT])
def test_the_box_is_where_the_head_was_painted(condition: Condition) -> None:
    for seed in range(6):
        scene, taken = canvas(), list[Box]()
        box = put(scene, red_head(), 80, condition, np.random.default_rng(seed), taken)
        assert box is not None
        assert red_box(scene).iou(box) > 0.85


def test_a_cut_head_reaches_the_border_and_the_others_do_not() -> None:
    whole = Box(0, 0, 640, 360)
    inner = Box(1, 1, 639, 359)
    for seed in range(6):
        for condition in (Condition.CUT, Condition.PLAIN):
            box = put(canvas(), red_head(), 60, condition, np.random.default_rng(seed), [])
            assert box is not None
            assert box.clipped(640, 360) == box.intersection(whole) == box
            assert (box.intersection(inner) != box) == (condition is Condition.CUT)


def test_heads_do_not_cover_each_other() -> None:
    scene, taken = canvas(), list[Box]()
    for seed in range(5):
        put(scene, red_head(), 60, Condition.PLAIN, np.random.default_rng(seed), taken)
    assert all(not a.intersection(b).area for i, a in enumerate(taken) for b in taken[i + 1 :])


def test_a_mask_covers_the_mouth_and_leaves_the_eyes() -> None:
    scene = canvas()
    box = put(scene, red_head(), 140, Condition.MASKED, np.random.default_rng(1), [])
    assert box is not None
    middle = (box.x0 + box.x1) // 2
    is_red = (scene[..., 0] > 150) & (scene[..., 1] < 60)
    assert is_red[box.y0 + round(0.45 * box.height), middle]
    assert not is_red[box.y0 + round(0.8 * box.height), middle]


def test_a_dim_scene_is_darker_throughout() -> None:
    assert dimmed(canvas(), np.random.default_rng(0)).mean() < 0.5 * GREY


@pytest.fixture
def small_kit(tmp_path: Path) -> Kit:
    """A kit of one face picture and one picture without people."""
    for part, name in (("faces", "one.png"), ("detection", "ground.png"), ("detection", "people.png")):
        (tmp_path / part).mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / part / name), red_head().pixels if part == "faces" else noise(320, 200))
    face = {"file": "one.png", "label": "head", "bbox": [80, 40, 101, 141]}
    write_index(tmp_path / "faces", ["one.png"], [face])
    person = {"file": "people.png", "label": "person", "bbox": [0, 0, 9, 9]}
    write_index(tmp_path / "detection", ["ground.png", "people.png"], [person])
    return Kit(tmp_path)


def write_index(folder: Path, files: list[str], rows: list[dict[str, object]]) -> None:
    (folder / "boxes.json").write_text(json.dumps({"images": [{"file": f} for f in files], "annotations": rows}))


def test_the_scenes_are_a_kits_faces_part_with_a_folder_a_condition(small_kit: Kit, tmp_path: Path) -> None:
    count = write_heads(small_kit, None, tmp_path / "out", 1)
    made = Kit(tmp_path / "out")
    assert [file.split("/")[0] for file in made.pictures("faces")] == [each.value for each in Condition]
    made.check("faces")
    assert sum(len(boxes) for boxes in made.heads().values()) == count > 10


def test_two_runs_paste_the_same(small_kit: Kit, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_heads(small_kit, None, tmp_path / name, 1)
    for path in (tmp_path / "one").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()


def test_people_are_no_ground(small_kit: Kit) -> None:
    assert small_kit.without_people() == ("ground.png",)


def test_without_a_box_of_a_head_the_remedy_is_named(small_kit: Kit, tmp_path: Path) -> None:
    write_index(small_kit.folder / "faces", ["one.png"], [])
    with pytest.raises(UsageError, match="--boxes"):
        write_heads(small_kit, None, tmp_path / "out", 1)
