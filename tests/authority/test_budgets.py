"""A list with pictures is proposed when it is known to keep its budget of false alerts; whoever signs is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from authority_desk import TERMS, Desk
from lapel.core.gallery import Gallery
from lapel.errors import Refused
from lapel.fakes.gallery import made_up_calibration, made_up_entry, made_up_gallery
from lapel_tools.authority.budget import budget_of, check_held

TODAY = datetime.now(UTC).date()
UNCALIBRATED = made_up_gallery(TODAY, (made_up_entry("crate-1", TODAY),))
STALE = replace(UNCALIBRATED, calibration=made_up_calibration(version=UNCALIBRATED.terms.version - 1))
OF_OTHER_RULE = replace(
    UNCALIBRATED, calibration=replace(made_up_calibration(version=UNCALIBRATED.terms.version), rule="")
)
KEPT = replace(UNCALIBRATED, calibration=made_up_calibration(version=UNCALIBRATED.terms.version))
ABOVE = replace(
    KEPT, calibration=replace(made_up_calibration(version=UNCALIBRATED.terms.version), budget_per_hour=0.0125)
)
OF_CODES = replace(UNCALIBRATED, entries=(replace(UNCALIBRATED.entries[0], codes=("4006381333931",)),), references=())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An authority with one device."""
    desk = Desk(tmp_path_factory.mktemp("budgets")).founded()
    assert desk.device() == 0
    return desk


@pytest.mark.parametrize(
    ("gallery", "said"),
    [
        (UNCALIBRATED, "not known: it was not calibrated as it is; calibrate it by lapel-admin calibrate"),
        (STALE, "changed since it was calibrated; not known to keep its budget of 1 in 8 hours; calibrate it"),
        (OF_OTHER_RULE, "calibrated by another version of Lapel; not known to keep its budget of 1 in 8 hours"),
        (ABOVE, "about 1 in 20 hours, 1 in 2.5 hours to 1 in 100 hours (95%)"),
        (ABOVE, "ABOVE its budget of 1 in 80 hours; calibrate it by lapel-admin calibrate"),
    ],
)
def test_a_list_not_known_to_keep_its_budget_is_refused_with_rate_budget_and_remedy(
    gallery: Gallery, said: str
) -> None:
    with pytest.raises(Refused, match=r"^list springfield: false alerts: ") as refused:
        check_held("springfield", budget_of(gallery.preface, len(gallery.references)))
    assert said in str(refused.value)


def test_a_budget_that_is_used_up_is_kept_however_the_sum_was_rounded() -> None:
    used_up = replace(made_up_calibration(version=KEPT.terms.version), per_hour=0.1 + 0.2, budget_per_hour=0.3)
    assert used_up.per_hour > used_up.budget_per_hour
    check_held("springfield", budget_of(replace(KEPT, calibration=used_up).preface, 1))


def test_a_list_of_another_rule_stays_so_when_it_is_proposed_and_whoever_signs_is_told(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.propose_held("alice", OF_OTHER_RULE, *TERMS, "--replace") == 5
    assert desk.propose("alice", OF_OTHER_RULE, *TERMS, "--replace") == 0
    capsys.readouterr()
    assert desk.sign("bob", "--dry-run", "--json") == 0
    facts = json.loads(capsys.readouterr().out)["lists"][0]["false_alerts"]
    assert (facts["held"], facts["per_hour"]) == ("calibrated by another version of Lapel", None)


def test_a_list_of_codes_alone_is_asked_nothing(desk: Desk) -> None:
    assert desk.propose_held("alice", OF_CODES, *TERMS, "--replace") == 0


def test_proposing_a_calibrated_list_again_does_not_make_it_stale(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    for gallery in (KEPT, None):
        assert desk.propose_held("alice", gallery, *TERMS, "--replace") == 0
        assert "within its budget of 1 in 8 hours" in capsys.readouterr().out
        assert [desk.sign("bob"), desk.publish()] == [0, 0]
        assert "    false alerts: about 1 in 20 hours" in capsys.readouterr().out


def test_a_stale_list_is_refused_and_by_a_flag_proposed_of_which_whoever_signs_is_told(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert desk.propose_held("alice", STALE, *TERMS, "--replace") == 5
    line = "false alerts: how often this list is wrong is not known"
    assert f"list springfield: {line}" in capsys.readouterr().err
    assert desk.propose("alice", STALE, *TERMS, "--replace") == 0
    assert line in capsys.readouterr().out
    page = desk.folder / "page.html"
    assert desk.sign("bob", "--dry-run", "--html", str(page)) == 0
    assert f"  ! {line}" in capsys.readouterr().out
    assert line in (text := page.read_text(encoding="utf-8"))
    assert "Budget of false alerts: changed since it was calibrated" in text
    assert desk.sign("bob", "--dry-run", "--json") == 0
    facts = json.loads(capsys.readouterr().out)["lists"][0]["false_alerts"]
    assert (facts["held"], facts["per_hour"], facts["budget_per_hour"]) == (
        "changed since it was calibrated",
        None,
        0.125,
    )
