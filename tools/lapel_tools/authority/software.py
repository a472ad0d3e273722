"""Proposes packages of the device's software, and says what a proposal changes of it.

The same administrators sign as for lists. Whoever wants to know what is in a package builds it: the same checkout gives
the same bytes, and so the SHA-256 that is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from tuf.api.metadata import Metadata, Targets

from lapel.core.software import Release
from lapel.errors import Refused, UsageError
from lapel.store.debian import release_of
from lapel.store.published import PublishedFolder
from lapel.store.releases import SOFTWARE, release_target, releases_in
from lapel_tools.authority.administrators import Administrator
from lapel_tools.authority.folder import AuthorityFolder
from lapel_tools.authority.proposal import Proposal, draft, read_proposal
from lapel_tools.authority.roles import targets_of
from lapel_tools.authority.vouched import vouched


def propose_software(
    authority: AuthorityFolder, administrator: Administrator, packages: tuple[Path, ...], now: datetime
) -> tuple[Release, ...]:
    """Propose a package for each architecture, signed by whoever proposes. Raises: UsageError, Refused, StoreError;
    nothing is left then."""
    releases = tuple(release_of(package) for package in packages)
    if len({each.architecture for each in releases}) < len(releases):
        raise UsageError("--software: two packages are for one architecture; give one for each")
    current = vouched(authority)
    with draft(authority) as folder:
        for release, package in zip(releases, packages, strict=True):
            PublishedFolder(folder).put_package(release.sha256, package)
        targets = current.targets.signed
        listed = targets.targets | {target.path: target for target in map(release_target, releases)}
        document = Metadata(targets_of(current.root.signed, listed, targets.version + 1, now))
        document.sign(administrator.signer)
        Proposal(folder, None, document, None).save()
    read_proposal(authority)
    return releases


def lines_of_software(published: Targets, proposal: Proposal) -> Iterator[str]:
    """What of the software changes, a line each; the packages are read. Raises: Refused for a package that is not what
    is signed, and where one is taken away."""
    assert proposal.targets is not None
    before = {each.architecture: each for each in releases_in(published)}
    after = {each.architecture: each for each in releases_in(proposal.targets.signed)}
    if gone := before.keys() - after.keys():
        raise Refused(f"{proposal.folder}: takes the software for {', '.join(sorted(gone))} away; do not sign it")
    for architecture, release in after.items():
        if (was := before.get(architecture)) != release:
            package = proposal.files.package(release.sha256)
            if package is None or _release_in(package) != release:
                raise Refused(
                    f"{proposal.folder}: {SOFTWARE}{architecture} is not the package that is signed; do not sign"
                )
            so_far = was.version if was else "none"
            yield f"software {release}, so far {so_far}; {release.length:,} bytes, sha256 {release.sha256}"


def _release_in(package: Path) -> Release | None:
    try:
        return release_of(package)
    except UsageError:
        return None
