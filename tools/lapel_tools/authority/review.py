"""What a proposal changes, in words: made from the documents that are signed, not from what came along with them."""

from __future__ import annotations

from collections.abc import Iterator

from tuf.api.metadata import Root

from lapel.errors import Refused
from lapel_tools.authority.folder import AuthorityFolder
from lapel_tools.authority.proposal import Proposal
from lapel_tools.authority.roles import administrators_of, targets_of, threshold_of


def review(authority: AuthorityFolder, proposal: Proposal) -> tuple[str, ...]:
    """Lines that say all of it. Raises: Refused for a change that no list and no rotation makes."""
    _check_withdrawals(authority, proposal)
    return tuple(_of_root(authority, proposal)) + tuple(_of_targets(authority, proposal))


def _of_root(authority: AuthorityFolder, proposal: Proposal) -> Iterator[str]:
    if proposal.root is None:
        return
    before, root = authority.newest_root(), proposal.root.signed
    was, now = _people(before.signed if before else None), _people(root)
    yield f"authority, version {root.version}, until {root.expires:%Y-%m-%d}"
    for mark, people in (("+", now - was), ("-", was - now), (" ", now & was)):
        for name, key in sorted(people):
            yield f"  {mark} administrator {name}, key {key[:16]}"
    yield f"  {threshold_of(root)} of {len(now)} sign together" + (
        f", so far {threshold_of(before.signed)} of {len(was)}" if before else ""
    )
    if before and before.signed.roles["timestamp"].keyids != root.roles["timestamp"].keyids:
        yield "  the publishing machine has a new key"


def _of_targets(authority: AuthorityFolder, proposal: Proposal) -> Iterator[str]:
    if proposal.targets is None:
        return
    root = proposal.root or authority.newest_root()
    targets = proposal.targets.signed
    assert root is not None
    expected = targets_of(root.signed, targets.targets, targets.version, targets.expires)
    if targets.delegations != expected.delegations:
        raise Refused(
            f"{proposal.folder}: lets others withdraw than the administrators; it was not made by lapel-admin"
        )
    published = {} if authority.newest_root() is None else authority.current().targets.signed.targets
    for path in sorted(targets.targets.keys() | published.keys()):
        if targets.targets.get(path) != published.get(path):
            yield f"{path}: {'removed' if path not in targets.targets else 'new or changed'}"


def _check_withdrawals(authority: AuthorityFolder, proposal: Proposal) -> None:
    """A rotation has the withdrawals signed anew; it neither adds one nor loses one."""
    if proposal.withdrawals is None:
        return
    published = {} if authority.newest_root() is None else authority.current().withdrawals.signed.targets
    if proposal.withdrawals.signed.targets != published:
        raise Refused(
            f"{proposal.folder}: changes what is withdrawn; rotate again, and withdraw by lapel-admin withdraw"
        )


def _people(root: Root | None) -> set[tuple[str, str]]:
    return set() if root is None else {(each.name, each.signing) for each in administrators_of(root)}
