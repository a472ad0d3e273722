"""Of head boxes that a kit has, what is destroyed of them and beside them is counted as who scores the files does."""

import json
from pathlib import Path

from lapel.core.geometry import Box
from lapel_tools.evaluate.kit import Kit
from lapel_tools.evaluate.results import FacesResult
from lapel_tools.evaluate.summary import of_faces

# Two areas side by side cover the second head to 80% exactly, one the third to 75% and its middle to 92%.
REGIONS = (Box(0, 0, 10, 10), Box(20, 0, 36, 10), Box(20, 10, 36, 20), Box(50, 0, 90, 30), Box(0, 90, 100, 100))
HEADS = (("a.png", [0, 0, 10, 10]), ("a.png", [20, 0, 20, 20]), ("a.png", [50, 0, 40, 40]), ("b.png", [0, 0, 70, 70]))


def kit_with(folder: Path, heads: tuple[tuple[str, list[int]], ...]) -> Kit:
    (folder / "faces").mkdir()
    rows = [{"file": file, "label": "head", "bbox": bbox} for file, bbox in heads]
    index = {"images": [{"file": "a.png"}, {"file": "b.png"}], "annotations": rows}
    (folder / "faces" / "boxes.json").write_text(json.dumps(index))
    return Kit(folder)


def test_heads_are_counted_by_height_and_by_their_middle_and_the_rest_by_its_pixels(tmp_path: Path) -> None:
    results = (FacesResult("a.png", REGIONS, 100, 100), FacesResult("b.png", (), 100, 100))
    assert of_faces(results, kit_with(tmp_path, HEADS).heads()) == (
        "2 pictures: 5 areas destroyed, 13.1% of all pixels",
        "head boxes of 24 px and more: 0 of 2, 0% (0–66%) covered to 80%",
        "head boxes of 16 to 24 px: 1 of 1, 100% (21–100%) covered to 80%",
        "head boxes of any size: 2 of 4, 50% (15–85%) covered to 80%",
        "the middle 60% of head boxes of any size: 3 of 4, 75% (30–95%) covered to 80%",
        "outside head boxes 7.7% is destroyed, 5.0% of all pixels",
    )


def test_only_heads_of_pictures_that_were_looked_at_count(tmp_path: Path) -> None:
    lines = of_faces([FacesResult("a.png", REGIONS, 100, 100)], kit_with(tmp_path, HEADS).heads())
    assert "head boxes of 24 px and more: 0 of 1, 0% (0–79%) covered to 80%" in lines


def test_a_head_counts_by_its_drawn_height_and_as_far_as_it_is_in_the_picture(tmp_path: Path) -> None:
    heads = (("a.png", [90, -20, 30, 30]), ("a.png", [100, 0, 30, 30]))
    lines = of_faces([FacesResult("a.png", (Box(90, 0, 100, 9),), 100, 100)], kit_with(tmp_path, heads).heads())
    assert "head boxes of 24 px and more: 1 of 1, 100% (21–100%) covered to 80%" in lines


def test_where_no_heads_are_known_the_destroyed_pixels_alone_are_told_each_once(tmp_path: Path) -> None:
    twice = FacesResult("a.png", (Box(0, 0, 50, 50), Box(0, 0, 50, 40)), 100, 100)
    heads = kit_with(tmp_path, ()).heads()
    assert of_faces([twice], heads) == ("1 pictures: 2 areas destroyed, 25.0% of all pixels",)
