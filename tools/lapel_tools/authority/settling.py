"""Keeps withdrawals short: what the published lists have settled takes room no more, since devices take 60 KiB of them.

A device may still have an older version of a list, on which what was withdrawn stands. So those of a list that its
published version settles become one of the whole list: such a device falls silent until it takes the newer version.
"""

from __future__ import annotations

from tuf.api.metadata import TargetFile, Targets

from lapel.core.withdrawals import SETTLED, Withdrawal, united, without_settled
from lapel.store.choosing import LISTS, signed_manifest
from lapel.store.trusted import WITHDRAWALS, loaded
from lapel.store.withdrawal_terms import WIPES, withdrawal_target, withdrawals_in
from lapel_tools.authority.folder import AuthorityFolder, Current


def targets_without_settled(authority: AuthorityFolder, published: Current) -> dict[str, TargetFile]:
    """What is withdrawn, and ordered to be wiped, in as few targets as say it. Raises: UpdateRefused."""
    lists = published.targets.signed.targets.items()
    settled = {
        path.removeprefix(LISTS): signed_manifest(target, authority.public.manifest).settled
        for path, target in lists
        if path.startswith(LISTS)
    }
    said = published.withdrawals.signed
    left = map(withdrawal_target, without_settled(withdrawals_in(said), settled))
    return {target.path: target for target in left} | {
        path: target for path, target in said.targets.items() if path.startswith(WIPES)
    }


def ever_withdrawn(authority: AuthorityFolder, published: Current) -> tuple[Withdrawal, ...]:
    """All that is withdrawn, and all that lists have settled since, from the versions before. Raises: UpdateRefused."""
    found = withdrawals_in(published.withdrawals.signed)
    if not any(each.reason == SETTLED for each in found):
        return found
    for version in range(1, published.withdrawals.signed.version):
        name = f"{version}.{WITHDRAWALS}.json"
        data = authority.public.metadata(name)
        if data is not None:  # they are for memory alone: who lost them is shown an entry that is added all the same
            found = united(found, withdrawals_in(loaded(name, data, Targets).signed))
    return found
