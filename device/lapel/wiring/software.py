"""Updates of the device's own software: fetched, installed, and put back where what came does not work.

What is signed is judged like a list, from a root that a person pinned. One package that is known to work is always
kept: until a new one has become ready a mark stands, and whoever finds it after a cut puts the former one back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from lapel.core.software import APPLYING, PUT_BACK, READY, Happened, Outcome, Release, check_release, happened
from lapel.core.updates import Why
from lapel.errors import ConfigError, HardwareError, UpdateRefused, UsageError
from lapel.ports import Clock
from lapel.store.debian import release_of
from lapel.store.lock import WriterLock
from lapel.store.pinning import check_root
from lapel.store.published import PublishedFolder
from lapel.store.releases import release_for, releases_in
from lapel.store.shelf import Shelf, Software
from lapel.store.trusted import verified
from lapel.wiring.installer import Installer

_CUT_OFF = "it was cut off before it had become ready"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SoftwareUpdates:
    """Updates of one device. Each of these raises StoreLocked where another program is at it, StoreError, HardwareError
    and Tampered."""

    shelf: Shelf
    installer: Installer
    clock: Clock

    def trust(self, root: bytes) -> None:
        """Take software from an authority from now on. Raises: UsageError for no root, ConfigError where one is trusted
        already."""
        with self._alone():
            if self.shelf.file.exists():
                raise ConfigError(
                    f"{self.shelf.file}: an authority is trusted already; remove the file to trust another"
                )
            check_root(root)
            self.shelf.write(Software(root))

    def keep(self, package: Path) -> Release:
        """Keep the package of what is installed, given by hand, to go back to. Raises: UsageError for another one."""
        with self._settled() as software:
            release = release_of(package)
            if (release.version, release.architecture) != (self.installer.installed(), self.installer.architecture()):
                installed = self.installer.installed() or "nothing"
                raise UsageError(f"{package}: is {release}, and {installed} is installed; give the package of that")
            self._put(software, release, package)
            self.shelf.write(replace(software, packages=_with(software.packages, release)))
            return release

    def fetch(self, folder: PublishedFolder) -> Release:
        """Take the release for this device from a published folder, verified, without installing it.

        Raises: UpdateRefused, which is kept to be recorded.
        """
        with self._settled() as software, self._refusals():
            published = verified(software.root, software.floors, folder.metadata, self._now())
            # What was seen to be the newest stays so, also where nothing of it is for this device.
            software = replace(software, root=published.root, floors=published.floors)
            self.shelf.write(software)
            release = release_for(releases_in(published.targets), self.installer.architecture())
            installed = self.installer.installed()
            check_release(release, self.installer.architecture(), installed, (), self.installer.is_older)
            if not self.shelf.is_whole(release):
                package = folder.package(release.sha256)
                if package is None:
                    raise UpdateRefused(Why.MISSING.value, f"software {release}: its package is not there; copy it all")
                self._put(software, release, package)
            self._check_control(release)
            fetched = release if release.version != installed else None
            # One that was fetched before, and not applied, makes room.
            kept = tuple(each for each in software.packages if each.version in (installed, software.previous))
            software = replace(software, packages=_with(kept, release), fetched=fetched)
            self.shelf.write(software)
            self.shelf.keep_only(software)
            return release

    def apply(self, again: bool = False) -> Happened:
        """Install what was fetched. ``again`` tries what was put back once.

        Raises: UpdateRefused, also where it was put back; UsageError where nothing was fetched, or what is installed
        could not be put back.
        """
        with self._settled() as software:
            release, installed = software.fetched, self.installer.installed()
            if release is None or release.version == installed:
                raise UsageError(f"{self.shelf.path}: nothing newer was fetched; lapel update fetch FOLDER")
            with self._refusals():
                shunned = () if again else software.shunned
                check_release(release, self.installer.architecture(), installed, shunned, self.installer.is_older)
            return self._install(software, release, installed, Outcome.APPLIED, "")

    def roll_back(self, why: str) -> Happened:
        """Install the version before. Raises: UsageError where there is none; UpdateRefused where it was put back."""
        with self._settled() as software:
            release, installed = software.kept(software.previous), self.installer.installed()
            if release is None or release.version == installed:
                raise UsageError(f"{self.shelf.path}: no version before the installed one is kept")
            return self._install(software, release, installed, Outcome.ROLLED_BACK, why)

    def recorded(self, what: Happened) -> None:
        """Keep that something that happened stands in the journal."""
        with self._alone():
            software = self.shelf.read()
            now = tuple(replace(each, is_recorded=True) if each == what else each for each in software.happened)
            self.shelf.write(replace(software, happened=now))

    def _install(self, software: Software, release: Release, installed: str, outcome: Outcome, why: str) -> Happened:
        former = software.kept(installed)
        if former is None:
            raise UsageError(
                f"{installed or 'what is installed'}: its package is not kept here, and could not be put back; "
                "lapel update keep FILE.deb"
            )
        self.shelf.check(former)
        package = self.shelf.check(release)
        self.installer.check_room(package)
        coming = happened(outcome, release.version, installed, why, self._said_now())
        self.shelf.begin(coming, former)
        try:
            self.installer.install(package)
            wrong = self.installer.restart()
        except HardwareError as error:
            wrong = str(error)
        if wrong:
            self._put_back(wrong)
            raise UpdateRefused(Why.FAILED.value, f"software {release}: {wrong}; {installed} was put back")
        self.shelf.works()
        self._noted(software, coming)
        return coming

    def _noted(self, software: Software, done: Happened) -> Software:
        """Keep that a release works in the place of another, which stays to be gone back to, or away."""
        if not done.version:  # a mark that cannot be read
            self.shelf.unmark(READY)
            return software
        fetched = software.fetched if software.fetched != software.kept(done.version) else None
        kept = tuple(
            each for each in software.packages if each == fetched or each.version in (done.version, done.before)
        )
        shunned = _with(software.shunned, done.before) if done.outcome is Outcome.ROLLED_BACK else software.shunned
        software = replace(software, packages=kept, fetched=fetched, previous=done.before, shunned=shunned)
        software = self._happened(software, done)
        self.shelf.keep_only(software)
        self.shelf.unmark(READY)
        return software

    def _put_back(self, why: str) -> Software:
        """Put the former package back, and keep that it was. Raises: HardwareError: the mark stands, and a start of the
        device tries again."""
        self.installer.put_back()
        still = self.installer.restart()
        return self._was_put_back(f"{why}; and with the former one {still}" if still else why)

    def _was_put_back(self, why: str) -> Software:
        software = self.shelf.read()
        if marked := self.shelf.marked(PUT_BACK):
            software = replace(software, shunned=_with(software.shunned, marked.version))
            back = happened(Outcome.PUT_BACK, marked.version, marked.before, why, marked.at)
            software = self._happened(software, back)
            self.shelf.unmark(PUT_BACK)
        return software

    def _put(self, software: Software, release: Release, package: Path) -> None:
        self.shelf.keep_only(software)
        with package.open("rb") as file:
            self.shelf.put(release, file)

    def _check_control(self, release: Release) -> None:
        """What was signed says of itself what its signers were shown. Raises: UpdateRefused."""
        try:
            found = release_of(self.shelf.package(release))
        except UsageError as error:
            raise UpdateRefused(Why.MALFORMED.value, f"software {release}: {error}") from error
        if found != release:
            raise UpdateRefused(Why.MIXED.value, f"software {release}: its package is {found}")

    def _happened(self, software: Software, what: Happened) -> Software:
        """Keep it, once: a cut may have come before the mark of it was gone."""
        known = {(each.outcome, each.version, each.at) for each in software.happened}
        if not what.version or (what.outcome, what.version, what.at) not in known:
            software = replace(software, happened=(*software.happened, what))
        self.shelf.write(software)
        return software

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Keep that something was refused, and why."""
        try:
            yield
        except UpdateRefused as error:
            said = f"{error.why}: {error}"
            refused = happened(Outcome.REFUSED, "", self.installer.installed(), said, self._said_now())
            self._happened(self.shelf.read(), refused)
            raise

    @contextmanager
    def _settled(self) -> Iterator[Software]:
        with self._alone():
            software = self.shelf.read()
            if self.shelf.marked(APPLYING):
                software = self._put_back(_CUT_OFF)
            elif self.shelf.marked(PUT_BACK):
                software = self._was_put_back(_CUT_OFF)
            elif done := self.shelf.marked(READY):
                software = self._noted(software, done)
            yield software

    def _alone(self) -> WriterLock:
        return WriterLock(self.shelf.file, "let that one end, then try again")

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.wall_ns() / 1e9, UTC)

    def _said_now(self) -> str:
        return self._now().isoformat(timespec="seconds")


def _with(many: tuple[T, ...], one: T) -> tuple[T, ...]:
    """With one at the end, once."""
    return (*(each for each in many if each != one), one)
