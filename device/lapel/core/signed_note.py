"""Signed notes: a short text and who signed it, which people and other people's tools can read.

Source: C2SP signed-note (c2sp.org/signed-note). A note is taken only as it would be written here, byte for byte, so
that a changed byte is never read past.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

_KEY_ID_BYTES = 4
_PUBLIC_BYTES = 32
_DASH = "\u2014 "
_LONGEST = 16 * 1024
_MOST_SIGNATURES = 16
_KEY_NAME = re.compile(r"[^\s+]+")
# Halves of surrogate pairs as well: a note is UTF-8, and JSON may bring what no UTF-8 holds.
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")


class Algorithm(IntEnum):
    """What a key signs: the note's text, or (C2SP tlog-cosignature) that a witness saw it at some time."""

    ED25519 = 0x01
    COSIGNATURE = 0x04


@dataclass(frozen=True, slots=True)
class NoteKey:
    """Who may sign: a name without blanks or ``+``, and an Ed25519 public key of 32 bytes. Raises: ValueError."""

    name: str
    public: bytes
    algorithm: Algorithm = Algorithm.ED25519

    def __post_init__(self) -> None:
        if not _KEY_NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} names no key: blanks and + may not stand in it")

    @property
    def id(self) -> bytes:
        """Tells keys of one name apart: 4 bytes."""
        return sha256(self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        """The key as others take it: name+id+key."""
        key = base64.b64encode(bytes([self.algorithm]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{key}"


def parse_key(text: str) -> NoteKey:
    """The key that ``str`` of one wrote. Raises: ValueError unless it is written so, and its id is its own."""
    name, _, rest = text.partition("+")
    try:
        coded = base64.b64decode(rest.partition("+")[2], validate=True)
        key = NoteKey(name, coded[1:], Algorithm(coded[0]))
    except (IndexError, ValueError) as error:
        raise ValueError(f"not a key: {error}") from error
    if len(key.public) != _PUBLIC_BYTES or str(key) != text:
        raise ValueError("not a key: name, id and key do not go together")
    return key


@dataclass(frozen=True, slots=True)
class Signature:
    """A line under a note. Nothing about it is known to be true before ``data`` was verified with that key."""

    name: str
    key_id: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text that ends in a line feed, and its signatures."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        """The note as it is kept and sent."""
        lines = (
            f"{_DASH}{each.name} {base64.b64encode(each.key_id + each.data).decode()}\n" for each in self.signatures
        )
        return f"{self.text}\n{''.join(lines)}"

    def by(self, key: NoteKey) -> tuple[bytes, ...]:
        """What is said to be signed by a key."""
        return tuple(each.data for each in self.signatures if (each.name, each.key_id) == (key.name, key.id))


def parse_note(data: str) -> SignedNote:
    """A note, not verified. Raises: ValueError unless it is written as ``str`` writes one."""
    text, found, lines = data.rpartition("\n\n")
    if len(data) > _LONGEST or not found or _CONTROLS.search(data):
        raise ValueError("not a signed note: too long, without a signature, or with control characters")
    signatures = tuple(_signature(line) for line in lines.splitlines()[:_MOST_SIGNATURES])
    note = SignedNote(f"{text}\n", signatures)
    if not signatures or str(note) != data:
        raise ValueError("not a signed note: its signatures are not written as signatures are")
    return note


def _signature(line: str) -> Signature:
    name, _, coded = line.removeprefix(_DASH).partition(" ")
    try:
        data = base64.b64decode(coded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"not a signed note: a signature is not base64 ({error})") from error
    if len(data) <= _KEY_ID_BYTES or not _KEY_NAME.fullmatch(name):
        raise ValueError("not a signed note: a signature is too short, or by no name")
    return Signature(name, data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:])
