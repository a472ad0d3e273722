"""Sets a device up at its first boot, from a folder that a person filled; done again, it does only what is lacking.

Every key is made here and stays. What leaves is a description, with a certificate request, for the authority to list.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from pwd import getpwnam, struct_passwd

from lapel.config.loader import load
from lapel.config.profile import load_profile, profiles_folder, shipped_profiles
from lapel.config.site import PHONE, load_site
from lapel.errors import ConfigError, UsageError
from lapel.link.topics import checked_device, checked_name
from lapel.ports import Clock, KeyProvider
from lapel.store.atomic import disk_error, put_in_place, write_whole
from lapel.store.keys import KEY_FILE, FileKey
from lapel.store.pinning import pin
from lapel.store.trust import FILE, read_trust
from lapel.wiring.describing import described_device
from lapel.wiring.owner import as_owner_of
from lapel.wiring.software import SoftwareUpdates
from lapel.wiring.updating import record_trust

SEED, PROFILE, SITE, ROOT = "provision.toml", "profile.toml", "site.toml", "1.root.json"


@dataclass(frozen=True, slots=True)
class Membership:
    """The group whose lists the device takes, and one of the shipped profiles; empty where PROFILE lies there."""

    group: str
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Seed:
    """The file SEED."""

    device: Membership


@dataclass(frozen=True, slots=True)
class Places:
    """Where a device keeps its settings and its state, whose that is, and what root trusts with its software."""

    settings: Path
    user: str
    updates: SoftwareUpdates


def provision(seed: Path, places: Places, root: bytes) -> Iterator[str]:
    """Do what is lacking, a line for each thing done. Raises: UsageError, ConfigError, Refused, StoreError; whatever
    was done stays, and is not done again."""
    membership = load(seed / SEED, Seed).device
    group = checked_name("group", membership.group)
    site = load_site(seed / SITE)  # both before anything is written
    if site.state.unlock == PHONE:
        raise ConfigError(
            f"{seed / SITE}: state.unlock: {site.state.unlock!r}: a first boot has no passphrase to seal by; as the "
            "device's user lapel watchlist trust ROOT --passphrase-file FILE, and lapel update trust ROOT as root"
        )
    profile = seed / PROFILE if not membership.profile else _shipped(seed, membership.profile)
    load_profile(profile)
    device, owner = checked_device(site.device.name), _owner(places.user)
    places.settings.mkdir(mode=0o750, parents=True, exist_ok=True)
    for name, source in ((SITE, seed / SITE), (PROFILE, profile)):
        if not (places.settings / name).exists():
            _place(source, places.settings / name, owner)
            yield f"{places.settings / name}: as {source}"
    state = site.state.folder
    _make_state(state, owner)
    described = state / f"{device}.json"
    is_new = not described.exists()
    with as_owner_of(state):
        if is_new:
            _make_keys(state, root, device, group, places.updates.clock, described)
        said = described.read_bytes()  # as its owner: root would follow a link to anything
    if is_new:
        yield f"{state}: keys of {device}, made here; it takes lists of that authority alone"
    if not (seed / described.name).exists():
        write_whole(seed / described.name, [said])
        yield f"{seed / described.name}: for lapel-admin device add, with a certificate request"
    if not places.updates.shelf.file.exists():
        places.updates.shelf.path.mkdir(parents=True, exist_ok=True)
        places.updates.trust(root)
        yield f"{places.updates.shelf.file}: takes software of that authority alone"
    yield from _kept(seed, places.updates)


def _shipped(seed: Path, name: str) -> Path:
    if name not in shipped_profiles():
        raise ConfigError(f"{seed / SEED}: device.profile: {name!r}: known are {', '.join(shipped_profiles())}")
    return profiles_folder() / f"{name}.toml"


def _owner(user: str) -> struct_passwd:
    try:
        return getpwnam(user)
    except LookupError as error:
        raise ConfigError(f"{user}: no such user here; install Lapel's package first") from error


def _place(source: Path, path: Path, owner: struct_passwd) -> None:
    """A settings file that the device's user may read and not write. Raises: UsageError, StoreError."""
    try:
        text = source.read_bytes()
    except OSError as error:
        raise UsageError(f"{source}: cannot be read: {error.strerror}") from error
    # It gets its name last: one that was there, and that user could not read, a start after a cut would leave so.
    draft = path.with_name(f".{path.name}.new")
    write_whole(draft, [text])
    try:
        os.chown(draft, -1, owner.pw_gid)
        draft.chmod(0o640)
    except OSError as error:
        raise disk_error(draft, error) from error
    put_in_place(draft, path)


def _make_state(state: Path, owner: struct_passwd) -> None:
    """The state folder, as its unit would make it. Raises: StoreError."""
    if state.is_dir():
        return
    try:
        state.mkdir(mode=0o700, parents=True)
        if os.geteuid() == 0:
            os.chown(state, owner.pw_uid, owner.pw_gid)
    except OSError as error:
        raise disk_error(state, error) from error


def _make_keys(state: Path, root: bytes, device: str, group: str, clock: Clock, described: Path) -> None:
    key = state / KEY_FILE
    keys = FileKey(key) if key.exists() else FileKey.create(key)
    _trust(state, root, device, group, keys)
    record_trust(state, keys, clock)
    write_whole(described, [json.dumps(described_device(state, device, keys), indent=1).encode()])


def _trust(state: Path, root: bytes, device: str, group: str, keys: KeyProvider) -> None:
    """Pin the root, unless that was done before a cut; one that is trusted for another name is not overridden."""
    trusted = read_trust(state, keys)
    if trusted is None:
        pin(state, root, device, group, keys)
    elif (trusted.device, trusted.group) != (device, group):
        raise ConfigError(
            f"{state / FILE}: this device is {trusted.device} of {trusted.group} already, and {SEED} and {SITE} say "
            f"{device} of {group}; lapel wipe it first"
        )


def _kept(seed: Path, updates: SoftwareUpdates) -> Iterator[str]:
    """Keep the package of what is installed, if it lies there, for updates to go back to."""
    packages = sorted(seed.glob("lapel_*.deb"))
    if not packages or updates.shelf.read().kept(updates.installer.installed()) is not None:
        return
    for package in packages:
        with suppress(UsageError):  # another version, or another architecture
            yield f"{package}: {updates.keep(package)}, kept to go back to"
            return
