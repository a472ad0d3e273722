"""A checkpoint: the head of a device's audit tree as a text to sign.

Source: C2SP tlog-checkpoint (c2sp.org/tlog-checkpoint), without extension lines.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from lapel.core.chain import HASH_BYTES
from lapel.core.records import Head

EVERY_RECORDS = 256
EVERY_S = 60.0
"""A journal signs its head after so many records, or so long after the first that no checkpoint covers."""
_MOST_RECORDS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``origin`` is the device whose journal it is, and the name of the key that signs it."""

    origin: str
    head: Head

    def __str__(self) -> str:
        """The text of the note."""
        return f"{self.origin}\n{self.head.size}\n{base64.b64encode(self.head.root).decode()}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """What the text of a note says. Raises: ValueError unless it is written as ``str`` writes one."""
    try:
        origin, size, root, rest = text.split("\n")
        checkpoint = Checkpoint(origin, Head(int(size), base64.b64decode(root, validate=True)))
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"not a checkpoint: {error}") from error
    if rest or not origin or len(checkpoint.head.root) != HASH_BYTES or str(checkpoint) != text:
        raise ValueError("not a checkpoint: origin, size and root are not written as they are")
    if not 0 <= checkpoint.head.size <= _MOST_RECORDS:
        raise ValueError(f"not a checkpoint: no tree has {checkpoint.head.size} records")
    return checkpoint
