"""Pins the root of an authority: the one thing that a device believes because a person brought it."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tuf.api.exceptions import UnsignedMetadataError
from tuf.api.metadata import Root

from lapel.errors import ConfigError, UpdateRefused, UsageError
from lapel.ports import KeyProvider
from lapel.store.trust import FILE, Trust, write_trust
from lapel.store.trusted import loaded


def pin(state: Path, root: bytes, device: str, group: str, keys: KeyProvider) -> Trust:
    """Trust an authority from now on, with a new key. Raises: ConfigError where one is trusted, UsageError for no root,
    StoreError."""
    if (state / FILE).exists():
        raise ConfigError(
            f"{state / FILE}: an authority is trusted already; to trust another one remove it and its list"
        )
    check_root(root)
    trust = Trust(device, group, X25519PrivateKey.generate().private_bytes_raw(), root)
    write_trust(state, trust, keys)
    return trust


def check_root(root: bytes) -> None:
    """See that these bytes are a root, signed as it says itself. Raises: UsageError."""
    try:
        metadata = loaded("root", root, Root)
        metadata.signed.verify_delegate(Root.type, metadata.signed_bytes, metadata.signatures)
    except (UpdateRefused, UnsignedMetadataError, ValueError) as error:
        raise UsageError(f"this is no root of an authority ({error}); give its 1.root.json") from error
