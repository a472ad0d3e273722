"""What whoever signs is shown is all that they sign: a proposal that says more than that is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tuf.api.metadata import DelegatedRole, Metadata, Root, Targets

from fakes.authority import NOON, an_administrator
from lapel.core.withdrawals import Withdrawal
from lapel.errors import Refused
from lapel.store.trusted import WITHDRAWALS
from lapel.store.withdrawal_terms import withdrawal_target
from lapel_tools.authority.administrators import NAME
from lapel_tools.authority.folder import AuthorityFolder
from lapel_tools.authority.proposal import Proposal, read_proposal, sign
from lapel_tools.authority.publish import publish
from lapel_tools.authority.review import review
from lapel_tools.authority.rotation import Rotation, founded, rotated

BOB = an_administrator("bob")


@pytest.fixture
def authority(tmp_path: Path) -> AuthorityFolder:
    """Alice, bob and carol, with a rotation that waits."""
    folder = AuthorityFolder(tmp_path)
    proposal = founded(folder, tuple(an_administrator(name).public for name in ("alice", "bob", "carol")), 2, NOON)
    for name in ("alice", "bob"):
        sign(folder, proposal, an_administrator(name).signer)
    publish(folder, proposal, NOON)
    rotated(folder, Rotation(), NOON)
    return folder


def changed(authority: AuthorityFolder, change: Callable[[Proposal], None]) -> str:
    proposal = read_proposal(authority)
    change(proposal)
    proposal.save()
    with pytest.raises(Refused) as caught:
        review(authority, read_proposal(authority), BOB)
    return str(caught.value)


def root_of(proposal: Proposal) -> Root:
    assert proposal.root is not None
    return proposal.root.signed


def targets_of(proposal: Proposal) -> Targets:
    assert proposal.targets is not None
    return proposal.targets.signed


def test_an_honest_rotation_is_shown(authority: AuthorityFolder) -> None:
    assert "  2 of 3 sign together, so far 2 of 3" in review(authority, read_proposal(authority), BOB).people


def test_a_root_that_others_may_sign_than_the_lists_is_refused(authority: AuthorityFolder) -> None:
    def change(proposal: Proposal) -> None:
        mallory = an_administrator("mallory").public.key()
        root_of(proposal).keys[mallory.keyid] = mallory
        root_of(proposal).roles["root"].keyids = [mallory.keyid]
        root_of(proposal).roles["root"].threshold = 1

    assert "lets others sign than it says" in changed(authority, change)


@pytest.mark.parametrize("role", ["root", "targets"])
def test_a_root_with_a_lower_threshold_for_one_role_is_refused(authority: AuthorityFolder, role: str) -> None:
    def change(proposal: Proposal) -> None:
        root_of(proposal).roles[role].threshold = 1

    assert "do not sign it" in changed(authority, change)


def test_a_root_that_lets_an_administrator_say_what_is_newest_is_refused(authority: AuthorityFolder) -> None:
    def change(proposal: Proposal) -> None:
        root = root_of(proposal)
        root.roles["snapshot"].keyids = [root.roles["root"].keyids[0]]

    assert "lets others sign than it says" in changed(authority, change)


def test_a_name_that_would_write_on_the_terminal_is_refused(authority: AuthorityFolder) -> None:
    def change(proposal: Proposal) -> None:
        root = root_of(proposal)
        root.keys[root.roles["root"].keyids[0]].unrecognized_fields[NAME] = "alice\x1b[2J"

    assert "does not say whose it is" in changed(authority, change)


def test_lists_that_strangers_may_add_to_are_refused(authority: AuthorityFolder) -> None:
    def change(proposal: Proposal) -> None:
        delegations = targets_of(proposal).delegations
        assert delegations is not None
        assert delegations.roles is not None
        withdrawing = delegations.roles[WITHDRAWALS]
        delegations.roles["more"] = DelegatedRole("more", withdrawing.keyids, 1, False, paths=["lists/*"])

    assert "lets others withdraw" in changed(authority, change)


def test_a_rotation_that_adds_or_loses_a_withdrawal_is_refused(authority: AuthorityFolder) -> None:
    def change(proposal: Proposal) -> None:
        assert proposal.withdrawals is not None
        target = withdrawal_target(Withdrawal(1, "springfield", "", "no reason", "mallory", "2026-03-01"))
        proposal.withdrawals.signed.targets[target.path] = target

    assert "changes what is withdrawn" in changed(authority, change)


def test_whoever_is_no_administrator_cannot_sign(authority: AuthorityFolder) -> None:
    with pytest.raises(Refused):
        sign(authority, read_proposal(authority), an_administrator("mallory").signer)


def test_a_signature_over_other_bytes_counts_for_nothing(authority: AuthorityFolder) -> None:
    proposal = read_proposal(authority)
    sign(authority, proposal, BOB.signer)
    sign(authority, proposal, an_administrator("alice").signer)
    targets_of(proposal).expires = NOON.replace(year=2028)
    replace(proposal, targets=Metadata(targets_of(proposal), proposal.targets and proposal.targets.signatures)).save()
    with pytest.raises(Refused, match="targets lacks 2 more signatures"):
        publish(authority, read_proposal(authority), NOON)
