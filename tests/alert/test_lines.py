"""Alerts for other programs."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from lapel.alert.lines import JsonLinesAlerter
from lapel.errors import StoreError
from lapel.fakes.hit import ENTRY, made_up_hit, made_up_record


def test_a_line_holds_time_entry_box_and_record(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    JsonLinesAlerter(path).alert(made_up_hit(), made_up_record(12))
    line = json.loads(path.read_text())
    assert line["t_s"] == 8.92
    assert line["entry"] == "crate-17"
    assert line["bbox"] == [20, 10, 40, 40]
    assert line["record"] == {"sequence": 12, "id": "made-up-12"}


def test_an_alert_that_was_not_recorded_has_a_null_record(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    JsonLinesAlerter(path).alert(made_up_hit(), None)
    assert json.loads(path.read_text())["record"] is None


def test_a_label_with_line_breaks_stays_one_line(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    JsonLinesAlerter(path).alert(made_up_hit(entry=replace(ENTRY, label="a\nb\u2028c\x85d")), None)
    assert len(path.read_text().splitlines()) == 1


def test_earlier_lines_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    JsonLinesAlerter(path).alert(made_up_hit(), None)
    JsonLinesAlerter(path).alert(made_up_hit(), None)
    assert len(path.read_text().splitlines()) == 2


def test_only_who_keeps_the_watch_may_read_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "alerts.jsonl"
    before = os.umask(0o022)
    try:
        JsonLinesAlerter(path).alert(made_up_hit(), None)
    finally:
        os.umask(before)
    assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_file_that_others_were_let_read_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    path.touch()
    path.chmod(0o640)
    JsonLinesAlerter(path).alert(made_up_hit(), None)
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_file_without_alerts_exists_and_is_empty(tmp_path: Path) -> None:
    JsonLinesAlerter(tmp_path / "alerts.jsonl").notice("camera lost")
    assert (tmp_path / "alerts.jsonl").read_text() == ""


def test_a_place_that_cannot_be_written_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"alerts\.jsonl: alerts cannot be written.*name another file"):
        JsonLinesAlerter(tmp_path / "file" / "alerts.jsonl")


def test_a_folder_in_the_place_of_the_file_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="alerts cannot be written: Is a directory; name another file"):
        JsonLinesAlerter(tmp_path)
