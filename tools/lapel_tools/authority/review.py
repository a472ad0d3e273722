"""What a proposal changes, in words: made from the documents that are signed, not from what came along with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tuf.api.metadata import Root, Targets

from lapel.core.gallery import LONGEST_LISTING_DAYS
from lapel.core.updates import Why, wrong_dates
from lapel.core.withdrawals import Withdrawal, newest_serial
from lapel.errors import ConfigError, Refused, UpdateRefused, UsageError
from lapel.store.choosing import LISTS
from lapel.store.releases import SOFTWARE
from lapel.store.remaining import Progress
from lapel.store.withdrawal_terms import withdrawals_in
from lapel_tools.authority.administrators import Administrator
from lapel_tools.authority.changes import ListChange, changes
from lapel_tools.authority.differing import differing, is_judged_whole
from lapel_tools.authority.folder import AuthorityFolder, Current
from lapel_tools.authority.opened import Opened, Shelves, open_list
from lapel_tools.authority.proposal import Proposal, check_next
from lapel_tools.authority.roles import administrators_of, root_of, targets_of, threshold_of
from lapel_tools.authority.settling import ever_withdrawn, targets_without_settled
from lapel_tools.authority.software import lines_of_software
from lapel_tools.authority.vouched import vouched


@dataclass(frozen=True, slots=True)
class Review:
    """All that a proposal changes: of people and software in words, and list by list. ``lifted`` withdrawals end."""

    people: tuple[str, ...]
    lists: tuple[ListChange, ...]
    lifted: tuple[Withdrawal, ...]


def review(
    authority: AuthorityFolder,
    proposal: Proposal,
    administrator: Administrator,
    progress: Progress = lambda share: None,
) -> Review:
    """Open all that changes, beside what is published and vouched for.

    Raises: Refused for a change that no list and no rotation makes, and where nobody vouches, UpdateRefused.
    """
    so_far = None if authority.newest_root() is None else vouched(authority)
    check_next(so_far, proposal)
    people = (*_of_root(so_far, proposal), *_of_withdrawals(authority, so_far, proposal))
    if proposal.targets is None:
        return Review(people, (), ())
    _check_delegation(so_far, proposal)
    targets = proposal.targets.signed
    published = so_far.targets.signed if so_far else Targets()
    withdrawn = ever_withdrawn(authority, so_far) if so_far else ()
    newest = newest_serial(withdrawals_in(so_far.withdrawals.signed)) if so_far else 0
    old, new = Shelves((authority.public,)), Shelves((proposal.files, authority.public))
    lists, lifted = [], list[Withdrawal]()
    people += tuple(lines_of_software(published, proposal))
    for path in sorted(targets.targets.keys() | published.targets.keys()):
        if path.startswith(SOFTWARE) or targets.targets.get(path) == published.targets.get(path):
            continue
        list_id = path.removeprefix(LISTS)
        after = open_list(targets, list_id, new, administrator)
        if after is None:
            raise Refused(f"{proposal.folder}: takes {path} away, which is done by lapel-admin withdraw")
        if after.manifest.settled > newest:
            raise Refused(f"{proposal.folder}: {path} would lift withdrawals that are to come; do not sign it")
        before, note = _so_far(published, list_id, old, administrator)
        people += note
        people += tuple(_about_dates(after, before is not None))
        lists.append(changes(*differing(before, after, progress)))
        lifted += _lifted(withdrawn, before, after)
    return Review(people, tuple(lists), tuple(lifted))


def _about_dates(after: Opened, is_known: bool) -> Iterator[str]:
    """Nobody is to sign what every device refuses. Raises: Refused."""
    manifest = after.manifest
    if wrong := wrong_dates(manifest):
        raise Refused(f"list {manifest.list_id}: {wrong}; do not sign it")
    if is_known and not is_judged_whole(after):
        yield (
            f"list {manifest.list_id}: entries that are as they were signed before are not opened again; devices "
            f"refuse the list if one of them ended over {LONGEST_LISTING_DAYS} days before {manifest.created}"
        )


def _so_far(
    published: Targets, list_id: str, shelves: Shelves, administrator: Administrator
) -> tuple[Opened | None, tuple[str, ...]]:
    """The published list; None with a line about it where it was sealed before this administrator was one."""
    try:
        return open_list(published, list_id, shelves, administrator), ()
    except UpdateRefused as error:
        if error.why != Why.KEY.value:
            raise
        return None, (f"list {list_id}: you may not open what is published so far, so that all of it is shown as new",)


def _lifted(withdrawn: tuple[Withdrawal, ...], before: Opened | None, after: Opened) -> list[Withdrawal]:
    """Withdrawals that end, and those that ended before and whose entry is listed again only now."""
    settled = before.manifest.settled if before else 0
    ids = {each.entry_id for each in withdrawn if each.list_id == after.manifest.list_id}
    had = before.among(ids) | {""} if before else frozenset[str]()
    listed = after.among(ids) | {""}
    return [
        each
        for each in withdrawn
        if each.list_id == after.manifest.list_id
        and each.serial <= after.manifest.settled
        and each.entry_id in listed
        and (each.serial > settled or each.entry_id not in had)
    ]


def _of_root(so_far: Current | None, proposal: Proposal) -> Iterator[str]:
    if proposal.root is None:
        return
    before, root = so_far.root.signed if so_far else None, proposal.root.signed
    _check_root(proposal, root)
    was, now = _people(before), _people(root)
    yield f"authority, version {root.version}, until {root.expires:%Y-%m-%d}"
    for mark, people in (("+", now - was), ("-", was - now), (" ", now & was)):
        for name, key in sorted(people):
            yield f"  {mark} administrator {name}, key {key[:16]}"
    yield f"  {threshold_of(root)} of {len(now)} sign together" + (
        f", so far {threshold_of(before)} of {len(was)}" if before else ""
    )
    if before and before.roles["timestamp"].keyids != root.roles["timestamp"].keyids:
        yield "  the publishing machine has a new key"


def _check_root(proposal: Proposal, root: Root) -> None:
    """A root says no more than is shown of it: the same people for root and lists, one online key, no other."""
    online = root.keys.get(root.roles["timestamp"].keyids[0])
    if online is not None:
        try:
            shown = root_of(administrators_of(root), threshold_of(root), online, root.version, root.expires)
        except (UsageError, ConfigError) as error:
            raise Refused(f"{proposal.folder}: {error}; do not sign it") from error
        if (root.roles, root.keys, root.consistent_snapshot) == (shown.roles, shown.keys, True):
            return
    raise Refused(f"{proposal.folder}: its root lets others sign than it says; do not sign it")


def _check_delegation(so_far: Current | None, proposal: Proposal) -> None:
    root, document = proposal.root or (so_far.root if so_far else None), proposal.targets
    assert document is not None
    targets = document.signed
    if root is None or (so_far is None and targets.targets):
        raise Refused(f"{proposal.folder}: proposes a list, and nothing is published; publish the root first")
    expected = targets_of(root.signed, targets.targets, targets.version, targets.expires)
    if targets.delegations != expected.delegations:
        raise Refused(f"{proposal.folder}: lets others withdraw than the administrators; do not sign it")


def _of_withdrawals(authority: AuthorityFolder, so_far: Current | None, proposal: Proposal) -> Iterator[str]:
    """A rotation has the withdrawals signed anew; it adds none, and loses none but those that lists have settled."""
    if proposal.withdrawals is None:
        return
    published, proposed = so_far.withdrawals.signed.targets if so_far else {}, proposal.withdrawals.signed.targets
    if proposed == published:
        return
    if so_far is None or proposed != targets_without_settled(authority, so_far):
        raise Refused(
            f"{proposal.folder}: changes what is withdrawn; rotate again, and withdraw by lapel-admin withdraw"
        )
    yield (
        f"withdrawals: {len(published)} targets become {len(proposed)}, since lists have settled them; a device that "
        "has an older version of such a list falls silent until it takes the newest"
    )


def _people(root: Root | None) -> set[tuple[str, str]]:
    return set() if root is None else {(each.name, each.signing) for each in administrators_of(root)}
