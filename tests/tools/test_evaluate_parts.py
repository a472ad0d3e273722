"""An evaluation of a small kit by the production path, on the committed models."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from evaluation_files import check_detection, check_faces, check_instances, check_text, check_video
from footage import write_picture
from lapel_tools.cli.main import main
from lapel_tools.evaluate.strata import LOOK_ALIKES, STRATA
from lapel_tools.synth.number_scenes import Carrier, render_number
from lapel_tools.synth.things import HEIGHT_PX, WIDTH_PX, render
from small_kit import LISTED, NUMBERED, write_kit

SIZE = (WIDTH_PX, HEIGHT_PX)
FILES = {"instances.csv", "detection.json", "faces.json", "text.json", "video.json", "summary.txt", "report.html"}
THING = render(LISTED[0]).name


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kit that the project draws."""
    return write_kit(tmp_path_factory.mktemp("kit"))


@pytest.fixture(scope="module")
def watchlist(small: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The options that name a list with the first thing of the kit."""
    folder = tmp_path_factory.mktemp("list")
    options = ["--watchlist", str(folder / "list"), "--key-file", str(folder / "key")]
    terms = ["--id", "wanted", "--label", "Wanted", "--purpose", "p", "--case", "c", "--authority", "a"]
    expires = ["--expires", str(np.datetime64("today") + 30)]
    photo = small / "instances" / THING / "0.png"
    assert main(["enrol", str(photo), *options, *terms, *expires, "--quick"]) == 0
    return options


@pytest.fixture(scope="module")
def out(small: Path, watchlist: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an evaluation of every part wrote."""
    folder = tmp_path_factory.mktemp("out")
    assert main(["evaluate", str(small), "--out", str(folder), *watchlist]) == 0
    return folder


def test_every_part_writes_its_file_and_nothing_else_is_left(out: Path) -> None:
    assert {path.name for path in out.iterdir()} == FILES


def test_every_query_and_every_scene_has_candidates_and_a_decision(small: Path, out: Path) -> None:
    split = json.loads((small / "instances" / "split.json").read_text())
    queries = {q for part in split.values() for thing in part.values() for q in thing["queries"]}
    scenes = {"detection/drawn/7.png", "detection/drawn/8.png"}
    found = check_instances(out / "instances.csv", queries | scenes, set(split["enrolled"]))
    for name, thing in split["enrolled"].items():
        for query in thing["queries"]:
            entry, _, is_hit = found[query][0]
            assert (entry, is_hit) == (name, True), query
    for query in scenes | {q for thing in split["unlisted"].values() for q in thing["queries"]}:
        assert not any(is_hit for _, _, is_hit in found[query]), query


def test_detection_and_faces_keep_to_their_form(out: Path) -> None:
    sizes = {"drawn/7.png": SIZE, "drawn/8.png": SIZE}
    assert any(record["boxes"] for record in check_detection(out / "detection.json", sizes).values())
    assert len(check_faces(out / "faces.json", sizes)) == 2


def test_codes_are_read_exactly(out: Path) -> None:
    records = check_text(out / "text.json", {"ean.png", "serial.png", "iso6346.png", "adr_plate.png"})
    assert records["ean.png"]["codes"] == [{"kind": "gtin", "value": "4006381333931"}]
    assert records["serial.png"]["codes"] == [{"kind": "serial", "value": "WTU123456789"}]
    container, panel = (render_number(carrier, NUMBERED).value for carrier in (Carrier.CONTAINER, Carrier.PANEL))
    assert records["iso6346.png"]["codes"] == [{"kind": "iso6346", "value": container}]
    assert records["adr_plate.png"]["codes"] == [{"kind": "adr", "value": panel}]


def test_a_listed_thing_is_hit_in_the_clip_where_it_lies(out: Path) -> None:
    record = check_video(out / "video.json", {"still.mp4": SIZE}, {"wanted"})["still.mp4"]
    assert record["frames"] == 12
    assert record["hits"]
    x, y, width, height = record["hits"][0]["bbox"]
    rows, columns = np.nonzero(render(LISTED[0]).outline)
    assert x <= columns.mean() < x + width
    assert y <= rows.mean() < y + height


def test_the_summary_has_a_section_a_part_and_counts(out: Path) -> None:
    text = (out / "summary.txt").read_text()
    assert [line for line in text.splitlines() if not line.startswith(" ")] == [
        "instances",
        "detection",
        "faces",
        "text",
        "video",
    ]
    assert (
        "all: of 4 pictures of listed things 4 (51–100%) have theirs first, 4 (51–100%) hit it, 0 (0–49%) hit another"
        in text
    )
    assert "all: of 4 pictures without a listed thing 0 (0–49%) hit one" in text
    assert "reference pictures refused at enrolment: 0 of 2" in text
    assert "4 of 4, 100% (51–100%) pictures read exactly, 0 wrong values" in text
    assert "of 2 things 2 are covered by a look at IoU .5" in text
    # The kit calls its two drawn things heads: of none of them is anything destroyed.
    assert "head boxes of 24 px and more: 0 of 2, 0% (0–66%) covered to 80%" in text


def test_two_runs_write_the_same_files(small: Path, out: Path, watchlist: list[str], tmp_path: Path) -> None:
    assert main(["evaluate", str(small), "--out", str(tmp_path), *watchlist]) == 0
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes(), name


def test_without_a_watchlist_nothing_is_found_in_clips_and_that_is_said(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(small), "--part", "video", "--out", str(tmp_path)]) == 0
    assert check_video(tmp_path / "video.json", {"still.mp4": SIZE}, set())["still.mp4"]["hits"] == []
    assert "no watchlist given" in capsys.readouterr().out


def test_a_limit_looks_at_no_more_files(small: Path, tmp_path: Path) -> None:
    assert main(["evaluate", str(small), "--part", "text", "--limit", "1", "--out", str(tmp_path)]) == 0
    check_text(tmp_path / "text.json", {"ean.png"})


def test_a_reference_that_enrolment_refuses_is_reported_and_the_evaluation_goes_on(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kit = tmp_path / "kit"
    shutil.copytree(small / "instances", kit / "instances")
    wall = np.full((HEIGHT_PX, WIDTH_PX, 3), 140, np.uint8)
    write_picture(kit / "instances" / THING / "0.png", wall)
    assert main(["evaluate", str(kit), "--part", "instances", "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "reference pictures refused at enrolment: 1 of 2" in said
    assert f"{THING}/0.png: shows nothing that could be found again" in said


def test_a_query_that_cannot_be_read_is_named(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kit = tmp_path / "kit"
    shutil.copytree(small / "text", kit / "text")
    (kit / "text" / "ean.png").write_bytes(b"not a picture")
    assert main(["evaluate", str(kit), "--part", "text", "--out", str(tmp_path / "out")]) == 2
    assert "ean.png: not a picture" in capsys.readouterr().err
    assert not (tmp_path / "out" / "text.json").exists()


def test_a_clip_that_is_missing_is_named_before_anything_is_looked_at(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kit = tmp_path / "kit"
    shutil.copytree(small, kit)
    (kit / "video" / "notes.json").write_text(json.dumps([{"file": "still.mp4"}, {"file": "gone.mp4"}]))
    assert main(["evaluate", str(kit), "--out", str(tmp_path / "out")]) == 2
    assert f"{kit / 'video' / 'gone.mp4'}: missing, though the kit's index names it" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_strata_are_looked_at_when_asked_for(small: Path, tmp_path: Path) -> None:
    assert (
        main(["evaluate", str(small), "--part", "instances", "--strata", "--limit", "1", "--out", str(tmp_path)]) == 0
    )
    with (tmp_path / "strata.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["stratum", "query", "rank", "entry", "score", "hit"]
    first = {row["stratum"]: row for row in rows if row["rank"] == "1"}
    assert list(first) == [*(stratum.name for stratum in STRATA), LOOK_ALIKES]
    assert (first["at 4000 px"]["entry"], first["at 4000 px"]["hit"]) == (THING, "1")
    assert first["at 40 px"]["hit"] == "0"
    # The twin in other colours shares every detail: only what is between them tells which one it is.
    assert first[LOOK_ALIKES]["entry"] == THING
    text = (tmp_path / "summary.txt").read_text()
    assert "turned by 90°: of 1 pictures of listed things 1 (21–100%) have theirs first" in text
    assert "blank wall as a reference: refused" in text


def test_the_kit_s_barcodes_are_read_at_least_as_well_as_by_the_reader_alone(kit: Path, tmp_path: Path) -> None:
    assert main(["evaluate", str(kit), "--part", "text", "--out", str(tmp_path), "--json"]) == 0
    truth = {row["file"]: set(row["strings"]) for row in json.loads((kit / "text" / "strings.json").read_text())}
    records = check_text(tmp_path / "text.json", set(truth))
    read = {file: {code["value"] for code in record["codes"]} for file, record in records.items()}
    assert sum(bool(truth[file] & read[file]) for file in truth) >= 107
    assert not any(read[file] - truth[file] for file in truth)
