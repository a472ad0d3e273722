"""The hazard list: what it says is cited, and a panel or a sign in view leads to it."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from footage import write_picture
from lapel.config.profile import load_profile
from lapel.core.adr import HAZARDS, is_valid
from lapel.core.gallery import Gallery, Terms
from lapel.core.listing import flaws
from lapel.core.things import Entry, Kind, Pixels
from lapel.fakes.alerter import RecordingAlerter
from lapel.fakes.journal import MemoryJournal
from lapel.health.clock import SystemClock
from lapel.health.meters import Meters
from lapel.infer.pictograms import signs
from lapel.store.gallery import read_gallery
from lapel.store.keys import FileKey
from lapel.wiring.lookout import Orders, build_lookout
from lapel.wiring.seeing import Seeing, open_seeing
from lapel_tools.cli.main import main
from lapel_tools.enrol.enrolment import extend_gallery
from lapel_tools.enrol.parts import enrolment_tools
from lapel_tools.hazards.listing import ListingTerms, hazard_entries, with_hazards
from lapel_tools.hazards.substances import guides, hazard_numbers, substances
from lapel_tools.synth.numbers import panel_face
from lapel_tools.synth.scene import Side, backdrop, photographed, placed
from lapel_tools.synth.sign_scenes import render_sign

TODAY = SystemClock().today()
TERMS = ListingTerms("fire service", "standing order", TODAY + timedelta(days=100))


@pytest.fixture(scope="module")
def seeing() -> Seeing:
    return open_seeing(load_profile("ci-video"))


@pytest.fixture(scope="module")
def hazards(seeing: Seeing) -> Gallery:
    return with_hazards(None, "hazards", TERMS, enrolment_tools(seeing, TODAY))


def panel_scene(number: str, view: int) -> Pixels:
    """A panel with that number, nearly straight on, on a drawn backdrop."""
    random = np.random.default_rng([view, 9])
    left, top = 380 + 20 * view, 200 + 10 * view
    corners = np.array([[left, top], [left + 240, top + 8], [left + 240, top + 188], [left, top + 180]], np.float32)
    scene, _ = placed(backdrop(random, 720, 1280), (Side(panel_face(random, number), corners),))
    return photographed(scene, random)


def alerts_of(gallery: Gallery, seeing: Seeing, folder: Path, *scenes: Pixels) -> list[tuple[Entry, str]]:
    """What a watch over these pictures, a second apart, alerts to, and the code that it read."""
    for place, pixels in enumerate(scenes):
        write_picture(folder / f"{place}.png", pixels)
    alerter, clock = RecordingAlerter(), SystemClock()
    orders = Orders(str(folder), Path(), Path(), is_live=False, console=False)
    profile = load_profile("ci-video")
    journal = MemoryJournal(clock)
    build_lookout(profile, orders, seeing, gallery, journal, alerter, Meters(), clock).keep_watch()
    return [(alert.hit.entry, alert.hit.code) for alert in alerter.alerts]


def test_every_substance_has_a_name_numbers_that_exist_a_guide_and_three_sources() -> None:
    assert len({s.un for s in substances()}) == len(substances()) > 200
    for s in substances():
        assert s.name == s.name.strip()
        assert any(letter.isupper() for letter in s.name)
        assert s.hazards
        assert all(is_valid(f"{hazard}/{s.un}") for hazard in s.hazards)
        assert s.sources == ("ADR", "CFR", "ERG")


def test_every_hazard_number_of_adr_has_its_meaning() -> None:
    assert set(hazard_numbers()) == HAZARDS


def test_every_guide_is_used_and_says_how_far_to_keep_away() -> None:
    assert {s.guide.number for s in substances()} == set(guides())
    assert all(" m" in guide.isolate and " m" in guide.fire for guide in guides().values())


@pytest.mark.parametrize(
    ("un", "hazard", "guide", "name"),
    [
        ("1203", "33", "128", "MOTOR SPIRIT or GASOLINE or PETROL"),
        ("1202", "30", "128", "GAS OIL or DIESEL FUEL or HEATING OIL, LIGHT"),
        ("1005", "268", "125", "AMMONIA, ANHYDROUS"),
        ("1017", "265", "124", "CHLORINE"),
        ("1830", "80", "137", "SULPHURIC ACID with more than 51% acid"),
        ("1073", "225", "122", "OXYGEN, REFRIGERATED LIQUID"),
        ("1428", "X423", "138", "SODIUM"),
    ],
)
def test_well_known_substances_are_as_the_agreement_has_them(un: str, hazard: str, guide: str, name: str) -> None:
    (found,) = [s for s in substances() if s.un == un]
    assert (hazard in found.hazards, found.guide.number, found.name) == (True, guide, name)


def test_every_entry_of_the_hazard_list_cites_and_says_what_to_do() -> None:
    for entry in hazard_entries(TERMS):
        assert any(source in entry.check for source in ("ERG 2024, guide", "ADR 5.")), entry.id
        assert len(entry.check) <= 400, entry.id


def test_the_hazard_list_may_be_used_as_a_watchlist(hazards: Gallery) -> None:
    assert flaws(hazards) == ()
    assert len(hazards.entries) == len(signs()) + len(substances()) + len(HAZARDS)


def test_a_thing_whose_id_looks_like_a_hazard_stays_listed(seeing: Seeing) -> None:
    tools = enrolment_tools(seeing, TODAY)
    lamp = Entry("hazard-lamp", "Lamp", Kind.OTHER, "stolen", "C-1", "Court", TERMS.expires, codes=("SN-1",))
    listed = Gallery(Terms("list", 1, TODAY, TERMS.expires), tools.model_sha256, (lamp,), ())
    assert with_hazards(listed, "list", TERMS, tools).entry("hazard-lamp") == lamp


def test_a_panel_of_ones_own_and_the_hazard_s_both_alert_whichever_was_listed_first(seeing: Seeing) -> None:
    tools = enrolment_tools(seeing, TODAY)
    tanker = Entry("tanker", "Stolen tanker", Kind.VEHICLE, "stolen", "C-1", "Court", TERMS.expires, codes=("33/1203",))
    listed = Gallery(Terms("list", 1, TODAY, TERMS.expires), tools.model_sha256, (tanker,), ())
    before = with_hazards(listed, "list", TERMS, tools)
    after = extend_gallery(
        with_hazards(None, "list", TERMS, tools), tanker, (), list_id="", model_sha256=tools.model_sha256, today=TODAY
    )
    for both in (before, after):
        assert {both.entry_at(number).id for number in both.codes["33/1203"]} == {"tanker", "hazard-un-1203"}


def test_listing_hazards_again_renews_them(hazards: Gallery, seeing: Seeing) -> None:
    later = ListingTerms("fire service", "standing order", TODAY + timedelta(days=200))
    renewed = with_hazards(hazards, "hazards", later, enrolment_tools(seeing, TODAY))
    assert renewed.terms.version == hazards.terms.version + 1
    assert [entry.id for entry in renewed.entries] == [entry.id for entry in hazards.entries]
    assert {entry.expires for entry in renewed.entries} == {later.expires}
    assert len(renewed.references) == len(hazards.references)


def test_a_panel_in_view_leads_to_an_alert_that_names_the_substance_and_cites(
    hazards: Gallery, seeing: Seeing, tmp_path: Path
) -> None:
    scenes = [panel_scene("33/1203", view) for view in range(3)]
    ((entry, code),) = alerts_of(hazards, seeing, tmp_path, *scenes)
    assert (entry.label, code) == ("UN 1203 MOTOR SPIRIT or GASOLINE or PETROL", "33/1203")
    assert entry.check.startswith("Keep people 50 m away")
    assert "ERG 2024, guide 128" in entry.check
    assert "ADR" in entry.check


@pytest.mark.parametrize("number", ["33/1200", "33/1202"])
def test_a_panel_whose_substance_is_not_listed_with_it_is_told_as_unknown(
    number: str, hazards: Gallery, seeing: Seeing, tmp_path: Path
) -> None:
    scenes = [panel_scene(number, view) for view in range(3)]
    ((entry, code),) = alerts_of(hazards, seeing, tmp_path, *scenes)
    assert code == number
    assert entry.label == "Orange panel 33: highly flammable liquid; substance unknown"


def test_a_panel_with_a_hazard_number_that_does_not_exist_leads_to_nothing(
    hazards: Gallery, seeing: Seeing, tmp_path: Path
) -> None:
    assert alerts_of(hazards, seeing, tmp_path, *(panel_scene("31/1203", view) for view in range(3))) == []


def test_a_sign_in_view_leads_to_an_alert(hazards: Gallery, seeing: Seeing, tmp_path: Path) -> None:
    (oxidizing,) = [sign for sign in signs() if sign.id == "sign-flame-over-circle"]
    scenes = [render_sign(oxidizing.pictograms[0], view, 0.3).pixels for view in (1, 2)]
    ((entry, code),) = alerts_of(hazards, seeing, tmp_path, *scenes)
    assert entry.id == "hazard-sign-flame-over-circle"
    assert code in ("", "sign:flame-over-circle")  # by how it looks, or as a sign: whichever was sure first


def test_the_command_makes_a_list_and_then_extends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    watchlist, key = tmp_path / "h.lapel", tmp_path / "h.key"
    words = ["hazards", "--watchlist", str(watchlist), "--key-file", str(key), "--authority", "fire service"]
    assert main(words) == 0
    assert f"12 signs, {len(substances())} substances, 97 hazard numbers" in capsys.readouterr().out
    assert main(words) == 0
    assert read_gallery(watchlist, FileKey(key), None).terms.version == 2


def test_a_day_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["hazards", "--watchlist", str(tmp_path / "h.lapel"), "--key-file", str(tmp_path / "k")]
    assert main([*words, "--authority", "a", "--expires", "2026-13-01"]) == 2
    assert "write it as YYYY-MM-DD" in capsys.readouterr().err
