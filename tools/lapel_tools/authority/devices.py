"""The devices of an authority: to whom keys of lists are sealed, and of which group each is.

``devices.json`` decides for whom the next proposal seals a key, and no more: whoever signs sees which devices come and
go, each by its key, and a device holds itself to the group that it was given when it pinned the root.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from lapel.core.signed_note import parse_key
from lapel.errors import UsageError
from lapel.link.topics import checked_device, checked_name
from lapel.store.atomic import write_whole
from lapel.store.list_keys import check_sealing
from lapel_tools.authority.described import described_in

_FORMER = "former-keys.json"
"""With what devices signed that were revoked or set up anew: their evidence is to be known."""


@dataclass(frozen=True, slots=True)
class Device:
    """``sealing`` is an X25519 key in hexadecimal, ``signing`` the key that signs the device's journal, as C2SP writes
    keys; empty where it did not tell one."""

    name: str
    group: str
    sealing: str
    signing: str = ""

    def __post_init__(self) -> None:
        checked_device(self.name)
        checked_name("group", self.group)
        check_sealing(self.sealing)
        if self.signing and parse_key(self.signing).name != self.name:
            raise ValueError("its signing key is another device's")


def read_device(path: Path) -> tuple[Device, bytes]:
    """The device that lapel watchlist trust describes in a file, and its certificate request (PEM), empty where it made
    none. Raises: UsageError."""
    try:
        described = described_in(path, Device, "request")
        request = described.pop("request", "")
        return Device(**described), request.encode()
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: describes no device ({error}); give the file of lapel watchlist trust") from error


def read_devices(folder: Path) -> tuple[Device, ...]:
    """The devices of an authority's folder, by name. Raises: UsageError."""
    path = folder / "devices.json"
    if not path.exists():
        return ()
    try:
        return tuple(Device(**item) for item in json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"{path}: lists no devices ({error}); restore it, or list them again") from error


def write_devices(folder: Path, devices: tuple[Device, ...]) -> None:
    """List these devices, and no others; what others signed with stays known. Raises: UsageError, StoreError."""
    signing = {each.signing for each in devices}
    gone = {(each.name, each.signing) for each in read_devices(folder) if each.signing and each.signing not in signing}
    if gone:
        former = sorted(gone | set(_former(folder)))
        write_whole(folder / _FORMER, [json.dumps(former, indent=1).encode()])
    listed = [asdict(each) for each in sorted(devices, key=lambda each: each.name)]
    write_whole(folder / "devices.json", [json.dumps(listed, indent=1).encode()])


def former_keys(folder: Path, name: str) -> tuple[str, ...]:
    """With what a device signed before it was revoked or set up anew, as C2SP writes keys. Raises: UsageError."""
    listed = {each.signing for each in read_devices(folder)}
    return tuple(key for of, key in _former(folder) if of == name and key not in listed)


def _former(folder: Path) -> list[tuple[str, str]]:
    path = folder / _FORMER
    if not path.exists():
        return []
    try:
        return [(str(name), str(key)) for name, key in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"{path}: lists no keys ({error}); restore it") from error


def with_device(devices: tuple[Device, ...], device: Device, replace: bool) -> tuple[Device, ...]:
    """The devices and one more. Raises: UsageError for a name that is taken."""
    if not replace and any(each.name == device.name for each in devices):
        raise UsageError(f"device {device.name}: is listed already; --replace takes the new key")
    return (*(each for each in devices if each.name != device.name), device)


def without_device(devices: tuple[Device, ...], name: str) -> tuple[Device, ...]:
    """The devices but one. Raises: UsageError for one that is not listed."""
    left = tuple(each for each in devices if each.name != name)
    if len(left) == len(devices):
        raise UsageError(f"device {name}: is not listed; lapel-admin device list shows those that are")
    return left
