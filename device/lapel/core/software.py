"""Releases of the device's own software, as administrators sign them, and what a device did with them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from lapel.core.records import LONGEST_FACT, Event, Fact, RecordKind
from lapel.core.updates import Why
from lapel.errors import UpdateRefused

PACKAGE = "lapel"
LARGEST_PACKAGE_BYTES = 1 << 30
FORMER, APPLYING, PUT_BACK, READY = "former.deb", "applying", "put-back", "ready"
"""The package to go back to; a mark that another one is being installed, and what becomes of it when that one went
back, or works. A script of the package reads them (tools/packaging/debian/put-back), since Lapel may be half there."""
_VERSION = re.compile(r"[0-9][A-Za-z0-9.+:~-]{0,99}")  # deb-version(7)
_ARCHITECTURE = re.compile(r"[a-z][a-z0-9-]{0,19}")
_SHA256 = re.compile(r"[0-9a-f]{64}")

IsOlder = Callable[[str, str], bool]
"""Whether the first version is older than the second, as dpkg orders them."""


@dataclass(frozen=True, slots=True)
class Release:
    """One Debian package. ``sha256`` in hexadecimal, ``length`` in bytes."""

    architecture: str
    version: str
    sha256: str
    length: int

    def __post_init__(self) -> None:
        if not isinstance(self.version, str) or not _VERSION.fullmatch(self.version):
            raise ValueError(f"version {self.version!r} is none")
        if not _ARCHITECTURE.fullmatch(self.architecture) or not _SHA256.fullmatch(self.sha256):
            raise ValueError(f"software {self.version}: its architecture or its hash is none")
        if not 0 < self.length <= LARGEST_PACKAGE_BYTES:
            raise ValueError(
                f"software {self.version}: {self.length} bytes; a package has 1 to {LARGEST_PACKAGE_BYTES}"
            )

    def __str__(self) -> str:
        """As in "0.1.0+12.0123abcd for arm64"."""
        return f"{self.version} for {self.architecture}"


class Outcome(Enum):
    """What became of a release on a device."""

    APPLIED = "applied"
    PUT_BACK = "put back"
    ROLLED_BACK = "rolled back"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Happened:
    """``version`` is what was offered or came, ``before`` what was installed then; ``at`` is RFC 3339, UTC. ``why`` is
    empty where all went well. ``is_recorded`` once it stands in the journal."""

    outcome: Outcome
    version: str
    before: str
    why: str
    at: str
    is_recorded: bool = False

    def values(self) -> dict[str, object]:
        """All of it in JSON's values, as ``happened_from`` reads them."""
        return asdict(self) | {"outcome": self.outcome.value}

    def event(self) -> Event:
        """The record of it."""
        if self.outcome is Outcome.REFUSED:
            reason, _, said = self.why.partition(": ")
            refused: tuple[tuple[str, Fact], ...] = (("what", f"software refused: {reason}"), ("why", said))
            return Event(RecordKind.REFUSAL, refused)
        facts: tuple[tuple[str, Fact], ...] = (
            ("outcome", self.outcome.value),
            ("version", self.version),
            ("before", self.before),
            ("why", self.why),
        )
        return Event(RecordKind.SOFTWARE, facts)


def happened(outcome: Outcome, version: str, before: str, why: str, at: str) -> Happened:
    """The same, its reason in one line that a record can hold."""
    return Happened(outcome, version, before, " ".join(why.split())[:LONGEST_FACT], at)


def happened_from(values: dict[str, Any]) -> Happened:
    """What ``Happened.values`` says. Raises: KeyError, TypeError, ValueError."""
    return Happened(**values | {"outcome": Outcome(values["outcome"])})


def check_release(
    release: Release, architecture: str, installed: str, shunned: Collection[str], older: IsOlder
) -> None:
    """See that a release that was signed may be installed here. Raises: UpdateRefused with why."""
    if release.architecture != architecture:
        raise UpdateRefused(Why.ARCHITECTURE.value, f"software {release}: this device is {architecture}")
    if older(release.version, installed):
        raise UpdateRefused(
            Why.ROLLBACK.value,
            f"software {release}: this device has {installed}, which is newer; lapel update rollback",
        )
    if release.version in shunned:
        raise UpdateRefused(
            Why.FAILED.value, f"software {release}: was put back here before; --again tries it once more"
        )
