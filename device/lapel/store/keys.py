"""Where the device's secret comes from: a file for development, a passphrase at the start of a shift."""

from __future__ import annotations

import fcntl
import os
import secrets
import stat
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from lapel.errors import ConfigError, DeviceLocked
from lapel.store.atomic import discard, sync_folder

KEY_FILE = "device.key"
"""Its usual name in a state folder."""
KEY_BYTES = 32
# RFC 7914. 32 MiB, so that a board with 512 MiB opens its files beside the models; p makes up for it in time
# (OWASP password storage cheat sheet, 2024: N=2^15, r=8, p=3).
SCRYPT_COST, SCRYPT_BLOCK, SCRYPT_LANES = 2**15, 8, 3
SHORTEST_PASSPHRASE = 12


class FileKey:
    """A secret of 32 random bytes in a file that only its owner may read. For development: who has the card has it.

    Raises: ConfigError when the file is missing, readable by others, or not a key.
    """

    def __init__(self, path: Path) -> None:
        self._secret = read_private(path)
        if len(self._secret) != KEY_BYTES:
            raise ConfigError(
                f"{path}: holds {len(self._secret)} bytes where a key has {KEY_BYTES}; "
                "use the file that Lapel made, or a passphrase"
            )

    @classmethod
    def create(cls, path: Path) -> FileKey:
        """Make a new secret, whole or not at all. Raises: ConfigError when the file exists: what it sealed would be
        lost."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.part")
        try:
            with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT, 0o600), "wb") as file:
                # Of two that make one at a time the second finds the first one's; what a cut left is written anew.
                fcntl.flock(file.fileno(), fcntl.LOCK_EX)
                if path.exists():
                    discard(draft)
                    raise ConfigError(f"{path}: exists already; a new key would not open what the old one sealed")
                os.ftruncate(file.fileno(), 0)
                file.write(secrets.token_bytes(KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
                draft.replace(path)
                sync_folder(path.parent)
        except OSError as error:
            raise ConfigError(f"{path}: cannot be made: {error.strerror}; choose another --key-file") from error
        return cls(path)

    def derive(self, purpose: str, salt: bytes) -> bytes:
        """32 bytes by HKDF-SHA256 (RFC 5869), one key for each purpose and salt."""
        return _expanded(self._secret, purpose, salt)


class HeldKey:
    """A secret of 32 random bytes that its holder keeps, sealed in a file of its own for example."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret

    @classmethod
    def drawn(cls) -> HeldKey:
        """A new one."""
        return cls(secrets.token_bytes(KEY_BYTES))

    def derive(self, purpose: str, salt: bytes) -> bytes:
        """32 bytes by HKDF-SHA256, one key for each purpose and salt."""
        return _expanded(self.secret, purpose, salt)


class PassphraseKey:
    """A secret that a person types. scrypt makes guessing slow: about half a second a file on a small board.

    A wrong passphrase shows as WrongKey where a sealed file is opened. Raises: ConfigError when it is too short.
    """

    def __init__(self, passphrase: str | bytearray) -> None:
        given = bytearray(passphrase.encode()) if isinstance(passphrase, str) else bytearray(passphrase)
        characters = sum(byte & 0xC0 != 0x80 for byte in given)  # of UTF-8, without a copy that cannot be overwritten
        if characters < SHORTEST_PASSPHRASE:
            raise ConfigError(f"passphrase of {characters} characters; at least {SHORTEST_PASSPHRASE} are needed")
        self._passphrase = given
        self._made: dict[bytes, bytes] = {}  # by salt: a journal reopened must not cost another half second

    @classmethod
    def from_file(cls, path: Path) -> PassphraseKey:
        """The first line of a file that only its owner may read. Raises: ConfigError."""
        return cls(first_line_of(path))

    def derive(self, purpose: str, salt: bytes) -> bytes:
        """32 bytes by scrypt (RFC 7914), then HKDF-SHA256 for the purpose. Raises: DeviceLocked once forgotten."""
        if not self._passphrase:
            raise DeviceLocked("the passphrase was forgotten: this device is LOCKED; give it once more")
        if salt not in self._made:
            kdf = Scrypt(salt=salt, length=KEY_BYTES, n=SCRYPT_COST, r=SCRYPT_BLOCK, p=SCRYPT_LANES)
            self._made[salt] = kdf.derive(self._passphrase)
        return _expanded(self._made[salt], purpose, salt)

    def forget(self) -> None:
        """Overwrite the passphrase: it opens nothing from now on. What was made of it goes with the process alone."""
        overwrite(self._passphrase)
        self._passphrase.clear()  # nobody is to be given a key that zeros make
        self._made.clear()


def overwrite(secret: bytearray) -> None:
    """Leave nothing of a secret in this memory."""
    secret[:] = bytes(len(secret))


def _expanded(secret: bytes, purpose: str, salt: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt, f"lapel {purpose}".encode()).derive(secret)


def first_line_of(path: Path) -> str:
    """The passphrase in a file that nobody else may read. Raises: ConfigError."""
    try:
        text = read_private(path).decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not text; a passphrase file holds one line of it") from error
    return text.split("\n", 1)[0].rstrip("\r")


def read_private(path: Path) -> bytes:
    """The content of a file that nobody else may read. Raises: ConfigError."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise ConfigError(f"{path}: others may use it (mode {mode:04o}); run: chmod 600 {path}")
            return file.read()
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such key file; name the one that sealed the watchlist by --key-file") from error
    except OSError as error:
        raise ConfigError(f"{path}: key cannot be read: {error.strerror}; use the key file of this user") from error
