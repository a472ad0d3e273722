"""The lapel-admin command, on the committed models."""

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from footage import write_picture
from lapel.cli.main import parser_of
from lapel.core.gallery import Gallery
from lapel.store.gallery import read_gallery
from lapel.store.keys import FileKey
from lapel.store.lock import WriterLock
from lapel_tools.cli.main import LAPEL_ADMIN, main
from lapel_tools.synth.things import render

TERMS = {"--label": "Green crate", "--purpose": "stolen", "--case": "2026-0412", "--authority": "District court"}


def in_days(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


class Desk:
    """A folder with a watchlist, its key, and pictures to enrol."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.watchlist = folder / "list.lapel"
        self.key = folder / "list.key"

    def photo(self, seed: int, view: int = 0) -> Path:
        return write_picture(self.folder / f"{seed}-{view}.png", render(seed, view).pixels)

    def enrol(self, *photos: Path, entry: str = "crate-17", expires: str | None = None, **more: str) -> int:
        return self.enrol_with(["--quick"], *photos, entry=entry, expires=expires, **more)

    def enrol_with(
        self, flags: list[str], *photos: Path, entry: str = "crate-17", expires: str | None = None, **more: str
    ) -> int:
        terms = {**TERMS, "--id": entry, "--expires": expires or in_days(90), **more}
        options = [part for pair in terms.items() for part in pair]
        files = ["--watchlist", str(self.watchlist), "--key-file", str(self.key)]
        return main(["enrol", *map(str, photos), *files, *options, *flags])

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    def gallery(self) -> Gallery:
        return read_gallery(self.watchlist, FileKey(self.key))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_every_command_of_the_table_can_be_loaded_and_explains_itself() -> None:
    for name in LAPEL_ADMIN.commands:
        assert parser_of(LAPEL_ADMIN, name).description


def test_an_unknown_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["enroll"]) == 2
    assert capsys.readouterr().err == "lapel-admin: enroll: no such command; did you mean enrol?\n"


def test_a_new_watchlist_is_sealed_with_a_new_private_key_and_that_is_said(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.enrol(desk.photo(0), desk.photo(0, 1)) == 0
    said = capsys.readouterr()
    assert f"{desk.key}: new key" in said.err
    assert f"{desk.watchlist}: made, version 1: 1 entries, 2 pictures" in said.out
    assert stat.S_IMODE(desk.key.stat().st_mode) == 0o600
    assert [entry.id for entry in desk.gallery().entries] == ["crate-17"]
    assert len(desk.gallery().references) == 2


def test_a_watchlist_is_extended_and_keeps_its_old_entries(desk: Desk) -> None:
    assert desk.enrol(desk.photo(0)) == 0
    before = desk.gallery()
    assert desk.enrol(desk.photo(4), entry="label-4") == 0
    after = desk.gallery()
    assert [entry.id for entry in after.entries] == ["crate-17", "label-4"]
    assert after.references[0].picture == before.references[0].picture
    assert after.terms.version == 2


def test_nothing_changes_when_the_third_of_three_pictures_is_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.enrol(desk.photo(0)) == 0
    before = desk.watchlist.read_bytes()
    blurred = np.asarray(cv2.GaussianBlur(render(5).pixels, (0, 0), 6), np.uint8)
    bad = write_picture(desk.folder / "blurred.png", blurred)
    assert desk.enrol(desk.photo(2), desk.photo(4), bad, entry="other") == 5
    assert "blurred.png: blurred" in capsys.readouterr().err
    assert desk.watchlist.read_bytes() == before


def test_a_first_list_that_is_refused_leaves_neither_list_nor_key(desk: Desk) -> None:
    assert desk.enrol(desk.photo(0), desk.folder / "absent.png") == 2
    assert not desk.watchlist.exists()
    assert not desk.key.exists()


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"--expires": in_days(-1)}, 5, "has passed"),
        ({"--expires": in_days(366)}, 5, "more than 365 days ahead"),
        ({"--expires": "tomorrow"}, 2, "--expires tomorrow: not a day; write it as YYYY-MM-DD"),
        ({"--expires": "20261225"}, 2, "--expires 20261225: not a day; write it as YYYY-MM-DD"),
        ({"--expires": "2026-W50-1"}, 2, "--expires 2026-W50-1: not a day; write it as YYYY-MM-DD"),
        ({"--case": ""}, 5, "--case is empty"),
        ({"--code": "ABC-1234"}, 5, "built like a licence plate"),
        ({"--outline": "5,5,5,9"}, 2, "the box is empty"),
        ({"--outline": "a,b"}, 2, "give four whole numbers"),
        ({"--profile": "ci-vidoe"}, 3, "no such profile"),
        ({"--kind": "person"}, 2, "invalid choice: 'person'"),
    ],
)
def test_wrong_terms_are_one_line_and_an_exit_code(
    changes: dict[str, str], code: int, message: str, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.enrol(desk.photo(0), **changes) == code
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("lapel-admin: ")]
    assert len(lines) == 1
    assert message in lines[0]
    assert not desk.watchlist.exists()


@pytest.mark.parametrize(("place", "message"), [("absent/list", "there is no folder"), (".", "is a folder")])
def test_a_place_where_no_list_can_be_leaves_no_key_behind(
    place: str, message: str, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.watchlist = desk.folder / place
    assert desk.enrol(desk.photo(0)) == 2
    assert message in capsys.readouterr().err
    assert not desk.key.exists()


def test_an_entry_without_an_expiry_is_refused(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    options = [part for pair in TERMS.items() for part in pair]
    files = ["--watchlist", str(desk.watchlist), "--key-file", str(desk.key)]
    assert main(["enrol", str(desk.photo(0)), *files, "--id", "x", *options]) == 5
    assert "x: --expires is missing; nothing is listed for ever" in capsys.readouterr().err


def test_an_entry_of_codes_alone_needs_no_picture(desk: Desk) -> None:
    assert desk.enrol(**{"--code": "WTU123456789"}) == 0
    assert desk.gallery().entries[0].codes == ("WTU123456789",)
    assert desk.gallery().references == ()


def test_an_isbn_may_be_given_as_printed_and_on_two_entries(desk: Desk) -> None:
    assert desk.enrol(entry="first", **{"--code": "978-3-16-148410-0"}) == 0
    assert desk.enrol(entry="second", **{"--code": "ISBN 3-16-148410-X"}) == 0
    assert dict(desk.gallery().codes) == {"9783161484100": (0, 1)}


def test_a_list_that_another_enrolment_is_writing_is_left_to_it(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    lock = WriterLock(desk.watchlist)
    try:
        assert desk.enrol(desk.photo(0)) == 4
    finally:
        lock.release()
    assert f"process {os.getpid()} is writing it; let that one end, and enrol again" in capsys.readouterr().err
    assert not desk.watchlist.exists()
    assert not desk.key.exists()
    assert desk.enrol(desk.photo(0)) == 0


def test_a_list_is_not_opened_with_a_key_that_was_lost(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.enrol(desk.photo(0)) == 0
    desk.key.unlink()
    assert desk.enrol(desk.photo(4), entry="other") == 3
    assert "no such key file" in capsys.readouterr().err
    assert not desk.key.exists()


def test_everything_that_is_thought_comes_as_json_too(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.enrol_with(["--json"], desk.photo(0), desk.photo(0, 1)) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["entry"], answer["version"], answer["verdict"]) == ("crate-17", 1, "distinct")
    assert answer["found"]["held_out"]
    assert answer["false"]["tried"] == 24
    assert [picture["verdict"] for picture in answer["pictures"]] == ["usable", "usable"]
    assert all(len(picture["tries"]) == 11 for picture in answer["pictures"])


def test_refused_pictures_are_told_of_as_json_and_on_the_page(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    page = desk.folder / "page.html"
    assert desk.enrol_with(["--json", "--html", str(page)], desk.photo(0), desk.folder / "absent.png") == 2
    answer = json.loads(capsys.readouterr().out)
    assert answer["version"] is None
    assert [picture["verdict"] for picture in answer["pictures"]] == ["usable", "refused"]
    assert "1 of 2 pictures are refused" in page.read_text()
    assert not desk.watchlist.exists()


def test_a_quick_enrolment_lists_without_trying_out(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.enrol_with(["--quick", "--json"], desk.photo(0)) == 0
    assert "found" not in json.loads(capsys.readouterr().out)
    assert desk.watchlist.exists()


def test_a_dry_run_of_a_new_list_makes_neither_list_nor_key(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    photo = desk.photo(0)
    before = desk.files()
    assert desk.enrol_with(["--dry-run"], photo) == 0
    assert "would be made, version 1: 1 entries, 1 pictures" in capsys.readouterr().out
    assert desk.files() == before


def test_a_dry_run_changes_no_byte_and_writes_the_page_alone(desk: Desk) -> None:
    assert desk.enrol(desk.photo(0)) == 0
    photo, page = desk.photo(0, 1), desk.folder / "page.html"
    before = desk.files()
    assert desk.enrol_with(["--dry-run", "--html", str(page)], photo, entry="twin") == 0
    after = desk.files()
    assert "entry crate-17 looks the same" in after.pop("page.html").decode()
    assert after == before


def test_a_dry_run_refuses_what_an_enrolment_refuses(desk: Desk) -> None:
    assert desk.enrol(desk.photo(0)) == 0
    before = desk.watchlist.read_bytes()
    assert desk.enrol_with(["--dry-run"], desk.photo(0, 1), **{"--label": "Another"}) == 5
    assert desk.enrol_with(["--dry-run"], desk.photo(0, 1), **{"--case": ""}) == 5
    assert desk.watchlist.read_bytes() == before


@pytest.mark.parametrize(("place", "message"), [("absent/p.html", "there is no folder"), (".", "is a folder")])
def test_a_place_where_no_page_can_be_leaves_neither_list_nor_key(
    place: str, message: str, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.enrol_with(["--html", str(desk.folder / place)], desk.photo(0)) == 2
    assert message in capsys.readouterr().err
    assert not desk.watchlist.exists()
    assert not desk.key.exists()


def test_pictures_of_people_are_refused_by_the_committed_models(
    kit: Path, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    for picture in sorted((kit / "faces" / "coco").glob("*.jpg")):
        assert desk.enrol(picture) == 5, picture
        assert "Lapel looks for things only" in capsys.readouterr().err
    assert not desk.watchlist.exists()


def test_the_help_of_evaluate_shows_a_kits_layout_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert '  detection/boxes.json   {"images": [{"file": FILE}]}' in lines
