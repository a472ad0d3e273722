"""A proposal: metadata that waits for the signatures of administrators, and what of it is new.

Each signs on a machine of their own, after having seen what changes. Every document is the next version of what is
published: a proposal that was overtaken is refused, and made again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from securesystemslib.signer import Signer
from tuf.api.metadata import Metadata, Root, Targets

from lapel.errors import Refused, UsageError
from lapel.store.atomic import write_whole
from lapel.store.lock import WriterLock
from lapel.store.published import PublishedFolder
from lapel.store.trusted import WITHDRAWALS, loaded
from lapel_tools.authority.administrators import public_from
from lapel_tools.authority.folder import AuthorityFolder, Current

_NAMES = ("root", "targets", WITHDRAWALS)


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """Documents by role, each None where it does not change. ``files`` holds new manifests and chunks."""

    folder: Path
    root: Metadata[Root] | None
    targets: Metadata[Targets] | None
    withdrawals: Metadata[Targets] | None

    @property
    def files(self) -> PublishedFolder:
        """New manifests and chunks, in the layout of what is published."""
        return PublishedFolder(self.folder)

    @property
    def documents(self) -> dict[str, Metadata[Root] | Metadata[Targets]]:
        """What there is to sign, by role."""
        found = {"root": self.root, "targets": self.targets, WITHDRAWALS: self.withdrawals}
        return {name: document for name, document in found.items() if document is not None}

    def save(self) -> None:
        """Write the documents. Raises: StoreError."""
        self.folder.mkdir(exist_ok=True)
        for name, document in self.documents.items():
            write_whole(self.folder / f"{name}.json", [document.to_bytes()])


@dataclass(frozen=True, slots=True)
class Signatures:
    """How far a document is: names of those who signed, and how many more are needed, of whom."""

    role: str
    signed: tuple[str, ...]
    missing: int
    of: tuple[str, ...]


def read_proposal(authority: AuthorityFolder) -> Proposal:
    """The proposal that waits. Raises: UsageError where none does, UpdateRefused for one that is none."""
    folder = authority.proposal
    if not any((folder / f"{name}.json").is_file() for name in _NAMES):
        raise UsageError(f"{folder}: no proposal waits there; lapel-admin propose or authority rotate makes one")
    root, targets = _read(folder / "root.json"), _read(folder / "targets.json")
    withdrawals = _read(folder / f"{WITHDRAWALS}.json")
    return Proposal(
        folder,
        None if root is None else loaded("root.json", root, Root),
        None if targets is None else loaded("targets.json", targets, Targets),
        None if withdrawals is None else loaded(f"{WITHDRAWALS}.json", withdrawals, Targets),
    )


def check_place(authority: AuthorityFolder, replace: bool) -> None:
    """See that no proposal is lost unasked. Raises: UsageError."""
    if authority.proposal.exists() and not replace:
        raise UsageError(f"{authority.proposal}: another proposal waits; publish it, or drop it with --replace")


@contextmanager
def draft(authority: AuthorityFolder) -> Iterator[Path]:
    """A folder to make a proposal in. Whole, it takes the place of the one that waits; else nothing is left of it.

    Raises: StoreLocked where another proposal is being made, or the folder changed.
    """
    folder = authority.path / ".draft"
    with WriterLock(folder, "let that proposal be made, then run this once more"):
        shutil.rmtree(folder, ignore_errors=True)
        try:
            folder.mkdir()
            yield folder
            os.sync()  # once, and not after each of a hundred thousand chunks
            with authority.alone():
                shutil.rmtree(authority.proposal, ignore_errors=True)
                folder.rename(authority.proposal)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


def drop(proposal: Proposal) -> None:
    """Remove a proposal that was published."""
    shutil.rmtree(proposal.folder)


def check_next(published: Current | None, proposal: Proposal) -> None:
    """Each document follows on what is published; what was cut off after its root is taken up again. Raises: Refused
    for one that was overtaken, or that was made for another folder than this."""
    before: dict[str, Metadata[Root] | Metadata[Targets]] = {}
    if published is not None:
        before = {"root": published.root, "targets": published.targets, WITHDRAWALS: published.withdrawals}
    for role, document in proposal.documents.items():
        now, then = before[role].signed.version if before else 0, document.signed.version
        is_cut_off = role == "root" and bool(before) and document.to_bytes() == before[role].to_bytes()
        if then != now + 1 and not is_cut_off:
            raise Refused(
                f"{proposal.folder}: {role} is version {then}, but version {now} is published by now; propose again"
            )


def judges(authority: AuthorityFolder, proposal: Proposal) -> Mapping[str, tuple[Root | Targets, ...]]:
    """Who says whose signatures a document needs: a new root needs those of the one before as well."""
    before = authority.newest_root()
    if before is None and proposal.root is None:
        raise Refused(f"{proposal.folder}: proposes a list, and nothing is published; publish the root first")
    newest = proposal.root or before
    assert newest is not None
    targets = proposal.targets or authority.current().targets
    roots = tuple(each.signed for each in (before, proposal.root) if each is not None)
    return {"root": roots, "targets": (newest.signed,), WITHDRAWALS: (targets.signed,)}


def signatures(authority: AuthorityFolder, proposal: Proposal) -> tuple[Signatures, ...]:
    """How far each document is. Raises: Refused, UpdateRefused."""
    found = []
    by_role = judges(authority, proposal)
    for role, document in proposal.documents.items():
        for judge in by_role[role]:
            result = judge.get_verification_result(role, document.signed_bytes, document.signatures)
            names = {keyid: public_from(key).name for keyid, key in (result.signed | result.unsigned).items()}
            signed = tuple(sorted(names[keyid] for keyid in result.signed))
            open_ = tuple(sorted(names[keyid] for keyid in result.unsigned))
            found.append(Signatures(role, signed, max(0, result.threshold - len(result.signed)), open_))
    return tuple(found)


def sign_seen(authority: AuthorityFolder, seen: Proposal, signer: Signer) -> tuple[str, ...]:
    """Sign what was looked at, if it is what still waits, beside whoever signed meanwhile; returns the roles.

    Raises: Refused, UsageError, StoreLocked.
    """
    with authority.alone():
        waiting = read_proposal(authority)
        if _signed_bytes(waiting) != _signed_bytes(seen):
            raise Refused(f"{seen.folder}: another proposal waits by now than the one shown; look at that one")
        return sign(authority, waiting, signer)


def _signed_bytes(proposal: Proposal) -> dict[str, bytes]:
    return {role: document.signed_bytes for role, document in proposal.documents.items()}


def sign(authority: AuthorityFolder, proposal: Proposal, signer: Signer) -> tuple[str, ...]:
    """Sign all that this key may sign; returns the roles. Raises: Refused for a key that may sign none of it."""
    keyid = signer.public_key.keyid
    by_role = judges(authority, proposal)
    roles = []
    for role, document in proposal.documents.items():
        if any(keyid in _keyids(judge, role) for judge in by_role[role]):
            document.sign(signer, append=True)
            roles.append(role)
    if not roles:
        raise Refused(f"{proposal.folder}: this key is no administrator's of this authority; use one that is listed")
    proposal.save()
    return tuple(roles)


def _keyids(judge: Root | Targets, role: str) -> list[str]:
    return judge.get_delegated_role(role).keyids


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
