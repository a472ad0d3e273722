"""An administrator: a key that signs, and a key that opens what is sealed to administrators.

Signing goes through securesystemslib's ``Signer`` alone, so that a key in a token (PKCS#11, YubiKey) takes the place of
one in a file without a change elsewhere. A file is sealed under a passphrase (scrypt).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from securesystemslib.signer import CryptoSigner, Key, Signer, SSlibKey

from lapel.errors import ConfigError, Refused, UsageError
from lapel.link.topics import checked_name
from lapel.ports import KeyProvider
from lapel.store.atomic import write_whole
from lapel.store.list_keys import check_sealing
from lapel.store.sealed import read_sealed, write_sealed
from lapel_tools.authority.described import described_in

PURPOSE = "administrator"
NAME, SEALING = "x-lapel-name", "x-lapel-sealing"
_PUBLIC_SUFFIX = ".public.json"


@dataclass(frozen=True, slots=True)
class PublicAdministrator:
    """What others know of an administrator: keys as hexadecimal, Ed25519 to verify, X25519 to seal to."""

    name: str
    signing: str
    sealing: str

    def key(self) -> Key:
        """The key as metadata lists it, with the name and what to seal to beside it."""
        listed = SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.signing)))
        listed.unrecognized_fields |= {NAME: self.name, SEALING: self.sealing}
        return listed


@dataclass(frozen=True, slots=True, eq=False)
class Administrator:
    """An administrator whose keys are open."""

    public: PublicAdministrator
    signer: Signer
    opener: X25519PrivateKey


def make_administrator(path: Path, name: str, keys: KeyProvider) -> Path:
    """Make keys in a file that does not exist yet; returns the file of what others may know.

    Raises: UsageError, ConfigError, StoreError.
    """
    checked_name("--name", name)
    if path.exists():
        raise ConfigError(f"{path}: exists already, and its key would be lost; name another file")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}; make it first")
    signing, sealing = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
    secret = {
        "name": name,
        "signing": signing.private_bytes_raw().hex(),
        "sealing": sealing.private_bytes_raw().hex(),
    }
    write_sealed(path, [json.dumps(secret).encode()], keys, PURPOSE)
    public = path.with_name(path.name + _PUBLIC_SUFFIX)
    write_whole(public, [json.dumps(asdict(_public(name, signing, sealing)), indent=2).encode()])
    return public


def open_administrator(path: Path, keys: KeyProvider) -> Administrator:
    """The administrator in a file. Raises: UsageError, WrongKey, Tampered, Refused."""
    try:
        secret = json.loads(bytes(read_sealed(path, keys, PURPOSE)))
        signing = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret["signing"]))
        sealing = X25519PrivateKey.from_private_bytes(bytes.fromhex(secret["sealing"]))
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, UsageError):
            raise
        raise Refused(f"{path}: holds no administrator's keys; give the file of lapel-admin authority key") from error
    return Administrator(_public(secret["name"], signing, sealing), CryptoSigner(signing), sealing)


def read_public(path: Path) -> PublicAdministrator:
    """What others may know of an administrator, from its file. Raises: UsageError."""
    try:
        public = PublicAdministrator(**described_in(path, PublicAdministrator))
        checked_name(f"{path}: name", public.name)
        public.key()
        check_sealing(public.sealing)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path}: is no public part of an administrator ({error}); give a *{_PUBLIC_SUFFIX}"
        ) from error
    return public


def public_from(key: Key) -> PublicAdministrator:
    """The administrator that a key in metadata belongs to. Raises: Refused where it does not say."""
    fields = key.unrecognized_fields
    try:
        name = checked_name("administrator", str(fields[NAME]))  # it is shown to whoever signs
        return PublicAdministrator(name, str(key.keyval["public"]), str(fields[SEALING]))
    except (KeyError, ConfigError) as error:
        raise Refused(f"key {key.keyid[:12]}: does not say whose it is; make the root again") from error


def _public(name: str, signing: Ed25519PrivateKey, sealing: X25519PrivateKey) -> PublicAdministrator:
    return PublicAdministrator(
        name, signing.public_key().public_bytes_raw().hex(), sealing.public_key().public_bytes_raw().hex()
    )
