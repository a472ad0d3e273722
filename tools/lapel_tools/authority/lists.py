"""Proposes a list: what administrators are to sign of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import ceil

from tuf.api.metadata import Metadata, TargetFile

from lapel.core.buckets import Bucket, bucket_count
from lapel.core.gallery import LONGEST_LISTING_DAYS
from lapel.core.listed import Preface
from lapel.core.listing import Inspection, flaws_of_codes
from lapel.core.manifest import Manifest
from lapel.core.updates import LARGEST_LIST_BYTES, LARGEST_MESSAGE_BYTES
from lapel.core.withdrawals import Withdrawal, newest_serial, suspended
from lapel.errors import Refused, UsageError
from lapel.link.topics import checked_name
from lapel.store.choosing import LISTS
from lapel.store.key_pages import ADMINISTRATOR, DEVICE
from lapel.store.published import PublishedFolder
from lapel.store.remaining import Progress
from lapel.store.withdrawal_terms import withdrawals_in
from lapel_tools.authority.administrators import Administrator
from lapel_tools.authority.budget import Budget, budget_of, check_held
from lapel_tools.authority.devices import read_devices
from lapel_tools.authority.drafted import DraftedChunks, Length
from lapel_tools.authority.folder import AuthorityFolder, Current
from lapel_tools.authority.opened import Opened, Shelves, open_list
from lapel_tools.authority.packing import Recipient, new_list_key, new_secret, pack, put_manifest, seal_keys
from lapel_tools.authority.pictures import for_devices
from lapel_tools.authority.proposal import Proposal, draft, read_proposal
from lapel_tools.authority.roles import administrators_of, targets_of
from lapel_tools.authority.settling import ever_withdrawn
from lapel_tools.authority.source import Source
from lapel_tools.authority.vouched import vouched

DEFAULT_DAYS = 90


@dataclass(frozen=True, slots=True)
class ListTerms:
    """On which terms a list is proposed. ``lift`` brings back what was withdrawn; ``lease_hours`` 0: none;
    ``uncalibrated``: though nobody knows that it keeps its budget of false alerts."""

    purpose: str
    authority: str
    groups: tuple[str, ...]
    days: int = DEFAULT_DAYS
    not_before: date | None = None
    lift: bool = False
    lease_hours: int = 0
    uncalibrated: bool = False


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal, what of the list was left out of it since it was withdrawn, how long the list is, and which budget
    of false alerts it has."""

    proposal: Proposal
    manifest: Manifest
    left_out: tuple[Withdrawal, ...]
    length: Length
    budget: Budget | None


def published_list(authority: AuthorityFolder, list_id: str, administrator: Administrator) -> Opened | None:
    """The list as it is published, and vouched for. Raises: Refused, UpdateRefused, UsageError."""
    return open_list(vouched(authority).targets.signed, list_id, Shelves((authority.public,)), administrator)


def propose(
    authority: AuthorityFolder,
    administrator: Administrator,
    source: Source,
    before: Opened | None,
    terms: ListTerms,
    now: datetime,
    progress: Progress = lambda share: None,
) -> Proposed:
    """Propose a list, signed by whoever proposes; ``before`` is what is published of it (``published_list``).

    Raises: UsageError, Refused, StoreError; nothing is left then.
    """
    list_id = checked_name("list", source.preface.terms.list_id)
    budget = budget_of(source.preface, source.reference_count)
    if not terms.uncalibrated:
        check_held(list_id, budget)
    current = vouched(authority)
    out, left_out = _withdrawn(source, ever_withdrawn(authority, current), terms.lift, before)
    preface = _dated(source.preface, before, terms, now, out)
    content = _Content(preface, source, out, progress)
    with draft(authority) as folder:
        files = PublishedFolder(folder)
        manifest, chunks = _packed(authority, files, content, terms, before, current)
        name, length = put_manifest(manifest, files.put_manifest)
        files.put_chunks_of(name, chunks.names)
        if length > LARGEST_MESSAGE_BYTES:
            raise UsageError(f"list {list_id}: its manifest has {length} bytes, over one message; name fewer groups")
        target = TargetFile(length, {"sha256": name}, f"{LISTS}{list_id}")
        targets = current.targets.signed
        listed = targets.targets | {target.path: target}
        document = Metadata(targets_of(current.root.signed, listed, targets.version + 1, now))
        document.sign(administrator.signer)
        Proposal(folder, None, document, None).save()
    return Proposed(read_proposal(authority), manifest, left_out, chunks.length, budget)


def _packed(
    authority: AuthorityFolder,
    files: PublishedFolder,
    content: _Content,
    terms: ListTerms,
    before: Opened | None,
    current: Current,
) -> tuple[Manifest, DraftedChunks]:
    """The manifest and its chunks. Raises: UsageError for more than devices take."""
    chunks = DraftedChunks(authority.public, files)
    recipients = _recipients(authority, terms, current)
    count = bucket_count(content.entry_count, before.manifest.buckets if before else None)
    secret, list_key = _secret(before, recipients), new_list_key()
    preface, listed = content.preface, content.preface.terms
    buckets = for_devices(content.buckets(count), before.buckets(count) if before else iter(()))
    packed = pack(buckets, preface.calibration, preface.decoys, secret, list_key, chunks.put)
    keys = seal_keys(recipients, list_key, secret, listed.list_id, listed.version, chunks.put)
    if chunks.length.is_too_long:
        raise UsageError(
            f"list {listed.list_id}: is {ceil(chunks.length.all_bytes / 2**20)} MiB long with {packed.entries} entries "
            f"and {packed.references} pictures, and devices take at most {LARGEST_LIST_BYTES >> 20} of one; divide it, "
            "or list fewer pictures of each thing"
        )
    manifest = Manifest(
        list_id=listed.list_id,
        version=listed.version,
        purpose=terms.purpose,
        authority=terms.authority,
        model_sha256=preface.model_sha256,
        created=listed.created,
        not_before=terms.not_before or listed.created,
        expires=listed.expires,
        groups=tuple(sorted(terms.groups)),
        settled=newest_serial(withdrawals_in(current.withdrawals.signed)),
        entries=packed.entries,
        references=packed.references,
        buckets=count,
        pages=packed.pages,
        keys=keys,
        lease_hours=terms.lease_hours,
    )
    return manifest, chunks


def _recipients(authority: AuthorityFolder, terms: ListTerms, current: Current) -> tuple[Recipient, ...]:
    devices = [each for each in read_devices(authority.path) if each.group in terms.groups]
    for group in terms.groups:
        if not any(each.group == group for each in devices):
            raise UsageError(f"--group {group}: no device is of it; lapel-admin device add lists one")
    people = administrators_of(current.root.signed)
    return (
        *(Recipient(f"{ADMINISTRATOR}{each.name}", each.sealing, True) for each in people),
        *(Recipient(f"{DEVICE}{each.name}", each.sealing, False) for each in devices),
    )


def _secret(before: Opened | None, recipients: tuple[Recipient, ...]) -> bytes:
    """The secret of the version before, unless an administrator who has it is one no more."""
    if before is None:
        return new_secret()
    had = {each.to for each in before.recipients if each.name.startswith(ADMINISTRATOR)}
    have = {each.sealing for each in recipients if each.is_administrator}
    return before.secret if had <= have else new_secret()


def _dated(preface: Preface, before: Opened | None, terms: ListTerms, now: datetime, out: frozenset[str]) -> Preface:
    """What the list says, with the version and the dates that it is published with; its calibration goes along if it
    held."""
    if not 1 <= terms.days <= LONGEST_LISTING_DAYS:
        raise UsageError(f"--days {terms.days}: a list is good for 1 to {LONGEST_LISTING_DAYS} days")
    today = now.date()
    expires = today + timedelta(days=terms.days)
    if terms.not_before is not None and not today <= terms.not_before <= expires:
        raise UsageError(f"--not-before {terms.not_before}: not between today and {expires}, when the list ends")
    version = max(preface.terms.version, before.manifest.version + 1 if before else 1)
    calibration = preface.calibration
    if calibration is not None and calibration.version == preface.terms.version:
        calibration = replace(calibration, version=version)
    dated = replace(preface.terms, version=version, created=today, expires=expires)
    return replace(preface, terms=dated, calibration=calibration, decoys=preface.decoys - out)


@dataclass(frozen=True, slots=True, eq=False)
class _Content:
    """What is packed: a source without those entries that are ``out``, looked through on the way."""

    preface: Preface
    source: Source
    out: frozenset[str]
    progress: Progress

    @property
    def entry_count(self) -> int:
        return self.source.entry_count - len(self.out)

    def buckets(self, count: int) -> Iterator[tuple[int, Bucket]]:
        """Raises: UsageError for what may not be on a list."""
        inspection = Inspection(self.preface)
        for number, (entries, references) in self.source.buckets(count):
            self.progress(number / count)
            left = tuple(entry for entry in entries if entry.id not in self.out)
            theirs = tuple(reference for reference in references if reference.entry_id not in self.out)
            self._refuse(inspection.flaws_of(left, theirs))
            self._refuse(f"entry {e.id!r}: {flaw}; take it off the list" for e in left for flaw in flaws_of_codes(e))
            if left:
                yield number, (left, theirs)
        self._refuse(inspection.at_end())

    def _refuse(self, wrong: Iterator[str]) -> None:
        for flaw in wrong:
            raise UsageError(f"list {self.preface.terms.list_id}: {flaw}")


def _withdrawn(
    source: Source, withdrawals: tuple[Withdrawal, ...], lift: bool, before: Opened | None
) -> tuple[frozenset[str], tuple[Withdrawal, ...]]:
    """What was ever withdrawn stays out unless it is brought back on purpose, where those who sign see it: whoever
    proposes may do so from a file that was made before. What they brought back once is in the published list."""
    list_id, settled = source.preface.terms.list_id, before.manifest.settled if before else 0
    out = suspended(withdrawals, list_id, settled)
    if lift:
        return frozenset(), ()
    if out.whole_list:
        raise Refused(f"list {list_id}: is withdrawn as a whole; --lift proposes to bring it back")
    ever = suspended(withdrawals, list_id, 0).entry_ids
    published = before.among(ever) if before else frozenset[str]()
    gone = source.among(out.entry_ids | (ever - published))
    said = tuple(each for each in withdrawals if each.list_id == list_id and each.entry_id in gone)
    return gone, said
