"""A sealed file opens whole and unchanged, or says why it does not."""

from __future__ import annotations

import hmac
import os
import random
import resource
import stat
import struct
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from lapel.errors import Refused, StoreError, StoreFull, Tampered, UsageError, WrongKey
from lapel.fakes.keys import FixedKey
from lapel.store.sealed import CHUNK_BYTES, HEADER_BYTES, MAGIC, read_sealed, write_sealed

PURPOSE = "test"
SEALED_CHUNK = CHUNK_BYTES + 16
CONTENT = random.Random(1).randbytes(2 * CHUNK_BYTES + 1000)


@pytest.fixture
def sealed(tmp_path: Path, keys: FixedKey) -> Path:
    """A sealed file of three chunks."""
    path = tmp_path / "sealed.lapel"
    write_sealed(path, [CONTENT], keys, PURPOSE)
    return path


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_content_of_any_size_comes_back(tmp_path: Path, keys: FixedKey, size: int) -> None:
    content = random.Random(size).randbytes(size)
    write_sealed(tmp_path / "a", [content], keys, PURPOSE)
    assert read_sealed(tmp_path / "a", keys, PURPOSE) == content


def test_parts_are_sealed_one_after_the_other(tmp_path: Path, keys: FixedKey) -> None:
    parts = [b"a", memoryview(CONTENT), b"", b"z" * CHUNK_BYTES]
    write_sealed(tmp_path / "a", parts, keys, PURPOSE)
    assert read_sealed(tmp_path / "a", keys, PURPOSE) == b"a" + CONTENT + b"z" * CHUNK_BYTES


def test_a_file_of_the_first_format_is_still_read(tmp_path: Path, keys: FixedKey) -> None:
    salt, prefix, size = b"s" * 16, b"prefix7", 64 * 1024
    key = keys.derive(PURPOSE, salt)
    content = random.Random(1).randbytes(size + 9)
    check = hmac.digest(key, b"lapel sealed file key check", "sha256")[:16]
    fields = struct.pack(">8sHQ16s7s16s", MAGIC, 1, len(content), salt, prefix, check)
    header = fields + sha256(fields).digest()[:8]
    cipher = ChaCha20Poly1305(key)
    sealed = [
        cipher.encrypt(prefix + number.to_bytes(4, "big") + bytes([number]), content[number * size :][:size], header)
        for number in (0, 1)
    ]
    (tmp_path / "a").write_bytes(header + b"".join(sealed))
    assert read_sealed(tmp_path / "a", keys, PURPOSE) == content


def test_nothing_of_the_content_stands_in_the_file(tmp_path: Path, keys: FixedKey) -> None:
    write_sealed(tmp_path / "a", [b"crate of oranges" * 10], keys, PURPOSE)
    assert b"orange" not in (tmp_path / "a").read_bytes()


def test_the_same_content_sealed_twice_gives_files_that_share_only_their_magic(tmp_path: Path, keys: FixedKey) -> None:
    for name in ("a", "b"):
        write_sealed(tmp_path / name, [CONTENT], keys, PURPOSE)
    one, other = (tmp_path / "a").read_bytes(), (tmp_path / "b").read_bytes()
    assert one[18:50] != other[18:50]
    assert one[HEADER_BYTES : HEADER_BYTES + 64] != other[HEADER_BYTES : HEADER_BYTES + 64]


def test_a_sealed_file_is_its_owners_alone(sealed: Path) -> None:
    assert stat.S_IMODE(sealed.stat().st_mode) == 0o600


@pytest.mark.parametrize("at", range(HEADER_BYTES))
def test_one_flipped_bit_in_the_header_is_refused(sealed: Path, keys: FixedKey, at: int) -> None:
    flip(sealed, at)
    with pytest.raises(Refused, match="is not a sealed Lapel file" if at < len(MAGIC) else "header was changed"):
        read_sealed(sealed, keys, PURPOSE)


@pytest.mark.parametrize("at", sorted(random.Random(2).sample(range(HEADER_BYTES, HEADER_BYTES + len(CONTENT)), 40)))
def test_one_flipped_bit_in_the_content_is_tampering_and_not_a_wrong_key(sealed: Path, keys: FixedKey, at: int) -> None:
    flip(sealed, at)
    with pytest.raises(Tampered, match="was changed near byte"):
        read_sealed(sealed, keys, PURPOSE)


@pytest.mark.parametrize(
    "kept", [1, 7, 8, 64, 65, 66, HEADER_BYTES + SEALED_CHUNK, HEADER_BYTES + 2 * SEALED_CHUNK, -1]
)
def test_a_truncated_file_is_refused_with_its_length(sealed: Path, keys: FixedKey, kept: int) -> None:
    length = kept if kept > 0 else sealed.stat().st_size + kept
    os.truncate(sealed, length)
    with pytest.raises(Tampered, match=f"truncated at {length} "):
        read_sealed(sealed, keys, PURPOSE)


def test_a_cut_is_found_when_the_header_was_made_to_agree_with_it(sealed: Path, keys: FixedKey) -> None:
    fields = bytearray(sealed.read_bytes()[: HEADER_BYTES - 8])
    fields[10:18] = (2 * CHUNK_BYTES).to_bytes(8, "big")
    chunks = sealed.read_bytes()[HEADER_BYTES : HEADER_BYTES + 2 * SEALED_CHUNK]
    sealed.write_bytes(fields + sha256(fields).digest()[:8] + chunks)
    with pytest.raises(Tampered, match="was changed near byte"):
        read_sealed(sealed, keys, PURPOSE)


def test_an_empty_file_is_refused(sealed: Path, keys: FixedKey) -> None:
    sealed.write_bytes(b"")
    with pytest.raises(Tampered, match="is empty"):
        read_sealed(sealed, keys, PURPOSE)


def test_bytes_added_at_the_end_are_refused(sealed: Path, keys: FixedKey) -> None:
    sealed.write_bytes(sealed.read_bytes() + b"more")
    with pytest.raises(Tampered, match="4 bytes were added"):
        read_sealed(sealed, keys, PURPOSE)


def test_chunks_that_changed_places_are_refused(sealed: Path, keys: FixedKey) -> None:
    data = sealed.read_bytes()
    first, second = HEADER_BYTES, HEADER_BYTES + SEALED_CHUNK
    swapped = data[second : second + SEALED_CHUNK] + data[first : first + SEALED_CHUNK]
    sealed.write_bytes(data[:first] + swapped + data[first + 2 * SEALED_CHUNK :])
    with pytest.raises(Tampered, match=f"near byte {HEADER_BYTES}"):
        read_sealed(sealed, keys, PURPOSE)


def test_a_chunk_of_another_file_under_the_same_key_is_refused(tmp_path: Path, sealed: Path, keys: FixedKey) -> None:
    write_sealed(tmp_path / "other", [CONTENT], keys, PURPOSE)
    mixed = (
        sealed.read_bytes()[: HEADER_BYTES + SEALED_CHUNK]
        + (tmp_path / "other").read_bytes()[HEADER_BYTES + SEALED_CHUNK :]
    )
    sealed.write_bytes(mixed)
    with pytest.raises(Tampered):
        read_sealed(sealed, keys, PURPOSE)


def test_a_wrong_key_is_told_from_a_changed_file(sealed: Path) -> None:
    with pytest.raises(WrongKey, match="does not open it"):
        read_sealed(sealed, FixedKey(b"another"), PURPOSE)


def test_a_file_sealed_for_another_purpose_does_not_open(sealed: Path, keys: FixedKey) -> None:
    with pytest.raises(WrongKey):
        read_sealed(sealed, keys, "another")


def test_another_kind_of_file_is_named_as_such(sealed: Path, keys: FixedKey) -> None:
    sealed.write_bytes(b"\xff\xd8\xff\xe0 a picture")
    with pytest.raises(Refused, match="is not a sealed Lapel file"):
        read_sealed(sealed, keys, PURPOSE)


def test_a_missing_file_is_the_users_to_correct(tmp_path: Path, keys: FixedKey) -> None:
    with pytest.raises(UsageError, match="absent: no such file"):
        read_sealed(tmp_path / "absent", keys, PURPOSE)


@pytest.mark.usefixtures("as_ordinary_user")
def test_a_read_only_folder_keeps_the_old_file(tmp_path: Path, keys: FixedKey) -> None:
    path = tmp_path / "a"
    write_sealed(path, [b"old"], keys, PURPOSE)
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="a: cannot be written: Permission denied"):
        write_sealed(path, [b"new"], keys, PURPOSE)
    assert read_sealed(path, keys, PURPOSE) == b"old"


def test_a_full_disk_keeps_the_old_file_and_leaves_no_draft(small_disk: Path, keys: FixedKey) -> None:
    path = small_disk / "a"
    write_sealed(path, [b"old"], keys, PURPOSE)
    with pytest.raises(StoreFull, match="disk is full"):
        write_sealed(path, [bytes(2 * 1024 * 1024)], keys, PURPOSE)
    assert read_sealed(path, keys, PURPOSE) == b"old"
    assert [entry.name for entry in small_disk.iterdir()] == ["a"]


def test_a_file_size_limit_keeps_the_old_file_and_leaves_no_draft(tmp_path: Path, keys: FixedKey) -> None:
    path = tmp_path / "a"
    write_sealed(path, [b"old"], keys, PURPOSE)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (CHUNK_BYTES, before[1]))
    try:
        with pytest.raises(StoreFull):
            write_sealed(path, [CONTENT], keys, PURPOSE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert read_sealed(path, keys, PURPOSE) == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
