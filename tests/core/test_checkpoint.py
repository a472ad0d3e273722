"""Checkpoints and notes are those of C2SP, and one changed byte makes another of them, or none."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lapel.core.chain import EMPTY_ROOT
from lapel.core.checkpoint import Checkpoint, parse_checkpoint
from lapel.core.records import Head
from lapel.core.signed_note import NoteKey, Signature, SignedNote, parse_note
from lapel.store.signing import NoteSigner, is_signed

# The example of C2SP signed-note and of golang.org/x/mod/sumdb/note: a note, and the key that signed it.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
SIGNER = NoteSigner("cam-7", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
NOTE = SIGNER.signed(str(Checkpoint("cam-7", Head(20852163, EMPTY_ROOT))))


def test_a_note_that_another_tool_signed_is_read_and_verified() -> None:
    name, key_id, coded = PETER.split("+")
    key = NoteKey(name, base64.b64decode(coded)[1:])
    assert (str(key), key.id.hex()) == (PETER, key_id)
    note = parse_note(NEUMANN)
    assert str(note) == NEUMANN
    assert is_signed(note, key)


def test_a_checkpoint_is_origin_size_and_root() -> None:
    assert NOTE.text == "cam-7\n20852163\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    assert parse_checkpoint(NOTE.text) == Checkpoint("cam-7", Head(20852163, EMPTY_ROOT))


def test_a_signature_is_over_the_text_by_the_key_of_that_name() -> None:
    (signature,) = NOTE.signatures
    Ed25519PublicKey.from_public_bytes(SIGNER.key.public).verify(signature.data, NOTE.text.encode())
    assert (signature.name, signature.key_id) == ("cam-7", SIGNER.key.id)
    assert is_signed(parse_note(str(NOTE)), SIGNER.key)


def test_every_bit_that_flips_in_a_checkpoint_is_found() -> None:
    data = str(NOTE).encode()
    for place in range(len(data)):
        for change in (1 << bit for bit in range(8)):
            changed = bytearray(data)
            changed[place] ^= change
            with suppress(ValueError):
                note = parse_note(changed.decode())
                assert not is_signed(note, SIGNER.key), f"byte {place} ^ {change}"


def test_a_note_stays_signed_when_a_witness_adds_a_line() -> None:
    witness = NoteSigner("station", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    both = SignedNote(NOTE.text, (*NOTE.signatures, *witness.signed(NOTE.text).signatures))
    note = parse_note(str(both))
    assert is_signed(note, SIGNER.key)
    assert is_signed(note, witness.key)


def test_a_note_by_nobody_known_is_not_signed() -> None:
    assert not is_signed(NOTE, NoteSigner("cam-7", Ed25519PrivateKey.from_private_bytes(bytes(32))).key)
    assert not is_signed(NOTE, NoteSigner("cam-8", Ed25519PrivateKey.from_private_bytes(bytes(range(32)))).key)


def test_a_false_signature_beside_a_true_one_by_the_same_key_is_not_passed_over() -> None:
    false = Signature("cam-7", SIGNER.key.id, bytes(64))
    assert not is_signed(SignedNote(NOTE.text, (*NOTE.signatures, false)), SIGNER.key)


@pytest.mark.parametrize("name", ["", "cam 7", "cam+7", "cam\u20037", "cam\n7"])
def test_a_name_that_a_note_could_not_hold_names_no_key(name: str) -> None:
    with pytest.raises(ValueError, match="names no key"):
        NoteKey(name, bytes(32))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cam-7\n5\n",
        "cam-7\n5\nAAAA\n",
        *(
            f"cam-7\n{size}\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
            for size in ("05", "-1", "+5", "5 ", "1_0", 2**63)
        ),
        "cam-7\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
        "cam-7\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "cam-7\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nmore\n",
        "\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
    ],
)
def test_what_is_not_written_as_a_checkpoint_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="not a checkpoint"):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "data", ["", "text\n", "text\n\n", f"{NOTE}more", str(NOTE).replace("—", "-"), str(NOTE) * 200]
)
def test_what_is_not_written_as_a_note_is_none(data: str) -> None:
    with pytest.raises(ValueError, match="not a signed note"):
        parse_note(data)
