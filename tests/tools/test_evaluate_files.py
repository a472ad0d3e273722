"""The form of the files that an evaluation writes."""

import json
from pathlib import Path

from lapel.core.codes import Code, CodeKind
from lapel.core.geometry import Box
from lapel_tools.evaluate.results import (
    Candidate,
    DetectedBox,
    DetectionResult,
    FacesResult,
    QueryResult,
    TextResult,
    VideoHit,
    VideoResult,
    write_detection,
    write_faces,
    write_instances,
    write_text,
    write_video,
)

BOX = Box(10, 20, 40, 60)


def written(path: Path) -> object:
    content: object = json.loads(path.read_text(encoding="utf-8"))
    return content


def test_a_query_has_a_row_a_candidate_with_rank_score_and_decision(tmp_path: Path) -> None:
    path = tmp_path / "instances.csv"
    write_instances(path, [QueryResult("a/1.jpg", (Candidate("crate", 1.5, True), Candidate("box", 0.25, False)))])
    assert path.read_text() == ("query,rank,entry,score,hit\na/1.jpg,1,crate,1.500000,1\na/1.jpg,2,box,0.250000,0\n")


def test_a_query_without_a_candidate_has_one_row_with_an_empty_entry_and_score_0(tmp_path: Path) -> None:
    path = tmp_path / "instances.csv"
    write_instances(path, [QueryResult("detection/coco/1.jpg", ())])
    assert path.read_text() == "query,rank,entry,score,hit\ndetection/coco/1.jpg,1,,0,0\n"


def test_no_more_than_five_candidates_are_written(tmp_path: Path) -> None:
    path = tmp_path / "instances.csv"
    write_instances(path, [QueryResult("q", tuple(Candidate(f"e{n}", -float(n), False) for n in range(7)))])
    assert len(path.read_text().splitlines()) == 6


def test_a_file_name_with_a_comma_stays_one_field(tmp_path: Path) -> None:
    path = tmp_path / "instances.csv"
    write_instances(path, [QueryResult("a, b.jpg", ())])
    assert path.read_text().splitlines()[1] == '"a, b.jpg",1,,0,0'


def test_boxes_are_written_as_corner_and_size(tmp_path: Path) -> None:
    write_detection(tmp_path / "d.json", [DetectionResult("1.jpg", (DetectedBox("cup", 0.0625, BOX),), 2)])
    write_faces(tmp_path / "f.json", [FacesResult("1.jpg", (BOX,), 100, 100)])
    assert written(tmp_path / "d.json") == [
        {"file": "1.jpg", "boxes": [{"label": "cup", "score": 0.0625, "bbox": [10, 20, 30, 40]}], "people": 2}
    ]
    assert written(tmp_path / "f.json") == [{"file": "1.jpg", "regions": [{"bbox": [10, 20, 30, 40]}]}]


def test_codes_are_written_with_kind_and_exact_value(tmp_path: Path) -> None:
    code = Code(CodeKind.SERIAL, "Histórico\x1d1")
    write_text(tmp_path / "t.json", [TextResult("1.png", (code,)), TextResult("2.png", ())])
    assert written(tmp_path / "t.json") == [
        {"file": "1.png", "codes": [{"kind": "serial", "value": "Histórico\x1d1"}]},
        {"file": "2.png", "codes": []},
    ]


def test_a_clip_is_written_with_its_hits_in_seconds(tmp_path: Path) -> None:
    result = VideoResult("a.mp4", 25, (VideoHit(0.12345, "crate", BOX),), people_max=3, alerted=("crate",))
    write_video(tmp_path / "v.json", [result])
    assert written(tmp_path / "v.json") == [
        {
            "file": "a.mp4",
            "frames": 25,
            "hits": [{"t_s": 0.123, "entry": "crate", "bbox": [10, 20, 30, 40]}],
            "people_max": 3,
        }
    ]


def test_nothing_looked_at_is_an_empty_list(tmp_path: Path) -> None:
    write_text(tmp_path / "t.json", [])
    assert written(tmp_path / "t.json") == []
