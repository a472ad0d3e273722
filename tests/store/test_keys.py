"""Keys come from a file that is its owner's alone, or from a passphrase."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from bad_disk import BadDisk, PowerCut, let_go
from lapel.errors import ConfigError, DeviceLocked
from lapel.store.keys import FileKey, PassphraseKey

PASSPHRASE = "correct horse battery"


def test_a_key_file_that_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    FileKey.create(tmp_path / "device.key")
    found = (tmp_path / "device.key").stat()
    assert (stat.S_IMODE(found.st_mode), found.st_size) == (0o600, 32)


def test_two_key_files_hold_different_secrets(tmp_path: Path) -> None:
    one, other = FileKey.create(tmp_path / "one"), FileKey.create(tmp_path / "other")
    assert one.derive("journal", b"salt") != other.derive("journal", b"salt")


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    FileKey.create(tmp_path / "device.key")
    before = (tmp_path / "device.key").read_bytes()
    with pytest.raises(ConfigError, match="exists already"):
        FileKey.create(tmp_path / "device.key")
    assert (tmp_path / "device.key").read_bytes() == before


def test_a_cut_while_a_key_file_is_made_leaves_a_whole_one_or_none(tmp_path: Path) -> None:
    with BadDisk(sys.maxsize).used() as sound:
        FileKey.create(tmp_path / "whole.key")
    for good in range(sound.done):
        path = tmp_path / f"{good}.key"
        with BadDisk(good).used() as disk:
            with pytest.raises(PowerCut):
                FileKey.create(path)
            disk.lose(tmp_path)
        let_go(tmp_path)
        key = FileKey(path) if path.exists() else FileKey.create(path)
        assert key.derive("journal", b"salt") == FileKey(path).derive("journal", b"salt")
    assert sound.done > 2
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o777])
def test_a_key_file_that_others_may_use_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "device.key"
    FileKey.create(path)
    path.chmod(mode)
    with pytest.raises(ConfigError, match=f"chmod 600 {path}"):
        FileKey(path)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_file_of_another_size_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "device.key"
    path.write_bytes(bytes(size))
    path.chmod(0o600)
    with pytest.raises(ConfigError, match=f"holds {size} bytes"):
        FileKey(path)


def test_a_missing_key_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.key: no such key file.*--key-file"):
        FileKey(tmp_path / "absent.key")


@pytest.mark.usefixtures("as_ordinary_user")
def test_a_key_file_in_a_read_only_folder_is_not_made_and_the_folder_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ConfigError, match=r"device\.key: cannot be made: Permission denied"):
        FileKey.create(tmp_path / "device.key")


@pytest.mark.usefixtures("as_ordinary_user")
def test_another_users_key_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "device.key"
    FileKey.create(path)
    path.chmod(0o000)
    with pytest.raises(ConfigError, match="key cannot be read: Permission denied"):
        FileKey(path)


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(ConfigError, match="11 characters; at least 12"):
        PassphraseKey("x" * 11)


def test_a_passphrase_file_counts_by_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "phrase"
    path.write_text(f"{PASSPHRASE}\r\nremark\n")
    path.chmod(0o600)
    assert PassphraseKey.from_file(path).derive("a", b"salt") == PassphraseKey(PASSPHRASE).derive("a", b"salt")


def test_a_passphrase_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "phrase"
    path.write_text(PASSPHRASE)
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        PassphraseKey.from_file(path)


def test_a_passphrase_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "phrase"
    path.write_bytes(b"\xff" * 32)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="is not text"):
        PassphraseKey.from_file(path)


def test_a_forgotten_passphrase_gives_no_key_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lapel.store.keys.SCRYPT_COST", 2)
    keys = PassphraseKey(PASSPHRASE)
    keys.derive("journal", b"salt")
    keys.forget()
    for salt in (b"salt", b"another"):
        with pytest.raises(DeviceLocked, match="LOCKED; give it once more"):
            keys.derive("journal", salt)
