"""The report page."""

import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from lapel.alert.page import PageAlerter
from lapel.alert.picture import jpeg
from lapel.core.things import Hit
from lapel.errors import StoreError
from lapel.fakes.hit import ENTRY, made_up_hit, made_up_record

REFERENCE = jpeg(np.full((60, 80, 3), 200, dtype=np.uint8))


class Reader(HTMLParser):
    """Collects what a page refers to, its headings, and whether its elements close."""

    VOID = frozenset({"meta", "img", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.pictures: list[str] = []
        self.unnamed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "img":
            named = dict(attrs)
            self.pictures.append(named["src"] or "")
            if not named.get("alt"):
                self.unnamed.append(named["src"] or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _read(folder: Path) -> Reader:
    reader = Reader()
    reader.feed((folder / "index.html").read_text())
    assert reader.open == []
    return reader


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def _hit(label: str = ENTRY.label) -> Hit:
    return made_up_hit(entry=replace(ENTRY, label=label), reference_picture=REFERENCE)


def test_an_alert_shows_the_reference_beside_the_crop(tmp_path: Path) -> None:
    PageAlerter(tmp_path).alert(_hit(), made_up_record())
    reader = _read(tmp_path)
    assert reader.pictures == ["pictures/000001-listed.jpg", "pictures/000001-seen.jpg"]
    assert (tmp_path / reader.pictures[0]).read_bytes() == REFERENCE
    assert (tmp_path / reader.pictures[1]).read_bytes().startswith(b"\xff\xd8")


def test_where_it_is_known_how_the_thing_lies_it_is_shown_laid_on_the_reference_between_the_two(tmp_path: Path) -> None:
    hit = made_up_hit(reference_picture=REFERENCE)
    hit = replace(hit, match=replace(hit.match, motion=(40.0, 0, 0, 0, 40, 0, 0, 0, 1)))
    PageAlerter(tmp_path).alert(hit, made_up_record())
    names = [f"pictures/000001-{which}.jpg" for which in ("listed", "straight", "seen")]
    assert _read(tmp_path).pictures == names
    assert _read(tmp_path).unnamed == []
    assert cv2.imread(str(tmp_path / names[1])).shape == (60, 80, 3)
    PageAlerter(tmp_path, 1).alert(_hit(), made_up_record())
    assert not (tmp_path / names[1]).exists()


def test_every_picture_has_a_text_for_those_who_cannot_see_it(tmp_path: Path) -> None:
    PageAlerter(tmp_path).alert(_hit(), made_up_record())
    assert _read(tmp_path).unnamed == []


def test_a_page_exists_before_the_first_alert(tmp_path: Path) -> None:
    PageAlerter(tmp_path / "new" / "report")
    assert "Nothing has been alerted." in (tmp_path / "new" / "report" / "index.html").read_text()


def test_the_page_says_that_it_does_not_show_how_often_things_are_found(tmp_path: Path) -> None:
    PageAlerter(tmp_path)
    assert "does not show how often listed things are found" in (tmp_path / "index.html").read_text()


def test_markup_in_a_label_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    label = "<script>alert(1)</script><img src=x onerror='x'>\"&"
    PageAlerter(tmp_path).alert(_hit(label), made_up_record())
    reader = _read(tmp_path)
    assert "script" not in reader.tags
    assert len(reader.pictures) == 2
    assert "&lt;script&gt;" in (tmp_path / "index.html").read_text()


def test_markup_in_a_notice_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    PageAlerter(tmp_path).notice("<script>x</script>")
    assert "script" not in _read(tmp_path).tags


def test_the_page_needs_no_network(tmp_path: Path) -> None:
    page = PageAlerter(tmp_path)
    page.alert(_hit(), made_up_record())
    page.notice("camera lost")
    text = (tmp_path / "index.html").read_text()
    assert not re.search(r"(?:https?:)?//", text)
    assert "default-src 'none'" in text


def test_an_alert_without_a_reference_picture_says_so(tmp_path: Path) -> None:
    PageAlerter(tmp_path).alert(made_up_hit(reference_picture=b"<svg>"), made_up_record())
    assert "No picture" in (tmp_path / "index.html").read_text()
    assert len(_read(tmp_path).pictures) == 1


def test_the_newest_alert_stands_first(tmp_path: Path) -> None:
    page = PageAlerter(tmp_path)
    page.alert(_hit("First thing"), made_up_record(1))
    page.alert(_hit("Second thing"), made_up_record(2))
    text = (tmp_path / "index.html").read_text()
    assert text.index("Second thing") < text.index("First thing")


def test_a_bounded_number_of_alerts_and_pictures_is_kept(tmp_path: Path) -> None:
    page = PageAlerter(tmp_path, most=3)
    for number in range(10):
        page.alert(_hit(f"Thing {number}"), made_up_record(number))
    reader = _read(tmp_path)
    assert reader.tags.count("article") == 3
    assert sorted(reader.pictures) == sorted(
        str(path.relative_to(tmp_path)) for path in (tmp_path / "pictures").iterdir()
    )
    assert "7 older alerts are no longer shown here" in (tmp_path / "index.html").read_text()


def test_a_new_run_takes_away_the_pictures_of_the_old_one(tmp_path: Path) -> None:
    PageAlerter(tmp_path).alert(_hit(), made_up_record())
    PageAlerter(tmp_path)
    assert list((tmp_path / "pictures").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"report page cannot be written.*name another folder"):
        PageAlerter(tmp_path / "file" / "report")


def test_only_who_keeps_the_watch_may_read_the_page_and_its_pictures(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        PageAlerter(tmp_path / "new").alert(_hit(), made_up_record())
    finally:
        os.umask(before)
    modes = {path.relative_to(tmp_path).as_posix(): _mode(path) for path in tmp_path.rglob("*")}
    assert modes.pop("new") == modes.pop("new/pictures") == 0o700
    assert set(modes) == {"new/index.html", "new/pictures/000001-listed.jpg", "new/pictures/000001-seen.jpg"}
    assert set(modes.values()) == {0o600}


def test_pictures_that_are_not_the_page_s_stay(tmp_path: Path) -> None:
    holiday = tmp_path / "pictures" / "2024-holiday.jpg"
    holiday.parent.mkdir()
    holiday.write_bytes(b"not ours")
    PageAlerter(tmp_path).alert(_hit(), made_up_record())
    assert holiday.read_bytes() == b"not ours"
