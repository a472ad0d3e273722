"""Publishes: checks every signature, then writes what is new so that a reader sees the old state or the new one."""

from __future__ import annotations

from datetime import datetime

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Targets

from lapel.errors import Refused, UsageError
from lapel.store.trusted import WITHDRAWALS
from lapel_tools.authority.folder import AuthorityFolder, fitting
from lapel_tools.authority.proposal import Proposal, check_next, drop, signatures
from lapel_tools.authority.roles import TIMESTAMP_DAYS, check_timestamp_days, snapshot_of, timestamp_of


def publish(authority: AuthorityFolder, proposal: Proposal, now: datetime, days: int = TIMESTAMP_DAYS) -> None:
    """Publish a proposal whole.

    Raises: Refused naming the signatures that are missing, ConfigError where the online key is not here, UsageError for
    what no device would take, StoreError.
    """
    check_timestamp_days(days)
    published = authority.current() if authority.public.metadata("timestamp.json") is not None else None
    check_next(published, proposal)
    for each in signatures(authority, proposal):
        if each.missing:
            raise Refused(
                f"{proposal.folder}: {each.role} lacks {each.missing} more signature{'s' * (each.missing > 1)} of: "
                f"{', '.join(each.of)}; have them run lapel-admin sign"
            )
    # All of it before anything is written.
    if proposal.root is not None:
        authority.online(proposal.root.signed)
    else:
        _online(authority)
    for role, document in proposal.documents.items():
        fitting(f"{document.signed.version}.{role}.json", document.to_bytes())
    for manifest in proposal.files.manifests():
        authority.public.put_manifest(manifest, _there(proposal.files.manifest(manifest)))
        authority.public.put_chunks_of(manifest, proposal.files.chunks_of(manifest))
    authority.public.take_chunks(proposal.files)
    authority.public.take_packages(proposal.files)
    root = proposal.root
    if root is not None:
        authority.put(f"{root.signed.version}.root.json", root)
        authority.take_online_key(root.signed)
    targets, withdrawals = proposal.targets, proposal.withdrawals
    if targets is None or withdrawals is None:
        current = authority.current()
        targets, withdrawals = targets or current.targets, withdrawals or current.withdrawals
    put_newest(authority, targets, withdrawals, now, days)
    drop(proposal)


def put_newest(
    authority: AuthorityFolder, targets: Metadata[Targets], withdrawals: Metadata[Targets], now: datetime, days: int
) -> None:
    """Say by the online key that these are the newest. The timestamp comes last: until then nothing has changed.

    Raises: UsageError for what no device would take, ConfigError where the online key is not here, StoreError.
    """
    check_timestamp_days(days)
    online = _online(authority)
    newest = {"targets": targets, WITHDRAWALS: withdrawals}
    files = {role: fitting(f"{each.signed.version}.{role}.json", each.to_bytes()) for role, each in newest.items()}
    for role, each in newest.items():
        authority.put(f"{each.signed.version}.{role}.json", each)
    before = authority.current() if authority.public.metadata("timestamp.json") is not None else None
    # A publication that was cut off may have left a snapshot of the next version: it is written over, as no timestamp
    # ever named it.
    snapshot = Metadata(snapshot_of(files, before.snapshot.signed.version + 1 if before else 1, now))
    snapshot.sign(online)
    data = authority.put(f"{snapshot.signed.version}.snapshot.json", snapshot)
    version = before.timestamp.signed.version + 1 if before else 1
    timestamp = Metadata(timestamp_of(data, version, now, days))
    timestamp.sign(online)
    authority.put("timestamp.json", timestamp)


def renew(authority: AuthorityFolder, now: datetime, days: int) -> None:
    """Say again that what is published is the newest. Raises: UsageError, ConfigError, StoreError."""
    current = authority.current()
    put_newest(authority, current.targets, current.withdrawals, now, days)


def _online(authority: AuthorityFolder) -> CryptoSigner:
    """The online key of what is published. Raises: ConfigError, UsageError."""
    root = authority.newest_root()
    if root is None:
        raise UsageError(f"{authority.path}: has no root that is published; publish the proposal of one first")
    return authority.online(root.signed)


def _there(data: bytes | None) -> bytes:
    if data is None:
        raise Refused("a file of the proposal is gone; propose again")
    return data
