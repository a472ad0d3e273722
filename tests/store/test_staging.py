"""A device takes a list that was signed for it, whole, or keeps the one it had: every attack is a test."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fakes.authority import Authority
from lapel.core.gallery import Gallery
from lapel.core.manifest import Page
from lapel.core.updates import LARGEST_MESSAGE_BYTES
from lapel.errors import ConfigError, LapelError, UpdateRefused, UsageError, WrongKey
from lapel.fakes.gallery import made_up_calibration
from lapel.fakes.keys import FixedKey
from lapel.store.pinning import pin
from lapel.store.staging import Taken, take_list, take_metadata, withdraw_held
from lapel.store.trust import Trust, read_trust
from published_rig import TODAY, Camera, Lists, another_key, answers, crates


def why(camera: Camera, **given: object) -> str:
    """Why an update is refused; the list that was there must stay as it was."""
    before = camera.files()
    with pytest.raises(UpdateRefused) as caught:
        camera.take(**given)  # type: ignore[arg-type]
    after = camera.files()
    assert after["watchlist.lapel"] == before["watchlist.lapel"]
    assert after.keys() == before.keys()
    return caught.value.why


def test_a_list_signed_by_two_is_taken_with_all_it_says(camera: Camera, lists: Lists) -> None:
    lists.publish(crates(5, calibration=made_up_calibration(version=2), decoys=frozenset({"crate-4"})), 2)
    taken = camera.take()
    assert (taken.is_new, taken.entries, taken.held.version) == (True, 5, 2)
    assert camera.listed() == {f"crate-{n}" for n in range(5)}


def test_the_same_list_again_is_not_written_again(camera: Camera) -> None:
    before = camera.files()["watchlist.lapel"]
    assert camera.take().is_new is False
    assert camera.files()["watchlist.lapel"] == before


def test_a_device_that_was_away_for_a_month_gets_the_newest_version_alone(camera: Camera, lists: Lists) -> None:
    for version in range(2, 8):
        lists.publish(crates(version), version)
        lists.authority.later(days=5)
    lists.authority.publish()
    taken = camera.take()
    assert (taken.held.version, camera.listed()) == (7, {f"crate-{n}" for n in range(7)})


def test_a_list_with_one_signature_is_refused(camera: Camera, lists: Lists) -> None:
    lists.publish(crates(5), 2, by=("alice",))
    assert why(camera) == "signatures"


def test_a_list_signed_with_a_foreign_key_is_refused(camera: Camera, lists: Lists) -> None:
    lists.publish(crates(5), 2, by=("alice", "mallory"))
    assert why(camera) == "signatures"


def test_a_list_signed_by_a_revoked_administrator_is_refused(camera: Camera, lists: Lists) -> None:
    lists.authority.rotate(("alice", "bob", "dora"))
    lists.authority.publish(withdrawn_by=("dora",))
    camera.take()
    lists.publish(crates(5), 2, by=("bob", "carol"))
    assert why(camera) == "signatures"


def test_the_whole_publication_of_yesterday_is_refused(camera: Camera, lists: Lists) -> None:
    yesterday = dict(lists.authority.files)
    lists.publish(crates(5), 2)
    camera.take()
    lists.authority.files = yesterday
    assert why(camera) == "rollback"


def test_an_older_version_of_a_list_signed_anew_is_refused(camera: Camera, lists: Lists) -> None:
    lists.publish(crates(5), 2)
    camera.take()
    lists.publish(crates(3), 1)
    assert why(camera) == "rollback"


def test_a_publication_that_nobody_renewed_is_refused_and_the_list_stays(camera: Camera, lists: Lists) -> None:
    assert why(camera, clock=lists.authority.now + timedelta(days=8)) == "frozen"
    assert camera.listed() == {"crate-0", "crate-1", "crate-2"}


def test_a_clock_set_back_does_not_revive_what_has_expired(camera: Camera, lists: Lists) -> None:
    held_back = dict(lists.authority.files)
    lists.authority.later(days=6)
    lists.authority.publish()
    camera.take(clock=lists.authority.now + timedelta(days=3))
    lists.authority.files = held_back | {"timestamp.json": held_back["timestamp.json"]}
    assert why(camera, clock=lists.authority.now - timedelta(days=365)) == "frozen"


def test_metadata_of_two_publications_is_refused(camera: Camera, lists: Lists) -> None:
    first = lists.authority.files["2.targets.json"]
    lists.publish(crates(5), 2)
    lists.authority.files["3.targets.json"] = first
    assert why(camera) == "mixed"


def test_the_manifest_of_another_list_is_refused(camera: Camera, lists: Lists) -> None:
    lists.publish_bytes("springfield", lists.manifest_of(crates(5), 2, list_id="rail").encoded())
    assert why(camera) == "mixed"


def test_a_tampered_or_missing_manifest_is_refused(camera: Camera, lists: Lists) -> None:
    lists.publish(crates(5), 2)
    (name,) = {t.hashes["sha256"] for t in lists.authority.targets.values()}
    data = lists.manifests.pop(name)
    assert why(camera) == "missing"
    lists.manifests[name] = data.replace(b"stolen", b"looted")
    assert why(camera) == "tampered"
    lists.manifests[name] = data[:-1]
    assert why(camera) == "tampered"


def test_a_tampered_or_missing_chunk_is_refused_whichever_it_is(camera: Camera, lists: Lists) -> None:
    had = set(lists.chunks)
    lists.publish(crates(5), 2)
    for name in sorted(set(lists.chunks) - had):
        data = lists.chunks.pop(name)
        assert why(camera) == "missing"
        lists.chunks[name] = bytes([data[0] ^ 1]) + data[1:]
        assert why(camera) == "tampered"
        lists.chunks[name] = data
    assert camera.take().is_new


def test_a_list_made_by_other_models_is_refused(camera: Camera, lists: Lists) -> None:
    lists.publish(crates(5, model_sha256="ef" * 32), 2)
    assert why(camera) == "model"


def test_a_list_for_another_group_is_refused(camera: Camera, lists: Lists) -> None:
    lists.publish(crates(5), 2, groups=("rail",))
    assert why(camera) == "group"


def test_a_list_that_is_not_sealed_for_this_device_is_refused(camera: Camera, lists: Lists) -> None:
    lists.devices["cam-1"] = another_key()
    lists.publish(crates(5), 2)
    assert why(camera) == "key"
    del lists.devices["cam-1"]
    lists.publish(crates(5), 3)
    assert why(camera) == "key"


def test_a_manifest_larger_than_a_message_is_refused(camera: Camera, lists: Lists) -> None:
    lists.publish_bytes("springfield", lists.manifest_of(crates(5), 2).encoded() + b" " * LARGEST_MESSAGE_BYTES)
    assert why(camera) == "oversize"


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 50_000,
        b"{}",
        b"\x1f\x8b" + bytes(1000),
        b'{"format":1,"pages":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b'{"format":1,"entries":' + b"9" * 4000 + b"}",
    ],
    ids=["nested", "empty", "gzip", "pages", "number"],
)
def test_a_manifest_built_like_a_bomb_is_refused(camera: Camera, lists: Lists, data: bytes) -> None:
    lists.publish_bytes("springfield", data)
    assert why(camera) == "malformed"


def test_a_manifest_that_claims_more_than_its_pages_hold_is_refused(camera: Camera, lists: Lists) -> None:
    lists.publish(crates(5), 2, entries=2_000_000, references=2_000_000)
    assert why(camera) == "malformed"
    page = lists.manifest_of(crates(5), 3).pages[0]
    lists.publish(crates(5), 4, pages=(page,) * 512)
    assert why(camera) in {"key", "malformed", "tampered"}
    lists.publish(crates(5), 5, pages=(Page("ab" * 32, LARGEST_MESSAGE_BYTES),))
    assert why(camera) == "missing"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"created": TODAY - timedelta(days=3650)}, "dates"),
        ({"expires": TODAY.replace(year=9999)}, "dates"),
        ({"created": TODAY + timedelta(days=1), "not_before": TODAY + timedelta(days=1)}, "dates"),
        ({"created": TODAY - timedelta(days=40), "expires": TODAY - timedelta(days=1)}, "dates"),
        ({"not_before": TODAY + timedelta(days=1)}, "early"),
    ],
    ids=str,
)
def test_a_list_at_no_time_is_refused(camera: Camera, lists: Lists, changes: dict[str, object], reason: str) -> None:
    lists.publish(crates(5), 2, **changes)
    assert why(camera) == reason


def test_a_list_that_has_expired_is_refused(camera: Camera, lists: Lists) -> None:
    lists.publish(crates(5), 2, expires=TODAY + timedelta(days=5))
    lists.authority.later(days=6)
    lists.authority.publish()
    assert why(camera) == "expired"


def test_a_list_begins_on_its_first_day(camera: Camera, lists: Lists) -> None:
    lists.publish(crates(5), 2, not_before=TODAY + timedelta(days=2))
    assert why(camera) == "early"
    lists.authority.later(days=2)
    assert camera.take().is_new


def test_what_one_withdrew_is_gone_from_the_list_that_is_held(camera: Camera, lists: Lists) -> None:
    lists.withdraw("crate-1")
    assert camera.take().withdrawn == ("crate-1",)
    assert camera.listed() == {"crate-0", "crate-2"}


def test_a_kill_after_the_list_was_written_and_before_its_record_leaves_that_to_be_made(
    camera: Camera, lists: Lists
) -> None:
    lists.withdraw("crate-1")
    trust, _ = take_metadata(camera.device, camera.trust(), lists, lists.authority.now)
    withdraw_held(camera.device, trust)
    assert camera.listed() == {"crate-0", "crate-2"}
    assert camera.take().withdrawn == ("crate-1",)
    assert camera.take().withdrawn == ()


def test_a_withdrawal_acts_although_the_list_beside_it_is_refused(camera: Camera, lists: Lists) -> None:
    lists.publish(crates(5, model_sha256="ef" * 32), 2)
    lists.withdraw("crate-1")
    with pytest.raises(UpdateRefused):
        camera.take()
    assert camera.listed() == {"crate-0", "crate-2"}


@pytest.mark.parametrize("version", [1, 2])
def test_a_damaged_list_is_made_good_by_the_next_import(camera: Camera, lists: Lists, version: int) -> None:
    path = camera.device.state / "watchlist.lapel"
    path.write_bytes(path.read_bytes()[:-100])
    lists.withdraw("crate-1")
    lists.publish(crates(3), version)
    assert camera.take().is_new
    assert camera.listed() == {"crate-0", "crate-2"}


def test_a_list_withdrawn_as_a_whole_looks_for_nothing(camera: Camera, lists: Lists) -> None:
    lists.withdraw("")
    assert (camera.take().withdrawn, camera.listed()) == (("",), set())


def test_what_was_withdrawn_is_not_in_a_list_whose_signers_did_not_know(camera: Camera, lists: Lists) -> None:
    lists.withdraw("crate-1")
    lists.publish(crates(5), 2, settled=0)
    assert camera.take().withdrawn == ("crate-1",)
    assert "crate-1" not in camera.listed()


def test_what_was_withdrawn_comes_back_by_a_list_whose_signers_knew(camera: Camera, lists: Lists) -> None:
    lists.withdraw("crate-1")
    camera.take()
    lists.publish(crates(5), 2, settled=1)
    camera.take()
    assert "crate-1" in camera.listed()


def test_one_administrator_cannot_take_the_withdrawal_of_another_back(camera: Camera, lists: Lists) -> None:
    lists.withdraw("crate-1")
    camera.take()
    lists.authority.withdrawn = ()
    lists.publish(crates(5), 2)
    camera.take()
    assert "crate-1" not in camera.listed()


def test_a_withdrawal_of_another_list_changes_nothing(camera: Camera, lists: Lists) -> None:
    lists.withdraw("crate-1", list_id="rail")
    assert camera.take().withdrawn == ()


def test_a_list_that_does_not_answer_is_not_swapped_in(camera: Camera, lists: Lists) -> None:
    def mute(gallery: Gallery) -> None:
        raise LapelError("does not answer")

    lists.publish(crates(5), 2)
    trust = read_trust(camera.device.state, camera.keys)
    assert trust is not None
    trust, published = take_metadata(camera.device, trust, lists, lists.authority.now)
    with pytest.raises(LapelError):
        take_list(camera.device, trust, published, lists, mute)
    assert camera.listed() == {"crate-0", "crate-1", "crate-2"}
    assert not [name for name in camera.files() if name.endswith(".new")]


def test_a_withdrawal_that_comes_while_a_list_is_unpacked_is_not_in_it(camera: Camera, lists: Lists) -> None:
    def told(listed: object) -> None:
        if not lists.authority.withdrawn:
            lists.withdraw("crate-4")
            take_metadata(camera.device, trusted(), lists, lists.authority.now)

    def trusted() -> Trust:
        trust = read_trust(camera.device.state, camera.keys)
        assert trust is not None
        return trust

    lists.publish(crates(5), 2)
    trust, published = take_metadata(camera.device, trusted(), lists, lists.authority.now)
    _, taken = take_list(camera.device, trust, published, lists, told, current=lambda: nullcontext(trusted()))
    assert (taken.entries, taken.withdrawn) == (4, ("crate-4",))
    assert camera.listed() == {"crate-0", "crate-1", "crate-2", "crate-3"}
    assert camera.told() == {(1, "crate-4")}


def test_of_several_lists_for_a_group_one_must_be_named(tmp_path: Path, lists: Lists) -> None:
    camera = Camera(tmp_path, lists)
    for name in ("harbour", "rail"):
        lists.publish(replace(crates(2), terms=replace(crates(2).terms, list_id=name)))
    with pytest.raises(UpdateRefused, match="name one by --list"):
        camera.take()
    taken = camera.take(list_id="rail")
    assert taken.held.list_id == "rail"
    assert camera.take().is_new is False


OF_OTHERS = "5" * 64
"""What describes pictures in another version."""


def of_others(list_id: str, count: int) -> Gallery:
    """A list that other models described."""
    gallery = crates(count, model_sha256=OF_OTHERS)
    return replace(gallery, terms=replace(gallery.terms, list_id=list_id))


def test_of_two_lists_for_a_group_a_device_takes_the_one_that_its_models_described(
    tmp_path: Path, lists: Lists
) -> None:
    camera = Camera(tmp_path, lists)
    lists.publish(of_others("anew", 4))
    lists.publish(crates(3))
    assert camera.take().held.list_id == "springfield"
    assert why(camera, list_id="anew") == "model"


@pytest.mark.parametrize("take", [Camera.take, Camera.receive])
def test_a_device_with_new_models_goes_over_to_the_list_that_they_described(
    camera: Camera, lists: Lists, take: Callable[[Camera], Taken]
) -> None:
    lists.publish(of_others("anew", 4))
    assert take(camera).held.list_id == "springfield"
    camera.device = replace(camera.device, model_sha256=OF_OTHERS)
    assert (take(camera).held.list_id, len(camera.listed())) == ("anew", 4)
    lists.publish(of_others("anew", 5), 2)
    assert (take(camera).held.version, len(camera.listed())) == (2, 5)


def test_a_device_whose_list_is_described_anew_in_its_place_is_refused_it_and_keeps_the_one_before(
    camera: Camera, lists: Lists
) -> None:
    lists.publish(of_others("springfield", 4), 2)
    assert why(camera) == "model"
    lists.publish(crates(5, terms=replace(crates(5).terms, list_id="as-before")))
    assert (camera.take().held.list_id, len(camera.listed())) == ("as-before", 5)


def test_a_list_that_is_not_published_any_more_is_refused(camera: Camera, lists: Lists) -> None:
    lists.authority.targets.clear()
    lists.authority.publish()
    assert why(camera) == "missing"


def test_what_is_trusted_is_sealed_and_opened_with_the_devices_key_alone(camera: Camera) -> None:
    trust = read_trust(camera.device.state, camera.keys)
    assert trust is not None
    sealed = camera.files()["trust.sealed"]
    assert trust.private.hex().encode() not in sealed
    with pytest.raises(WrongKey):
        read_trust(camera.device.state, FixedKey(b"another"))


def test_another_authority_is_not_trusted_beside_the_first(camera: Camera) -> None:
    with pytest.raises(ConfigError):
        pin(camera.device.state, Lists().authority.pinned, "cam-1", "patrol", camera.keys)


@pytest.mark.parametrize("root", [b"", b"{}", b"[" * 50_000])
def test_what_is_no_root_cannot_be_trusted(tmp_path: Path, root: bytes) -> None:
    with pytest.raises(UsageError):
        pin(tmp_path, root, "cam-1", "patrol", FixedKey())
    assert list(tmp_path.iterdir()) == []


def test_a_root_signed_by_one_cannot_be_trusted(tmp_path: Path) -> None:
    authority = Authority()
    authority.put_root(authority.root, by=("alice",))
    with pytest.raises(UsageError):
        pin(tmp_path, authority.pinned, "cam-1", "patrol", FixedKey())


def test_a_list_that_was_unpacked_slowly_does_not_replace_a_newer_one(camera: Camera, lists: Lists) -> None:
    lists.publish(crates(3), 2)
    before = read_trust(camera.device.state, camera.keys)
    assert before is not None
    trust, published = take_metadata(camera.device, before, lists, lists.authority.now)
    offered = replace(lists, manifests=dict(lists.manifests), chunks=dict(lists.chunks))
    lists.publish(crates(1), 3)
    camera.take()  # by another way, while the one before is unpacked

    def now() -> Trust:
        trusted = read_trust(camera.device.state, camera.keys)
        assert trusted is not None
        return trusted

    with pytest.raises(UpdateRefused):
        take_list(camera.device, trust, published, offered, answers, current=lambda: nullcontext(now()))
    assert camera.listed() == {"crate-0"}
