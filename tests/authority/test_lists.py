"""A list is proposed by one, seen and signed by another, and what was withdrawn does not come back unseen."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from authority_desk import TERMS, Desk
from lapel.core.gallery import Gallery
from lapel.core.manifest import Manifest
from lapel.fakes.gallery import made_up_calibration, made_up_entry, made_up_gallery
from lapel.store.keys import PassphraseKey
from lapel_tools.authority import drafted
from lapel_tools.authority.administrators import open_administrator
from lapel_tools.authority.folder import AuthorityFolder
from lapel_tools.authority.lists import published_list
from lapel_tools.authority.opened import Opened

TODAY = datetime.now(UTC).date()
GALLERY = replace(
    made_up_gallery(TODAY - timedelta(days=3), tuple(made_up_entry(f"crate-{n}", TODAY) for n in range(6))),
    calibration=made_up_calibration(),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A published list of six crates, for one device. Not to be changed: copy it."""
    desk = Desk(tmp_path_factory.mktemp("lists")).founded()
    desk.device()
    return desk.published(GALLERY, *TERMS)


@pytest.fixture
def desk(made: Desk, tmp_path: Path) -> Desk:
    """A copy of it."""
    shutil.copytree(made.folder, tmp_path / "copy")
    desk = Desk(tmp_path / "copy")
    desk.keys |= made.keys
    return desk


def opened(desk: Desk, name: str = "carol") -> Opened:
    administrator = open_administrator(desk.folder / f"{name}.key", PassphraseKey.from_file(desk.passphrase))
    found = published_list(AuthorityFolder(desk.dir), "springfield", administrator)
    assert found is not None
    return found


def without(gallery: Gallery, *ids: str) -> Gallery:
    entries = tuple(entry for entry in gallery.entries if entry.id not in ids)
    return replace(gallery, entries=entries, references=tuple(r for r in gallery.references if r.entry_id not in ids))


def test_the_published_list_says_on_which_terms(made: Desk) -> None:
    manifest: Manifest = opened(made).manifest
    assert (manifest.version, manifest.purpose, manifest.authority, manifest.groups) == (
        1,
        "stolen crates",
        "court",
        ("patrol",),
    )
    assert (manifest.created, manifest.expires) == (TODAY, TODAY + timedelta(days=90))


def test_a_lease_is_shown_to_whoever_signs_and_stays_until_another_is_set(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.published(None, "--lease-hours", "72")
    assert "lease_hours: 0 → 72" in capsys.readouterr().out
    desk.published(None, "--days", "30")
    assert opened(desk).manifest.lease_hours == 72
    desk.published(None, "--lease-hours", "0")
    assert opened(desk).manifest.lease_hours == 0
    assert desk.propose("alice", None, "--lease-hours", "2161") == 2
    assert "--lease-hours 2161: give 0, for none, to 2160" in capsys.readouterr().err


def test_whoever_signs_sees_what_is_added_removed_and_changed(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    changed = without(GALLERY, "crate-3")
    added = made_up_entry("crate-9", TODAY + timedelta(days=9))
    entries = (replace(changed.entries[0], purpose="found again"), *changed.entries[1:], added)
    assert desk.propose("alice", replace(changed, entries=entries)) == 0
    capsys.readouterr()
    page = desk.folder / "page.html"
    assert desk.sign("bob", "--dry-run", "--html", str(page)) == 0
    shown = capsys.readouterr().out
    assert "1 added, 1 removed, 1 changed, of 6 entries" in shown
    assert "  - crate-3: crate crate-3 (box)" in shown
    assert "  + crate-9: crate crate-9 (box); find stolen goods; case C-17" in shown
    assert "  ~ crate-0: purpose: find stolen goods → found again" in shown
    text = page.read_text(encoding="utf-8")
    assert text.count("data:image/jpeg;base64,") == 4
    assert "<script" not in text


def test_whoever_signs_sees_which_devices_come_and_go(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.device("cam-2")
    assert desk.propose("alice", None) == 0
    capsys.readouterr()
    desk.sign("bob", "--dry-run")
    assert "  + may open it: device/cam-2, key " in capsys.readouterr().out


def test_one_who_proposes_and_signs_twice_cannot_publish(desk: Desk) -> None:
    assert [desk.propose("alice", GALLERY), desk.sign("alice"), desk.publish()] == [0, 0, 5]


def test_what_was_withdrawn_stays_out_of_a_file_made_before(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.withdraw("carol", "--list", "springfield", "--entry", "crate-2", "--reason", "given back")
    desk.published(GALLERY)
    assert "left out: crate-2, withdrawn by carol: given back" in capsys.readouterr().out
    assert "crate-2" not in {entry.id for entry in opened(desk).gallery.entries}
    desk.published(GALLERY)
    assert "crate-2" not in {entry.id for entry in opened(desk).gallery.entries}


def test_what_was_withdrawn_comes_back_where_the_signer_sees_it(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.withdraw("carol", "--list", "springfield", "--entry", "crate-2", "--reason", "given back")
    desk.propose("alice", GALLERY, "--lift")
    capsys.readouterr()
    desk.sign("bob")
    assert "! comes back: crate-2, withdrawn by carol" in capsys.readouterr().out
    desk.publish()
    desk.published(GALLERY)
    assert "crate-2" in {entry.id for entry in opened(desk).gallery.entries}


def test_a_list_withdrawn_as_a_whole_is_not_proposed_unasked(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.withdraw("carol", "--list", "springfield", "--reason", "the court said so")
    assert desk.propose("alice", GALLERY) == 5
    assert "withdrawn as a whole" in capsys.readouterr().err
    assert desk.propose("alice", GALLERY, "--lift") == 0


def test_a_list_is_proposed_again_for_another_term_with_its_calibration(desk: Desk) -> None:
    desk.published(None, "--days", "20")
    found = opened(desk)
    assert (found.manifest.version, found.manifest.expires) == (2, TODAY + timedelta(days=20))
    assert found.gallery.expected() is not None


def test_an_unchanged_list_moves_no_entry(desk: Desk) -> None:
    before = set(AuthorityFolder(desk.dir).public.chunks())
    desk.published(GALLERY)
    manifest = opened(desk).manifest
    new = set(AuthorityFolder(desk.dir).public.chunks()) - before
    assert new == {page.sha256 for page in (*manifest.pages, *manifest.keys)}


def test_a_revoked_device_has_no_key_of_the_next_version(desk: Desk) -> None:
    desk.device("cam-2")
    desk.published(None)
    assert desk.revoke("cam-1") == 0
    desk.published(None)
    assert [each.name for each in opened(desk).recipients if each.name.startswith("device/")] == ["device/cam-2"]


def test_an_administrator_who_goes_takes_the_secret_of_no_later_list_along(desk: Desk) -> None:
    secret = opened(desk, "alice").secret
    desk.rotate("--remove", "carol", "--add", str(desk.public("dora")))
    assert [desk.sign("alice"), desk.sign("bob"), desk.publish()] == [0, 0, 0]
    desk.published(None)
    found = opened(desk, "dora")
    assert found.secret != secret
    assert "administrator/carol" not in {each.name for each in found.recipients}


def test_an_administrator_who_came_just_now_sees_all_of_a_proposal(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.rotate("--remove", "carol", "--add", str(desk.public("dora")))
    assert [desk.sign("alice"), desk.sign("bob"), desk.publish()] == [0, 0, 0]
    desk.propose("alice", None)
    capsys.readouterr()
    assert desk.sign("dora") == 0
    assert "you may not open what is published so far" in capsys.readouterr().out


def test_a_proposal_whose_chunk_was_changed_cannot_be_signed(desk: Desk) -> None:
    desk.propose("alice", replace(GALLERY, entries=(replace(GALLERY.entries[0], label="x"), *GALLERY.entries[1:])))
    for path in (desk.dir / "proposal" / "chunks").glob("*/*"):
        path.write_bytes(path.read_bytes()[:-1] + b"\0")
    assert desk.sign("bob") == 5


def test_a_list_that_would_lift_withdrawals_to_come_is_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lapel_tools.authority.lists.newest_serial", lambda withdrawals: 10**6)
    desk.propose("alice", GALLERY)
    assert desk.sign("bob") == 5
    assert "would lift withdrawals that are to come" in capsys.readouterr().err


@pytest.mark.parametrize("is_long", [False, True])
def test_what_stays_as_it_was_is_judged_by_the_new_dates(
    is_long: bool, desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lapel_tools.cli.propose.now", lambda: datetime.now(UTC) + timedelta(days=400))
    assert desk.propose("alice", None) == 2
    assert "entry 'crate-" in capsys.readouterr().err
    monkeypatch.setattr("lapel_tools.authority.lists.Inspection.flaws_of", lambda *given: iter(()))
    assert desk.propose("alice", None) == 0
    monkeypatch.undo()
    monkeypatch.setattr("lapel_tools.authority.differing._MOST_JUDGED_AGAIN", 5 if is_long else 6)
    assert desk.sign("bob") == (0 if is_long else 5)
    said = capsys.readouterr()
    assert ("are not opened again; devices refuse the list if one of them ended" in said.out) is is_long
    assert ("entry 'crate-" in said.err) is not is_long


def test_nobody_signs_dates_that_every_device_refuses(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def backwards(**given: object) -> Manifest:
        return Manifest(**given | {"not_before": TODAY + timedelta(days=91)})  # type: ignore[arg-type]

    monkeypatch.setattr("lapel_tools.authority.lists.Manifest", backwards)
    assert desk.propose("alice", GALLERY) == 0
    assert desk.sign("bob") == 5
    assert "out of order; do not sign it" in capsys.readouterr().err


def test_a_refused_proposal_leaves_nothing(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.propose("alice", GALLERY, "--group", "rail") == 2
    assert "--group rail: no device is of it" in capsys.readouterr().err
    left = sorted(path.name for path in desk.dir.iterdir() if path.suffix != ".lock")
    assert left == ["devices.json", "online.key", "public"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--days", "0"), "--days 0"),
        (("--days", "366"), "--days 366"),
        (("--not-before", "2020-01-01"), "--not-before 2020-01-01"),
        (("--list-id", "two words"), "--list-id: 'two words'"),
    ],
)
def test_a_list_on_impossible_terms_is_a_usage_error(
    desk: Desk, options: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.propose("alice", GALLERY, *options) in {2, 3}
    assert said in capsys.readouterr().err


def test_a_first_list_without_a_purpose_is_a_usage_error(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.propose("alice", GALLERY, "--list-id", "other") == 2
    assert "--purpose is missing" in capsys.readouterr().err


@pytest.mark.parametrize("purpose", ["a\nb", "x" * 1001, "   "])
def test_a_purpose_that_no_manifest_may_state_is_not_proposed(
    desk: Desk, purpose: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.propose("alice", None, "--purpose", purpose) == 2
    assert "give one line of 1 to 1000 characters that say something" in capsys.readouterr().err
    assert not (desk.dir / "proposal").exists()


def test_proposing_speaks_json(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    desk.propose("alice", GALLERY, "--json")
    assert json.loads(capsys.readouterr().out)["version"] == 2


def test_whoever_proposes_is_told_how_long_the_list_is_and_what_of_it_is_new(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.propose("alice", GALLERY, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert 0 < said["new_bytes"] < said["bytes"]
    assert desk.propose("alice", None, "--replace") == 0
    assert f"{said['bytes'] / 2**20:.1f} MiB, {said['bytes'] / 6 / 1024:.1f} KiB an entry" in capsys.readouterr().out


def test_a_list_that_is_too_long_by_its_keys_alone_is_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert desk.propose("alice", GALLERY, "--json") == 0
    length = json.loads(capsys.readouterr().out.splitlines()[-1])["bytes"]
    shutil.rmtree(desk.dir / "proposal")
    monkeypatch.setattr(drafted, "LARGEST_LIST_BYTES", length - 1)  # keys are put last
    assert desk.propose("alice", GALLERY) == 2
    assert "list springfield: is 1 MiB long with 6 entries" in capsys.readouterr().err
    assert not (desk.dir / "proposal").exists()


def test_a_list_that_no_device_would_take_is_refused_with_its_length(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafted, "LARGEST_LIST_BYTES", 1 << 20)
    references = tuple(replace(each, picture=bytes(60_000) + each.picture) for each in GALLERY.references * 2)
    assert desk.propose("alice", replace(GALLERY, references=references)) == 2
    said = capsys.readouterr().err
    assert "list springfield: is 2 MiB long with 6 entries and 24 pictures, and devices take at most" in said
    assert "divide it, or list fewer pictures of each thing" in said
    assert not (desk.dir / "proposal").exists()


def test_a_list_that_was_made_elsewhere_with_a_code_of_a_person_is_not_proposed(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    licence = replace(GALLERY.entries[0], codes=("ANSI 636026080102DLDAQD12345678",))
    assert desk.propose("alice", replace(GALLERY, entries=(licence, *GALLERY.entries[1:]))) == 2
    said = capsys.readouterr().err
    assert "entry 'crate-0': its code 1 is a driving licence (AAMVA); take it off the list" in said
    assert "D12345678" not in said
