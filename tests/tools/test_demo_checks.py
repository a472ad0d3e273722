"""What the demo demands of its own outcome."""

import json
from pathlib import Path

import pytest

from lapel.alert.lines import JsonLinesAlerter
from lapel.core.geometry import Box
from lapel.fakes.hit import made_up_hit, made_up_record
from lapel_tools.demo.checks import (
    Alerted,
    Exported,
    check_bicycle,
    check_clip,
    check_listing,
    check_places,
    check_records,
    check_report,
    check_silence,
    read_alerts,
)
from lapel_tools.demo.clip import bicycle_box
from lapel_tools.demo.listing import BICYCLE


def _alerted(entry: str = BICYCLE, frame: int = 205, box: Box | None = None, record: int | None = 1) -> Alerted:
    return Alerted(entry, frame, frame / 25, box or bicycle_box(frame) or Box(0, 0, 9, 9), record)


def test_the_bicycle_where_it_is_passes() -> None:
    assert check_bicycle((_alerted(),)).passed


def test_the_bicycle_unalerted_fails() -> None:
    assert check_bicycle(()).passed is False


def test_the_bicycle_alerted_elsewhere_in_the_frame_fails() -> None:
    assert check_bicycle((_alerted(box=Box(0, 0, 200, 200)),)).passed is False


def test_the_bicycle_alerted_only_near_its_reference_frame_fails() -> None:
    assert check_bicycle((_alerted(frame=214), _alerted(frame=232))).passed is False


def test_the_bicycle_alerted_in_another_shot_alone_fails() -> None:
    assert check_bicycle((_alerted(frame=150),)).passed is False


def test_another_entry_alerted_on_the_bicycle_does_not_stand_for_it() -> None:
    assert check_bicycle((_alerted(entry="locked-bicycle"),)).passed is False


def test_an_entry_in_its_own_shot_is_in_place() -> None:
    assert check_places((_alerted(), _alerted(entry="green-car", frame=160))).passed


@pytest.mark.parametrize(
    ("entry", "frame"), [("green-car", 200), (BICYCLE, 186), (BICYCLE, 242), ("drawn-card-003", 5)]
)
def test_an_entry_in_a_shot_where_it_is_not_fails(entry: str, frame: int) -> None:
    assert check_places((_alerted(entry=entry, frame=frame),)).passed is False


def test_any_alert_in_the_bicycles_shot_breaks_the_silence() -> None:
    assert check_silence((_alerted(entry="green-car", frame=160),)).passed
    assert check_silence((_alerted(entry="green-car", frame=241),)).passed is False


def test_an_alert_without_a_record_fails() -> None:
    assert check_records((_alerted(record=None),), frozenset({1})).passed is False


def test_two_alerts_of_one_record_fail() -> None:
    assert check_records((_alerted(), _alerted()), frozenset({1})).passed is False


def test_alerts_that_are_all_in_the_journal_pass() -> None:
    assert check_records((_alerted(record=1), _alerted(record=2)), frozenset({0, 1, 2, 3})).passed


def test_nineteen_entries_are_too_few() -> None:
    assert check_listing(19).passed is False
    assert check_listing(20).passed


def test_a_page_that_lacks_a_picture_fails(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "index.html").touch()
    (tmp_path / "pictures" / "1-listed.jpg").write_bytes(b"x")
    assert check_report((_alerted(),), tmp_path).passed is False
    (tmp_path / "pictures" / "1-seen.jpg").write_bytes(b"x")
    assert check_report((_alerted(),), tmp_path).passed
    (tmp_path / "pictures" / "1-straight.jpg").write_bytes(b"x")
    assert check_report((_alerted(),), tmp_path).passed
    assert check_report((_alerted(), _alerted()), tmp_path).passed is False


def test_the_alerts_that_the_product_writes_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    JsonLinesAlerter(path).alert(made_up_hit(box=Box(20, 10, 60, 50)), made_up_record(12))
    JsonLinesAlerter(path).alert(made_up_hit(), None)
    kept, unkept = read_alerts(path)
    assert (kept.entry, kept.frame, kept.t_s, kept.box, kept.record) == ("crate-17", 223, 8.92, Box(20, 10, 60, 50), 12)
    assert unkept.record is None
    assert len(json.loads(path.read_text().splitlines()[0])["bbox"]) == 4


def _exported(from_s: float = 0.0, stills: int = 50, pictures: int = 50, exports: int = 2, purges: int = 1) -> Exported:
    return Exported(from_s, 9.8, stills, pictures, exports, purges)


def test_a_clip_that_opens_and_covers_the_bicycles_alert_passes() -> None:
    assert check_clip((_alerted(),), _exported()).passed


@pytest.mark.parametrize(
    "exported",
    [
        _exported(from_s=9.0),
        _exported(pictures=49),
        _exported(0.0, 0, 0),
        _exported(exports=1),
        _exported(purges=0),
        None,
    ],
)
def test_a_clip_that_lacks_anything_fails(exported: Exported | None) -> None:
    assert check_clip((_alerted(),), exported).passed is False


def test_a_clip_of_an_alert_that_was_not_asked_for_is_not_tried() -> None:
    assert check_clip((), None).passed is None
