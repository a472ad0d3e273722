"""What the station tells a device after it has committed: how far it holds the device's journal.

Only this moves the device's cursor. A broker's PUBACK says that the broker has a message, not that anybody keeps it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from lapel.core.records import Head
from lapel.errors import Refused

EXPIRES_S = 24 * 3600
"""So long a broker keeps an ack for a device that is away; after that it asks by sending again."""
_SHA256_BYTES = 32


class MalformedAck(Refused):
    """A message on the ack topic is not an ack."""


@dataclass(frozen=True, slots=True)
class Ack:
    """``head`` is over the records that the station holds without a gap, computed from their leaves.

    ``is_gap``: a record came whose predecessors are missing; send again from ``head.size``. ``refusal`` says why
    the station did not take a record that it just received, or is empty. ``witness`` answers an offered checkpoint: the
    last one that the station signed, empty where it signed none; None where none was offered.
    """

    head: Head
    is_gap: bool = False
    refusal: str = ""
    witness: str | None = None


def encode(ack: Ack) -> bytes:
    """An ack as JSON."""
    fields: dict[str, object] = {
        "count": ack.head.size,
        "root": ack.head.root.hex(),
        "gap": ack.is_gap,
        "refusal": ack.refusal,
    }
    if ack.witness is not None:
        fields["witness"] = ack.witness
    return json.dumps(fields, separators=(",", ":")).encode()


def decode(data: bytes) -> Ack:
    """An ack from JSON. Raises: MalformedAck."""
    try:
        fields = json.loads(data)
        size, root = fields["count"], bytes.fromhex(fields["root"])
        is_gap, refusal, witness = fields["gap"], fields["refusal"], fields.get("witness")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise MalformedAck("the station's ack is not readable; are both programs of the same version?") from error
    if type(size) is not int or not 0 <= size < 2**63 or len(root) != _SHA256_BYTES or type(is_gap) is not bool:
        raise MalformedAck(
            f"the station's ack has a count of {str(size)[:20]} or a root of {len(root)} bytes, which none has"
        )
    return Ack(Head(size, root), is_gap, str(refusal), None if witness is None else str(witness))
