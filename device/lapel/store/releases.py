"""How releases of the device's software stand in the authority's metadata: a target for each architecture.

They are targets beside the lists, so that it takes as many administrators to change the software as to add a list.
"""

from __future__ import annotations

from collections.abc import Iterable

from tuf.api.metadata import TargetFile, Targets

from lapel.core.software import Release
from lapel.core.updates import Why
from lapel.errors import UpdateRefused

SOFTWARE = "software/"
_CUSTOM = "custom"


def release_target(release: Release) -> TargetFile:
    """The target that says it; its length and hash are those of the package."""
    terms = {"version": release.version}
    return TargetFile(release.length, {"sha256": release.sha256}, f"{SOFTWARE}{release.architecture}", {_CUSTOM: terms})


def releases_in(targets: Targets) -> tuple[Release, ...]:
    """Every release, by architecture. Raises: UpdateRefused for one that is none."""
    return tuple(_stated(target) for path, target in sorted(targets.targets.items()) if path.startswith(SOFTWARE))


def release_for(releases: Iterable[Release], architecture: str) -> Release:
    """The one for an architecture. Raises: UpdateRefused where there is none."""
    found = {each.architecture: each for each in releases}
    if not found:
        raise UpdateRefused(Why.MISSING.value, "no software is published there; lapel-admin propose --software FILE")
    if architecture not in found:
        raise UpdateRefused(
            Why.ARCHITECTURE.value, f"software is published for {', '.join(found)}, and this device is {architecture}"
        )
    return found[architecture]


def _stated(target: TargetFile) -> Release:
    terms = target.unrecognized_fields.get(_CUSTOM)
    try:
        if not isinstance(terms, dict) or terms.keys() != {"version"}:
            raise ValueError("not its terms")
        architecture = target.path.removeprefix(SOFTWARE)
        return Release(architecture, terms["version"], target.hashes.get("sha256", ""), target.length)
    except ValueError as error:
        raise UpdateRefused(Why.MALFORMED.value, f"{target.path}: {error}; have it signed again") from error
