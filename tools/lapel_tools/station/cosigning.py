"""The station's own signature under what a device signed: that it saw this head, and when.

Source: C2SP tlog-cosignature (c2sp.org/tlog-cosignature), version 1 over Ed25519.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lapel.core.signed_note import Algorithm, NoteKey, Signature, SignedNote
from lapel.errors import StoreError, UsageError
from lapel.store.atomic import write_whole

_SEED_BYTES = 32
_TIME_BYTES = 8


class Cosigner:
    """Signs as the station of a site."""

    def __init__(self, site: str, private: Ed25519PrivateKey) -> None:
        self._private = private
        public = private.public_key().public_bytes_raw()
        self.key = NoteKey(f"station/{site}", public, Algorithm.COSIGNATURE)

    def cosigned(self, note: SignedNote, at_s: int) -> SignedNote:
        """The note with one signature more: seen at so many seconds since 1970."""
        data = at_s.to_bytes(_TIME_BYTES, "big") + self._private.sign(_message(note.text, at_s))
        return SignedNote(note.text, (*note.signatures, Signature(self.key.name, self.key.id, data)))


def cosigner_at(path: Path, site: str) -> Cosigner:
    """The station whose key stands in a file, made where there is none; its public half is put beside it, ``.pub``.

    Raises: UsageError, StoreError.
    """
    if not path.exists():
        private = Ed25519PrivateKey.generate()
        write_whole(path, [private.private_bytes_raw().hex().encode() + b"\n"])
        cosigner = Cosigner(site, private)
        write_whole(path.with_name(path.name + ".pub"), [f"{cosigner.key}\n".encode()])
        return cosigner
    try:
        is_open = path.stat().st_mode & 0o077
        seed = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (ValueError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: holds no station's key; name the file that the station made") from error
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}; check who may read it") from error
    if is_open:
        raise UsageError(f"{path}: others may read it, and sign as the station; chmod 600 {path}")
    if len(seed) != _SEED_BYTES:
        raise UsageError(f"{path}: holds no station's key; name the file that the station made")
    return Cosigner(site, Ed25519PrivateKey.from_private_bytes(seed))


def cosigned_at(note: SignedNote, key: NoteKey) -> int | None:
    """When a station signed a note, in seconds since 1970; None where it did not, or a signature only claims to be
    its."""
    public, seen = Ed25519PublicKey.from_public_bytes(key.public), None
    for data in note.by(key):
        at_s = int.from_bytes(data[:_TIME_BYTES], "big")
        try:
            public.verify(data[_TIME_BYTES:], _message(note.text, at_s))
        except InvalidSignature:
            return None
        seen = at_s
    return seen


def _message(text: str, at_s: int) -> bytes:
    return f"cosignature/v1\ntime {at_s}\n{text}".encode()
