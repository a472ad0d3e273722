"""What is published, as far as signatures vouch for it: what whoever signs compares a proposal with.

They sign on a machine of their own, in a copy of the folder that another administrator may have doctored. What was not
signed by those who may is never compared with, and never signed once more.
"""

from __future__ import annotations

from tuf.api.exceptions import LengthOrHashMismatchError
from tuf.api.metadata import Metadata, MetaFile, Root, Targets

from lapel.core.updates import Why
from lapel.errors import Refused, UpdateRefused
from lapel.store.published import PublishedFolder
from lapel.store.trusted import WITHDRAWALS, check_signed, loaded, newest_root
from lapel_tools.authority.folder import AuthorityFolder, Current


def vouched(authority: AuthorityFolder) -> Current:
    """What is published, every signature from the first root on verified; expired or not, since what has expired is
    renewed by signing. Raises: UsageError where nothing is published, Refused."""
    current = authority.current()
    try:
        _check(authority.public, current)
    except UpdateRefused as error:
        raise Refused(
            f"{authority.public.path}: {error}; what is published here is not what administrators signed: sign nothing,"
            " and take a copy of the folder from the publishing machine"
        ) from error
    return current


def _check(public: PublishedFolder, current: Current) -> None:
    first = public.metadata("1.root.json") or b""
    begun = loaded("1.root.json", first, Root)
    check_signed("1.root.json", begun, begun.signed, Root.type)
    root = newest_root(first, public.metadata)[0].signed
    check_signed("timestamp.json", current.timestamp, root, "timestamp")
    snapshot, meta = current.timestamp.signed.snapshot_meta, current.snapshot.signed.meta
    _check_listed(public, "snapshot", snapshot, current.snapshot.signed.version)
    check_signed("snapshot.json", current.snapshot, root, "snapshot")
    judged: tuple[tuple[str, Metadata[Targets], Root | Targets], ...] = (
        ("targets", current.targets, root),
        (WITHDRAWALS, current.withdrawals, current.targets.signed),
    )
    for role, document, judge in judged:
        _check_listed(public, role, meta[f"{role}.json"], document.signed.version)
        check_signed(f"{document.signed.version}.{role}.json", document, judge, role)


def _check_listed(public: PublishedFolder, role: str, meta: MetaFile, version: int) -> None:
    """It is the very file that the publishing machine said to be the newest: one alone may sign another set of
    withdrawals, and say nothing of those that a list is to bring back."""
    name = f"{meta.version}.{role}.json"
    try:
        meta.verify_length_and_hashes(public.metadata(name) or b"")
    except LengthOrHashMismatchError as error:
        raise UpdateRefused(Why.MIXED.value, f"{name}: is not the one that was published with the rest") from error
    if version != meta.version or not meta.hashes:
        raise UpdateRefused(Why.MIXED.value, f"{name}: is version {version}, or listed without a hash")
