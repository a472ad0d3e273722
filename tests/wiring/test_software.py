"""Software comes only from whom a device trusts, goes only forwards, and never leaves a device without any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from lapel.core.software import Release
from lapel.errors import ConfigError, UpdateRefused, UsageError
from lapel.store.releases import release_target
from software_rig import Rig, a_package


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def why_refused(rig: Rig) -> str:
    """Why it was; version 1 stays, and the refusal waits to be recorded."""
    with pytest.raises(UpdateRefused) as caught:
        rig.take()
    assert rig.installer.version == "1"
    assert rig.told()[-1] == ("refused", caught.value.why)
    what = dict(rig.shelf.read().happened[-1].event().facts)["what"]
    assert what == f"software refused: {caught.value.why}"
    return caught.value.why


def test_what_two_administrators_signed_is_installed_and_noted(rig: Rig) -> None:
    rig.offer("2")
    rig.take()
    assert (rig.installer.version, rig.shelf.read().previous, rig.told()) == ("2", "1", [("applied", "")])


def test_software_that_one_alone_signed_is_refused(rig: Rig) -> None:
    rig.offer("2", by=("alice",))
    assert why_refused(rig) == "signatures"


def test_software_of_a_stranger_is_refused(rig: Rig) -> None:
    rig.offer("2", by=("alice", "mallory"))
    assert why_refused(rig) == "signatures"


def test_software_of_another_authority_is_refused(rig: Rig) -> None:
    release = rig.offer("2")
    rig.authority = replace(rig.authority, names=("alice", "bob", "mallory"), files={}, versions={})
    rig.authority.targets = {release_target(release).path: release_target(release)}
    rig.authority.rotate(("mallory", "eve", "trudy"), by=("mallory", "eve"))
    rig.authority.publish(by=("mallory", "eve"))
    rig.carry()
    assert why_refused(rig) == "signatures"


def test_whoever_signs_lists_follows_a_rotation_in_software_too(rig: Rig) -> None:
    rig.authority.rotate(("alice", "bob", "dora"))
    rig.offer("2", by=("bob", "dora"))
    rig.take()
    assert rig.installer.version == "2"


def test_an_older_version_is_refused_however_well_it_is_signed(rig: Rig) -> None:
    rig.offer("0")
    assert why_refused(rig) == "rollback"


def test_the_stick_of_last_week_is_refused(rig: Rig) -> None:
    rig.offer("2")
    last_week = dict(rig.authority.files)
    rig.offer("3")
    rig.updates.fetch(rig.stick)
    rig.authority.files = last_week
    rig.carry()
    assert why_refused(rig) == "rollback"


def test_a_stick_that_is_out_of_date_is_refused(rig: Rig) -> None:
    rig.offer("2")
    rig.authority.later(days=30)
    assert why_refused(rig) == "frozen"


def test_software_for_other_machines_is_refused(rig: Rig) -> None:
    rig.offer("2", "amd64")
    assert why_refused(rig) == "architecture"


def test_a_stick_without_software_is_refused(rig: Rig) -> None:
    rig.carry()
    assert why_refused(rig) == "missing"


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "tampered"),
        (lambda data: data[:-1], "tampered"),
        (lambda data: data + b"more", "oversize"),
    ],
)
def test_a_package_that_was_changed_is_refused(rig: Rig, spoil: Callable[[bytes], bytes], why: str) -> None:
    path = rig.stick.package(rig.offer("2").sha256)
    assert path is not None
    path.write_bytes(spoil(path.read_bytes()))
    assert why_refused(rig) == why
    assert [path.name for path in rig.shelf.path.glob("*.deb")] == [f"{rig.shelf.read().packages[0].sha256}.deb"]


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b"x"), lambda path: path.unlink()])
def test_a_package_that_went_bad_here_is_not_installed_and_fetched_anew(
    rig: Rig, spoil: Callable[[Path], object]
) -> None:
    release = rig.offer("2")
    rig.updates.fetch(rig.stick)
    spoil(rig.shelf.package(release))
    with pytest.raises(UpdateRefused, match="lapel update fetch FOLDER"):
        rig.updates.apply()
    assert rig.installer.version == "1"
    rig.take()
    assert rig.installer.version == "2"


def test_what_is_fetched_and_not_applied_makes_room_for_what_is_fetched_next(rig: Rig) -> None:
    for version in "234":
        rig.offer(version)
        rig.updates.fetch(rig.stick)
    assert [each.version for each in rig.shelf.read().packages] == ["1", "4"]
    assert len(list(rig.shelf.path.glob("*.deb"))) == 2


def test_a_package_that_is_not_on_the_stick_is_missing(rig: Rig) -> None:
    path = rig.stick.package(rig.offer("2").sha256)
    assert path is not None
    path.unlink()
    assert why_refused(rig) == "missing"


@pytest.mark.parametrize(
    ("package", "why"),
    [
        (lambda folder: a_package(folder / "x.deb", "3"), "mixed"),
        (lambda folder: a_package(folder / "x.deb", "2", "amd64"), "mixed"),
        (lambda folder: a_package(folder / "x.deb", "2", name="openssh-server"), "malformed"),
    ],
)
def test_a_package_that_is_another_than_its_signers_were_told_is_refused(
    rig: Rig, package: Callable[[Path], Path], why: str
) -> None:
    file = package(rig.folder)
    release = Release("arm64", "2", sha256(file.read_bytes()).hexdigest(), file.stat().st_size)
    rig.offer("2")
    rig.authority.targets = {release_target(release).path: release_target(release)}
    rig.stick.put_package(release.sha256, file)
    rig.authority.publish()
    rig.carry()
    assert why_refused(rig) == why


@pytest.mark.parametrize("failing", ["unready", "broken"])
def test_what_does_not_become_ready_is_put_back_and_not_tried_again_unasked(rig: Rig, failing: str) -> None:
    setattr(rig.installer, failing, {"2"})
    rig.offer("2")
    with pytest.raises(UpdateRefused, match=r"cannot be installed|did not become ready.*; 1 was put back") as caught:
        rig.take()
    assert (caught.value.why, rig.installer.version) == ("failed", "1")
    assert [outcome for outcome, _ in rig.told()] == ["put back"]
    with pytest.raises(UpdateRefused, match="--again tries it once more"):
        rig.updates.apply()
    setattr(rig.installer, failing, ())
    rig.updates.apply(again=True)
    assert rig.installer.version == "2"


def test_a_newer_one_is_taken_after_one_was_put_back(rig: Rig) -> None:
    rig.installer.unready = {"2"}
    rig.offer("2")
    with pytest.raises(UpdateRefused):
        rig.take()
    rig.offer("3")
    rig.take()
    assert (rig.installer.version, rig.shelf.read().previous) == ("3", "1")


def test_an_update_that_could_not_be_taken_back_is_not_begun(rig: Rig) -> None:
    rig.shelf.write(replace(rig.shelf.read(), packages=()))
    rig.offer("2")
    with pytest.raises(UsageError, match="lapel update keep"):
        rig.take()
    assert rig.installer.version == "1"


def test_the_version_before_comes_back_on_request_and_the_newer_stays_away(rig: Rig) -> None:
    rig.offer("2")
    rig.take()
    rig.updates.roll_back("no alerts since")
    assert (rig.installer.version, rig.told()[-1]) == ("1", ("rolled back", "no alerts since"))
    rig.updates.fetch(rig.stick)
    with pytest.raises(UpdateRefused, match="was put back here before"):
        rig.updates.apply()


def test_what_somebody_installed_by_hand_keeps_no_update_from_being_taken(rig: Rig) -> None:
    rig.offer("2")
    rig.updates.fetch(rig.stick)
    rig.installer.version = "2"
    with pytest.raises(UsageError, match="nothing newer was fetched"):
        rig.updates.apply()
    rig.offer("3")
    rig.take()
    assert (rig.installer.version, rig.told()) == ("3", [("applied", "")])


def test_only_what_is_installed_can_be_kept_to_go_back_to(rig: Rig) -> None:
    with pytest.raises(UsageError, match="is 2 for arm64, and 1 is installed"):
        rig.updates.keep(a_package(rig.folder / "2.deb", "2"))


def test_another_authority_is_not_trusted_over_the_first(rig: Rig) -> None:
    with pytest.raises(ConfigError, match="is trusted already"):
        rig.updates.trust(rig.authority.pinned)


def test_what_happened_is_told_until_it_is_recorded(rig: Rig) -> None:
    rig.offer("2")
    rig.take()
    (what,) = rig.shelf.read().happened
    rig.updates.recorded(what)
    assert [each.is_recorded for each in rig.shelf.read().happened] == [True]
