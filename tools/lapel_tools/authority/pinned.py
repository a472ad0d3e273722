"""Which authority an administrator's key signs for: the SHA-256 of its first root, kept beside the key's file.

Signatures say that a folder holds together, and not whose it is: an authority that was made up whole holds together
too. Whoever signs for the first time takes what they are given; from then on their key signs for that one alone.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from tuf.api.metadata import Root

from lapel.errors import ConfigError, Refused
from lapel.store.atomic import write_whole
from lapel.store.trusted import loaded
from lapel_tools.authority.folder import AuthorityFolder
from lapel_tools.authority.proposal import Proposal

_SUFFIX = ".authority"


def check_pinned(key: Path, authority: AuthorityFolder, proposal: Proposal | None = None) -> str:
    """The SHA-256 of the first root, published or proposed, that the key in a file may sign for.

    Raises: Refused where the key signed for another authority, ConfigError.
    """
    first = _first_root(authority, proposal)
    path = _pin(key)
    try:
        pinned = path.read_text(encoding="ascii").strip() if path.exists() else first
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read ({error}); restore it beside your keys") from error
    if pinned != first:
        raise Refused(
            f"{authority.path}: is of authority {first[:16]}, and {key} signs for {pinned[:16]} since its first "
            f"signature; sign nothing. Only where all administrators began anew, remove {path}"
        )
    return first


def hold_to(key: Path, authority: AuthorityFolder) -> None:
    """See that a key signs for this authority, from now on for no other. Raises: Refused, ConfigError, StoreError."""
    pin(key, check_pinned(key, authority))


def pin(key: Path, first: str) -> None:
    """Keep to the authority of that first root from now on. Raises: StoreError."""
    if not _pin(key).exists():
        write_whole(_pin(key), [first.encode("ascii") + b"\n"])


def _pin(key: Path) -> Path:
    return key.with_name(key.name + _SUFFIX)


def _first_root(authority: AuthorityFolder, proposal: Proposal | None) -> str:
    """Of what is signed, and not of the signatures: those are still to come where it is proposed."""
    data = authority.public.metadata("1.root.json")
    root = loaded("1.root.json", data, Root) if data is not None else proposal.root if proposal else None
    if root is None:
        raise Refused(f"{authority.path}: has no root, published or proposed; take a copy of the whole folder")
    return sha256(root.signed_bytes).hexdigest()
