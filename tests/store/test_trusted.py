"""Nothing published is believed that was not signed by enough, is not the newest, or does not belong together."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tuf.api.metadata import Metadata, TargetFile, Timestamp

from fakes.authority import NOON, Authority, an_administrator
from lapel.core.updates import LARGEST_MESSAGE_BYTES, Floors
from lapel.core.withdrawals import Withdrawal
from lapel.errors import UpdateRefused
from lapel.store.trusted import MADE, WITHDRAWALS, Published, verified

LIST = TargetFile(3, {"sha256": "ab" * 32}, "springfield")
CRATE = Withdrawal(1, "springfield", "crate-1", "given back", "carol", "2026-03-01T12:00:00+00:00")


def take(authority: Authority, before: Published | None = None, clock: datetime | None = None) -> Published:
    root, floors = (before.root, before.floors) if before else (authority.pinned, Floors())
    return verified(root, floors, authority.fetch, clock or authority.now)


def refusal(authority: Authority, before: Published | None = None, clock: datetime | None = None) -> tuple[str, str]:
    with pytest.raises(UpdateRefused) as caught:
        take(authority, before, clock)
    assert caught.value.exit_code == 5
    return caught.value.why, str(caught.value)


def a_list(authority: Authority) -> None:
    authority.targets = {LIST.path: LIST}


def test_what_two_of_three_signed_is_taken_with_the_versions_it_has() -> None:
    authority = Authority()
    a_list(authority)
    authority.publish(by=("bob", "carol"))
    found = take(authority)
    assert found.targets.targets == {"springfield": LIST}
    assert found.floors == Floors(NOON, 2, 2, 2, 2)


def test_a_list_with_one_signature_is_refused() -> None:
    authority = Authority()
    a_list(authority)
    authority.publish(by=("alice",))
    why, said = refusal(authority)
    assert (why, "2.targets.json: lacks signatures" in said) == ("signatures", True)


def test_one_person_who_signs_twice_is_one_signature() -> None:
    authority = Authority()
    authority.publish(by=("alice", "alice"))
    assert refusal(authority)[0] == "signatures"


def test_a_list_signed_by_a_foreign_key_is_refused() -> None:
    authority = Authority()
    authority.publish(by=("alice", "mallory"))
    assert refusal(authority)[0] == "signatures"


def test_an_authority_of_others_is_refused_by_a_device_that_pinned_its_own() -> None:
    ours, theirs = Authority(), Authority(("mallory", "trudy", "eve"))
    with pytest.raises(UpdateRefused) as caught:
        verified(ours.pinned, Floors(), theirs.fetch, NOON)
    assert caught.value.why == "signatures"


def test_a_root_that_the_old_administrators_did_not_sign_is_refused() -> None:
    authority = Authority()
    authority.rotate(("mallory", "trudy", "eve"), by=("mallory", "trudy", "alice"))
    authority.publish(by=("mallory", "trudy"), withdrawn_by=("eve",))
    why, said = refusal(authority)
    assert (why, said.startswith("2.root.json: lacks signatures")) == ("signatures", True)


def test_one_lost_key_is_survived_by_the_other_two() -> None:
    authority = Authority()
    before = take(authority)
    authority.rotate(("alice", "bob", "dora"), by=("alice", "bob"))
    authority.publish(by=("alice", "dora"), withdrawn_by=("dora",))
    assert take(authority, before).floors.targets == 2


def test_a_list_signed_by_a_revoked_administrator_is_refused() -> None:
    authority = Authority()
    before = take(authority)
    authority.rotate(("alice", "bob", "dora"), by=("alice", "bob"))
    authority.publish(by=("alice", "carol"), withdrawn_by=("dora",))
    assert refusal(authority, before)[0] == "signatures"


def test_a_revoked_administrator_cannot_withdraw_either() -> None:
    authority = Authority()
    authority.rotate(("alice", "bob", "dora"), by=("alice", "bob"))
    authority.publish(withdrawn_by=("carol",))
    why, said = refusal(authority)
    assert (why, WITHDRAWALS in said) == ("signatures", True)


def test_one_administrator_alone_withdraws() -> None:
    authority = Authority()
    authority.withdraw(CRATE, by=("bob",))
    assert take(authority).withdrawals == (CRATE,)


def test_an_older_state_that_was_good_once_is_refused_as_a_rollback() -> None:
    authority = Authority()
    old = dict(authority.files)
    authority.publish()
    before = take(authority)
    authority.files = old
    why, said = refusal(authority, before)
    assert (why, said) == ("rollback", "timestamp.json: version 1, but version 2 was seen already")


def test_an_older_list_under_a_newer_timestamp_is_refused_as_a_rollback() -> None:
    authority = Authority()
    authority.publish()
    before = take(authority)
    authority.versions["targets"] = 1
    authority.snapshot()
    assert refusal(authority, before)[0] == "rollback"


def test_versions_of_the_online_roles_begin_anew_with_a_new_online_key() -> None:
    authority = Authority()
    authority.versions["timestamp"] = authority.versions["snapshot"] = 10**9  # whoever stole the key left no room
    authority.publish()
    before = take(authority)
    authority.online = Authority().online
    authority.versions["timestamp"] = authority.versions["snapshot"] = 0
    authority.rotate(authority.names)
    authority.publish()
    assert take(authority, before).floors.timestamp == 1


def test_a_timestamp_that_has_expired_is_refused_since_it_may_hide_a_newer_one() -> None:
    authority = Authority()
    why, said = refusal(authority, clock=authority.now + timedelta(days=7, seconds=1))
    assert (why, "expired on 2026-03-08" in said) == ("frozen", True)


def test_a_clock_that_was_set_back_does_not_make_an_expired_timestamp_good() -> None:
    authority = Authority()
    held_back = dict(authority.files)
    authority.later(days=6)
    authority.publish()
    before = take(authority, clock=authority.now + timedelta(days=2))
    authority.files = held_back
    why, _ = refusal(authority, before, clock=NOON)
    assert why == "frozen"


def test_a_board_whose_clock_was_never_set_is_lifted_to_when_the_timestamp_was_made() -> None:
    found = take(Authority(), clock=datetime.fromtimestamp(0, NOON.tzinfo))
    assert found.floors.time == NOON


def test_the_time_of_a_good_update_is_a_floor() -> None:
    authority = Authority()
    clock = authority.now + timedelta(days=3)
    assert take(authority, clock=clock).floors.time == clock


@pytest.mark.parametrize("role", ["targets", WITHDRAWALS])
def test_documents_that_were_not_published_together_are_refused(role: str) -> None:
    authority = Authority()
    metadata = authority.newest(role)
    metadata.signed.expires += timedelta(days=1)
    for name in ("alice", "bob", "carol"):
        metadata.sign(an_administrator(name).signer, append=name != "alice")
    authority.files[f"1.{role}.json"] = metadata.to_bytes()
    assert refusal(authority)[0] == "mixed"


@pytest.mark.parametrize("name", ["timestamp.json", "1.snapshot.json", "1.targets.json", "1.withdrawals.json"])
def test_a_document_that_is_missing_is_a_refusal_that_names_it(name: str) -> None:
    authority = Authority()
    del authority.files[name]
    why, said = refusal(authority)
    assert (why, said.startswith(name)) == ("missing", True)


@pytest.mark.parametrize("name", ["timestamp.json", "1.snapshot.json", "1.targets.json", "1.withdrawals.json"])
def test_a_document_that_was_cut_off_is_refused(name: str) -> None:
    authority = Authority()
    authority.files[name] = authority.files[name][:-20]
    assert refusal(authority)[0] in {"malformed", "mixed"}


def test_a_changed_byte_in_a_signed_document_is_refused() -> None:
    authority = Authority()
    authority.files["timestamp.json"] = authority.files["timestamp.json"].replace(b'"version":1', b'"version":2')
    assert refusal(authority)[0] == "signatures"


def test_a_document_larger_than_a_message_is_refused_unread() -> None:
    authority = Authority()
    authority.files["timestamp.json"] += b" " * LARGEST_MESSAGE_BYTES
    assert refusal(authority)[0] == "oversize"


def test_a_document_nested_beyond_measure_is_refused() -> None:
    authority = Authority()
    authority.files["timestamp.json"] = b"[" * 50_000
    assert refusal(authority)[0] == "malformed"


def test_a_root_in_the_place_of_a_timestamp_is_refused() -> None:
    authority = Authority()
    authority.files["timestamp.json"] = authority.pinned
    assert refusal(authority)[0] == "malformed"


@pytest.mark.parametrize("days", [32, 3000])
def test_a_timestamp_that_stays_good_for_long_is_refused_since_it_shows_nothing(days: int) -> None:
    authority = Authority()
    timestamp = Metadata[Timestamp].from_bytes(authority.files["timestamp.json"]).signed
    timestamp.expires = authority.now + timedelta(days=days)
    authority.put_timestamp(timestamp)
    assert refusal(authority)[0] == "dates"


@pytest.mark.parametrize("made", ["", "yesterday", "0001-01-01T00:00:00+14:00", "1999-01-01T00:00:00+00:00"])
def test_a_timestamp_made_at_no_time_is_refused(made: str) -> None:
    authority = Authority()
    timestamp = Metadata[Timestamp].from_bytes(authority.files["timestamp.json"]).signed
    timestamp.unrecognized_fields[MADE] = made
    authority.put_timestamp(timestamp)
    assert refusal(authority)[0] in {"malformed", "dates"}


@pytest.mark.parametrize(
    "terms",
    [{}, {"serial": True}, {"serial": 0}, {"reason": ""}, {"reason": "x" * 501}, {"by": "bob\x1b[2J"}, {"more": "x"}],
    ids=str,
)
def test_a_withdrawal_that_is_none_is_refused(terms: dict[str, object]) -> None:
    authority = Authority()
    authority.withdraw(CRATE)
    metadata = authority.newest(WITHDRAWALS)
    custom = metadata.signed.targets["withdrawals/1"].unrecognized_fields["custom"]
    changed = custom | terms if terms else None
    metadata.signed.targets["withdrawals/1"].unrecognized_fields["custom"] = changed
    metadata.sign(an_administrator("carol").signer)
    authority.files[f"{metadata.signed.version}.{WITHDRAWALS}.json"] = metadata.to_bytes()
    authority.snapshot()
    assert refusal(authority)[0] == "malformed"
