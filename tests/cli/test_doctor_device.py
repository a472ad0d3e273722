"""The doctor on what a device has beside its models: contact and lease, the age of its list, the pins of its board."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from lapel.alert import pins as board_pins
from lapel.alert.pins import Wires, worn
from lapel.config.profile import Pins, load_profile
from lapel.config.site import Device, Gps, ListFile, Site
from lapel.core.officer_view import Vitals, state_lines
from lapel.core.position import Fix, Position
from lapel.fakes.clock import FakeClock
from lapel.fakes.gallery import MODEL_SHA256 as MODEL
from lapel.fakes.gallery import made_up_entry, made_up_gallery
from lapel.health.clock import SystemClock
from lapel.store.contact import CONTACT, Contacts
from lapel.store.gallery import write_gallery
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.keys import FileKey
from lapel.store.lease_spent import LEASE
from lapel.wiring.doctor import Patient, Verdict, examine_given
from lapel.wiring.lent_keys import Lender
from lapel.wiring.local import LocalServer
from lapel.wiring.whereabouts import Told

TODAY = SystemClock().today()
LEASED = Site(Device("harbour", "cam-1"), watchlist=ListFile(lease_hours=24))


@pytest.fixture
def patient(state: Path) -> Patient:
    """A device with a state folder and a key, and nothing kept yet."""
    return Patient(load_profile("ci-video"), state, lambda: FileKey(state / "device.key"))


def found(name: str, patient: Patient) -> Verdict:
    return next(each for each in examine_given(patient, MODEL) if each.name == name)


def heard(state: Path, ago: timedelta) -> None:
    """There was contact so long ago, before this boot."""
    clock = FakeClock()
    clock.set_wall(datetime.now(UTC) - ago)
    Contacts(state, FileKey(state / "device.key"), clock).note()


def test_the_last_contact_is_said_with_what_is_left_of_the_lease(patient: Patient, state: Path) -> None:
    heard(state, timedelta(hours=3))
    contact = found("contact", replace(patient, site=LEASED))
    assert contact.is_fine
    assert contact.said.endswith("UTC, 3.0 h ago; 21.0 of 24 h of the lease are left")


@pytest.mark.parametrize("ago_h", [None, 25], ids=["never", "too long ago"])
def test_a_list_that_is_not_looked_for_for_want_of_contact_is_a_finding(
    ago_h: int | None, patient: Patient, state: Path
) -> None:
    if ago_h is not None:
        heard(state, timedelta(hours=ago_h))
    contact = found("contact", replace(patient, site=LEASED))
    assert not contact.is_fine
    assert "the list is not looked for; see that lapel link runs" in contact.said
    assert found("contact", patient).is_fine, "no lease needs no contact"


def test_the_doctor_leaves_nothing_in_a_state_folder(patient: Patient, state: Path) -> None:
    heard(state, timedelta(hours=1))
    list(examine_given(replace(patient, site=LEASED), MODEL))
    assert sorted(path.name for path in state.iterdir()) == [CONTACT, "device.key", LEASE]


@pytest.mark.parametrize(("left_days", "is_fine"), [(1, True), (0, False)])
def test_a_list_that_ends_during_the_next_night_shift_is_a_finding(
    left_days: int, is_fine: bool, patient: Patient, state: Path
) -> None:
    ends = TODAY + timedelta(days=left_days)
    gallery = made_up_gallery(TODAY - timedelta(days=10), (made_up_entry("crate-1", ends),))
    listed = replace(gallery, terms=replace(gallery.terms, expires=ends))
    path = state.parent / "list.lapel"
    write_gallery(path, listed, FileKey(state / "device.key"))
    watchlist = found("watchlist", replace(patient, watchlist=path, watchlist_keys=patient.keys))
    assert watchlist.is_fine is is_fine
    assert ("10 days ago" if is_fine else "expires today") in watchlist.said


@pytest.mark.parametrize(("ago_days", "is_fine"), [(30, True), (31, False)])
def test_a_list_that_is_as_old_as_alarms_the_officer_is_a_finding(
    ago_days: int, is_fine: bool, patient: Patient, state: Path
) -> None:
    path = state.parent / "list.lapel"
    write_gallery(path, made_up_gallery(TODAY - timedelta(days=ago_days)), FileKey(state / "device.key"))
    watchlist = found("watchlist", replace(patient, watchlist=path, watchlist_keys=patient.keys))
    assert watchlist.is_fine is is_fine
    assert f"{ago_days} days ago" in watchlist.said
    assert ("more than 30; see that lapel link runs, or import the newest" in watchlist.said) is not is_fine
    assert [line.is_bad for line in state_lines(Vitals(list_days=ago_days)) if line.name == "List made"] != [is_fine]


def wired(patient: Patient) -> Patient:
    return replace(patient, profile=replace(patient.profile, pins=Pins(17, 18, -1, 5, 6)))


def test_pins_that_can_be_had_are_named_and_let_go(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    board = MockFactory()
    monkeypatch.setattr(board_pins, "_board", lambda: board)
    for _ in range(2):
        pins = found("pins", wired(patient))
        assert (pins.is_fine, pins.said) == (
            True,
            "light on GPIO 17, motor on GPIO 18, yes on GPIO 5, no on GPIO 6 can be had",
        )
    assert {each.state for number in (17, 18) for each in board.pin(number).states} == {False}


def test_pins_of_a_lookout_that_runs_are_its_own_and_no_finding(
    patient: Patient, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = MockFactory()
    monkeypatch.setattr(board_pins, "_board", lambda: board)
    with worn(Wires(17), lambda: 0.0, board):
        with SealedJournal(state / JOURNAL, FileKey(state / "device.key"), SystemClock()):
            held = found("pins", wired(patient))
            assert (held.is_fine, held.said) == (
                True,
                f"held by the lookout (process {os.getpid()} keeps its journal)",
            )
        assert "end what holds it" in found("pins", wired(patient)).said, "it is no lookout"
        with closing(Lender(state)):
            held = found("pins", wired(patient))
            assert (held.is_fine, held.said) == (True, "held by the lookout, which does not watch yet")


@pytest.mark.skipif(Path("/dev/gpiochip0").exists(), reason="this board has pins")
def test_pins_that_this_board_does_not_have_are_a_finding(patient: Patient) -> None:
    assert not found("pins", wired(patient)).is_fine


def test_a_profile_without_pins_hears_nothing_of_them(patient: Patient) -> None:
    assert "pins" not in {each.name for each in examine_given(patient, MODEL)}


def test_a_gps_relay_is_examined_where_the_site_has_a_receiver(patient: Patient, tmp_path: Path) -> None:
    here = replace(patient, site=Site(Device("harbour", "cam-1"), gps=Gps(tmp_path / "fix.sock")))
    absent = found("gps", here)
    assert (absent.is_fine, absent.said.endswith("no GPS relay answers; systemctl start lapel-gps")) == (False, True)
    for told, is_fine, said in (
        (Told(Fix(Position(51.2, 4.4), 3.0, 8.5), {}), True, "fix 3 s old, to 8 m"),
        (Told(None, {}), True, "no fix yet; under a roof there may be none"),
        (Told(None, {}, "gpsd does not answer"), False, "gpsd does not answer"),
    ):
        with closing(LocalServer(tmp_path / "fix.sock", lambda message, uid, told=told: told.encoded(), 100)):
            assert found("gps", here) == Verdict("gps", is_fine, said)
