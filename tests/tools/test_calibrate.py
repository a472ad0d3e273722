"""``lapel-admin calibrate``: a list is held to a budget, or refused."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from footage import write_picture
from lapel.cli.main import main as lapel
from lapel.config.profile import load_profile
from lapel.core.calibrate import WATCHING, mark_of
from lapel.core.calibration import Impostor, Load, plan
from lapel.core.gallery import Gallery
from lapel.core.tail import MISS, poisson_upper
from lapel.fakes.gallery import made_up_gallery
from lapel.store.gallery import read_gallery
from lapel.store.keys import FileKey
from lapel.wiring.seeing import open_seeing
from lapel_tools.calibrate.decoys import FEWEST, with_decoys, without_decoys
from lapel_tools.calibrate.measure import files_of
from lapel_tools.calibrate.shipped import FIRST_SEED
from lapel_tools.cli.calibrate import lines_of
from lapel_tools.cli.main import main
from lapel_tools.synth.things import render

LISTED, ANOTHER, CODE = 7, 8, "SN-47110815"
TERMS = ["--purpose", "lost", "--case", "C-1", "--authority", "Court", "--label", "Thing"]
SHOWN = ["--things", "200"]


class Desk:
    def __init__(self, folder: Path) -> None:
        self.folder, self.watchlist, self.key = folder, folder / "list.lapel", folder / "list.key"
        self.files = ["--watchlist", str(self.watchlist), "--key-file", str(self.key)]

    def enrol(self, seed: int) -> None:
        photo = write_picture(self.folder / f"{seed}.png", render(seed).pixels)
        self._enrol("--id", f"thing-{seed}", "--quick", str(photo))

    def enrol_code(self, code: str) -> None:
        self._enrol("--id", code, "--code", code)

    def _enrol(self, *what: str) -> None:
        until = (datetime.now(UTC).date() + timedelta(days=60)).isoformat()
        assert main(["enrol", *what, *self.files, "--expires", until, *TERMS]) == 0

    def calibrate(self, *more: str) -> int:
        return main(["calibrate", *self.files, *(more or SHOWN)])

    def gallery(self) -> Gallery:
        return read_gallery(self.watchlist, FileKey(self.key))


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A list of one thing and of one code, calibrated once: measuring takes seconds."""
    made = Desk(tmp_path_factory.mktemp("desk"))
    made.enrol(LISTED)
    made.enrol_code(CODE)
    assert made.calibrate() == 0
    return made


@pytest.fixture
def desk(measured: Desk, tmp_path: Path) -> Desk:
    """A copy of the calibrated list."""
    made = Desk(tmp_path)
    shutil.copy(measured.watchlist, made.watchlist)
    shutil.copy(measured.key, made.key)
    return made


def test_a_calibrated_list_has_a_rate_with_its_interval_over_what_has_pictures_and_decoys(desk: Desk) -> None:
    gallery = desk.gallery()
    found, expected = gallery.calibration, gallery.expected()
    assert found is not None
    assert expected is not None
    assert (found.episodes, found.entries, found.version) == (200, 1, gallery.terms.version)
    assert found.rule == mark_of(WATCHING)
    assert expected.at_least_per_hour <= expected.per_hour <= found.budget_per_hour
    assert expected.per_hour < expected.at_most_per_hour
    assert len(gallery.decoys) == FEWEST


def test_it_is_told_what_the_count_alone_supports() -> None:
    load = Load(1, "a yard", ("crate-1",), frozenset(), episodes_per_hour=11_300.0, budget_per_hour=1e-8)
    planned = plan(tuple(Impostor("crate-1", 0.02 * (number % 5)) for number in range(200)), load)
    told = lines_of(Path("list.lapel"), made_up_gallery(date(2026, 3, 1)), planned, is_written=True)
    assert (
        "by the count alone: 0 of 200 reached it, which supports no more than at most 170 an hour (95%, one-sided)"
        in told
    )


def test_a_bound_below_one_an_hour_is_not_told_as_none() -> None:
    load = Load(1, "a yard", ("crate-1",), frozenset(), episodes_per_hour=20.0, budget_per_hour=1.0)
    planned = plan((Impostor("crate-1", 0.02),) * 400, load)
    told = lines_of(Path("list.lapel"), made_up_gallery(date(2026, 3, 1)), planned, is_written=True)
    assert "0 of 400 reached it, which supports no more than at most 0.15 an hour" in "\n".join(told)


def test_calibrating_again_lists_no_decoy_twice(desk: Desk) -> None:
    seeing = open_seeing(load_profile("ci-video"))
    again = with_decoys(desk.gallery(), seeing, 0.05)
    assert again.entries == desk.gallery().entries


def test_decoys_can_be_taken_off(desk: Desk) -> None:
    assert [entry.id for entry in without_decoys(desk.gallery()).entries] == [f"thing-{LISTED}", CODE]


def test_codes_ask_for_no_decoys(desk: Desk) -> None:
    gallery = desk.gallery()
    (listed,) = (entry for entry in gallery.entries if entry.id == CODE)
    codes = tuple(replace(listed, id=f"code-{n}", codes=(f"SN-{n:05}",)) for n in range(300))
    made = with_decoys(
        replace(gallery, entries=(*gallery.entries, *codes)), open_seeing(load_profile("ci-video")), 0.05
    )
    assert len(made.decoys) == FEWEST


def test_enrolling_makes_the_calibration_stale_and_verify_says_so(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.enrol(ANOTHER)
    assert desk.gallery().expected() is None
    assert lapel(["watchlist", "verify", str(desk.watchlist), "--key-file", str(desk.key)]) == 1
    assert "was changed since it was calibrated" in capsys.readouterr().out


def test_a_dry_run_tells_a_machine_and_writes_nothing(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    before = desk.watchlist.read_bytes()
    assert desk.calibrate(*SHOWN, "--dry-run", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["decoys"] == FEWEST
    assert told["at_least_per_hour"] <= told["per_hour"] <= told["at_most_per_hour"]
    counted = told["episodes_per_hour"] * poisson_upper(told["reached"], MISS) / told["episodes"]
    assert told["counted_at_most_per_hour"] == pytest.approx(counted)
    assert desk.watchlist.read_bytes() == before


@pytest.mark.long  # a minute
def test_a_list_that_breaks_the_budget_is_refused_and_the_entry_is_named(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """The site's scenes are full of the listed thing, which stands for a look-alike of it."""
    site = desk.folder / "site"
    site.mkdir()
    for number in range(100):
        write_picture(site / f"{number}.png", render(LISTED, view=1 + number).pixels)
    before = desk.watchlist.read_bytes()
    assert desk.calibrate("--scene", str(site)) == 5
    said = capsys.readouterr().err
    assert "breaks the budget of 1 false alert in 8 hours" in said
    assert f"thing-{LISTED}" in said
    assert desk.watchlist.read_bytes() == before


def test_of_a_folder_every_picture_that_enrolment_takes_is_shown_and_other_files_are_counted(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    for name in ("1.jpg", "2.JPEG", "3.png", "4.webp", "below/5.bmp", "6.txt", "below/7.tiff"):
        (tmp_path / name).touch()
    pictures, passed_over = files_of(tmp_path)
    assert [path.name for path in pictures] == ["1.jpg", "2.JPEG", "3.png", "4.webp", "5.bmp"]
    assert passed_over == 2


def test_scenes_that_show_too_little_are_refused(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    site = desk.folder / "site"
    site.mkdir()
    write_picture(site / "one.png", render(FIRST_SEED).pixels)
    assert desk.calibrate("--scene", str(site)) == 2
    assert "at least 200 are needed; give more pictures, or a longer clip" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", [("--budget", "0"), ("--shift-hours", "-1"), ("--decoys", "80"), ("--scene", "nowhere")]
)
def test_a_wrong_argument_is_named_with_its_remedy(
    desk: Desk, capsys: pytest.CaptureFixture[str], wrong: tuple[str, str]
) -> None:
    assert desk.calibrate(*wrong) == 2
    assert f"{wrong[0]} " in capsys.readouterr().err
