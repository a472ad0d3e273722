"""Withdraws: one administrator alone takes an entry or a list away, at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tuf.api.metadata import Metadata, TargetFile, Targets

from lapel.core.withdrawals import LONGEST_REASON, Withdrawal, newest_serial
from lapel.errors import Refused, StoreError, UsageError
from lapel.store.choosing import LISTS, listed_in
from lapel.store.trusted import WITHDRAWALS
from lapel.store.withdrawal_terms import withdrawal_target, withdrawals_in
from lapel_tools.authority.administrators import Administrator
from lapel_tools.authority.folder import AuthorityFolder, Current
from lapel_tools.authority.opened import Shelves, open_list
from lapel_tools.authority.publish import put_newest
from lapel_tools.authority.roles import TIMESTAMP_DAYS, withdrawals_of
from lapel_tools.authority.vouched import vouched


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to withdraw: the whole list where ``entry_ids`` is empty. ``unlisted`` entries are withdrawn, too: a device
    may still have a version of before."""

    list_id: str
    entry_ids: tuple[str, ...]
    reason: str
    unlisted: bool = False


def withdraw(
    authority: AuthorityFolder, administrator: Administrator, wanted: Wanted, now: datetime
) -> tuple[Withdrawal, ...]:
    """Sign and publish; returns what was withdrawn. Raises: Refused for a foreign key, UsageError, StoreError."""
    current = vouched(authority)
    check_may(current, administrator)
    _check_there(current.targets.signed, wanted)
    before = withdrawals_in(current.withdrawals.signed)
    serial = newest_serial(before)
    at = now.isoformat(timespec="seconds")
    try:
        added = tuple(
            Withdrawal(serial + 1 + number, wanted.list_id, entry_id, wanted.reason, administrator.public.name, at)
            for number, entry_id in enumerate(wanted.entry_ids or ("",))
        )
    except ValueError as error:
        raise UsageError(
            f"{error}; give --list, --entry and --reason in one line each, the reason of at most {LONGEST_REASON} "
            "characters"
        ) from error
    if not wanted.unlisted:
        _check_listed(authority, administrator, current.targets.signed, wanted)
    publish_alone(authority, administrator, current, map(withdrawal_target, added), now)
    return added


def check_may(current: Current, administrator: Administrator) -> None:
    """Raises: Refused for whoever is no administrator."""
    delegated = current.targets.signed.get_delegated_role(WITHDRAWALS)
    if administrator.signer.public_key.keyid not in delegated.keyids:
        raise Refused(f"{administrator.public.name}: is no administrator of this authority, and cannot withdraw")


def publish_alone(
    authority: AuthorityFolder,
    administrator: Administrator,
    current: Current,
    added: Iterable[TargetFile],
    now: datetime,
) -> None:
    """Sign what one may say alone, beside all that was said before, and publish it. Raises: UsageError, StoreError."""
    before = current.withdrawals.signed
    targets = before.targets | {target.path: target for target in added}
    document = Metadata[Targets](withdrawals_of(targets, before.version + 1, now))
    document.sign(administrator.signer)
    put_newest(authority, current.targets, document, now, TIMESTAMP_DAYS)


def _check_there(targets: Targets, wanted: Wanted) -> None:
    """A name that was mistyped must not look like something withdrawn."""
    if f"{LISTS}{wanted.list_id}" not in targets.targets:
        raise UsageError(
            f"--list {wanted.list_id!r}: is not published, and cannot be withdrawn; published are {listed_in(targets)}"
        )
    if "" in wanted.entry_ids:
        raise UsageError("--entry '': names no entry; give its id, or no --entry to withdraw the whole list")


def _check_listed(authority: AuthorityFolder, administrator: Administrator, targets: Targets, wanted: Wanted) -> None:
    """So must an entry's. Where the list cannot be read or opened here nothing can be checked, and nothing is to keep
    anybody from withdrawing."""
    try:
        listed = open_list(targets, wanted.list_id, Shelves((authority.public,)), administrator)
        missing = sorted(set(wanted.entry_ids) - (listed.among(wanted.entry_ids) if listed is not None else set()))
    except (Refused, StoreError):
        return
    if missing:
        raise UsageError(
            f"--entry {missing[0]!r}: is not on list {wanted.list_id} as it is published, and was not withdrawn; "
            "--unlisted withdraws it from older versions that devices may have"
        )
