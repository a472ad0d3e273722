"""The page of an evaluation, of a kit in which things go wrong, on the committed models."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from lapel_tools.cli.main import main
from lapel_tools.evaluate.kit import Credit, Kit
from lapel_tools.synth.things import render
from page_reader import PageReader
from small_kit import LISTED, UNLISTED, write_kit

WANTED, OTHER, STRANGER = (render(seed).name for seed in (*LISTED, *UNLISTED))
LABEL = "<script>alert(1)</script> & <img src=//x>"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> PageReader:
    """An unlisted thing that looks like a listed one, and a picture of a listed thing that shows another."""
    kit = write_kit(tmp_path_factory.mktemp("kit"))
    instances = kit / "instances"
    shutil.copy(instances / WANTED / "1.png", instances / STRANGER / "1.png")
    shutil.copy(instances / STRANGER / "2.png", instances / OTHER / "2.png")
    split = json.loads((instances / "split.json").read_text())
    split["enrolled"][WANTED]["label"] = LABEL
    (instances / "split.json").write_text(json.dumps(split))
    owed = {"file": f"{WANTED}/0.png", "provenance": "github:a/b@c", "licence": "CC-BY-4.0 <b>by</b> its author"}
    (instances / "index.json").write_text(json.dumps({"files": [owed]}))
    out = tmp_path_factory.mktemp("out")
    assert main(["evaluate", str(kit), "--part", "instances", "--out", str(out)]) == 0
    return PageReader((out / "report.html").read_text())


def test_false_alarms_and_misses_stand_on_it(page: PageReader) -> None:
    assert "False alarms, and what came nearest to one (all " in page.text
    assert "Misses (all 1)" in page.text
    assert f"{STRANGER}/1.png" in page.text
    assert f"{OTHER}/2.png" in page.text


def test_every_error_shows_what_was_seen_beside_what_is_listed(page: PageReader) -> None:
    errors = page.tags.count("article") - 2  # the summary and the curve
    assert errors >= 2
    assert len(page.pictures) == 2 * errors
    for picture in page.pictures:
        assert cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR) is not None


def test_every_picture_is_named_and_credited(page: PageReader) -> None:
    assert page.unnamed == 0
    assert "github:a/b@c · CC-BY-4.0 <b>by</b> its author" in page.text
    assert page.text.count(" · ") >= len(page.pictures)
    assert "source not stated in the kit's index · licence not stated" in page.text


def test_markup_in_labels_and_licences_is_shown_and_not_obeyed(page: PageReader) -> None:
    assert not {"script", "b"} & set(page.tags)
    assert LABEL in page.text


def test_it_fetches_nothing(page: PageReader) -> None:
    assert page.fetched == []


def test_whose_pictures_they_are_comes_from_the_kit_s_index(tmp_path: Path) -> None:
    (tmp_path / "detection").mkdir()
    assert Kit(tmp_path).credits("detection") == {}
    rows = [{"file": "1.jpg", "flickr_url": "http://f", "provenance": "p", "licence": "CC"}, {"file": "2.jpg"}]
    (tmp_path / "detection" / "index.json").write_text(json.dumps({"files": rows}))
    assert Kit(tmp_path).credits("detection") == {
        "1.jpg": Credit("http://f", "CC"),
        "2.jpg": Credit("source not stated", "licence not stated"),
    }
