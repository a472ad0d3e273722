"""Makes an authority, and changes who its administrators are: both are proposals that administrators sign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tuf.api.metadata import Metadata

from lapel.errors import UsageError
from lapel_tools.authority.administrators import PublicAdministrator
from lapel_tools.authority.folder import AuthorityFolder
from lapel_tools.authority.proposal import Proposal, draft, read_proposal
from lapel_tools.authority.roles import (
    administrators_of,
    check_administrators,
    root_of,
    targets_of,
    threshold_of,
    withdrawals_of,
)
from lapel_tools.authority.settling import targets_without_settled


@dataclass(frozen=True, slots=True)
class Rotation:
    """Who comes, who goes (by name), and what else changes; None where it stays."""

    add: tuple[PublicAdministrator, ...] = ()
    remove: tuple[str, ...] = ()
    threshold: int | None = None
    new_online_key: bool = False
    drop_settled: bool = False


def founded(
    authority: AuthorityFolder, administrators: tuple[PublicAdministrator, ...], threshold: int, now: datetime
) -> Proposal:
    """The proposal of a new authority. Raises: UsageError, StoreError."""
    if authority.newest_root() is not None:
        raise UsageError(f"{authority.path}: is an authority already; lapel-admin authority rotate changes it")
    check_administrators(administrators, threshold)  # before anything is written
    authority.path.mkdir(exist_ok=True)
    with draft(authority) as folder:  # nobody else's proposal waits for a key that is made anew
        root = root_of(administrators, threshold, authority.make_online_key().public_key, 1, now)
        targets, withdrawals = targets_of(root, {}, 1, now), withdrawals_of({}, 1, now)
        Proposal(folder, Metadata(root), Metadata(targets), Metadata(withdrawals)).save()
    return read_proposal(authority)


def rotated(authority: AuthorityFolder, rotation: Rotation, now: datetime) -> Proposal:
    """The proposal of a changed authority; without a change it renews its end. Raises: UsageError, StoreError.

    Targets and withdrawals are signed anew with it, since a key that goes may have signed them.
    """
    current = authority.current()
    before = current.root.signed
    names = {each.name for each in administrators_of(before)}
    for name in rotation.remove:
        if name not in names:
            raise UsageError(f"--remove {name}: is no administrator; there are {', '.join(sorted(names))}")
    stay = tuple(each for each in administrators_of(before) if each.name not in rotation.remove)
    administrators, threshold = (*stay, *rotation.add), rotation.threshold or threshold_of(before)
    check_administrators(administrators, threshold)
    used = before.keys[before.roles["timestamp"].keyids[0]]
    lists, withdrawn = current.targets.signed, current.withdrawals.signed
    said = targets_without_settled(authority, current) if rotation.drop_settled else withdrawn.targets
    with draft(authority) as folder:
        online = authority.make_online_key().public_key if rotation.new_online_key else used
        root = root_of(administrators, threshold, online, before.version + 1, now)
        targets = targets_of(root, lists.targets, lists.version + 1, now)
        withdrawals = withdrawals_of(said, withdrawn.version + 1, now)
        Proposal(folder, Metadata(root), Metadata(targets), Metadata(withdrawals)).save()
    return read_proposal(authority)
