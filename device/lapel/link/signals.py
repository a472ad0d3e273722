"""What comes over a line: messages, the broker's answers to ours, and the line's end."""

from __future__ import annotations

from dataclasses import dataclass, field

# Reason codes of MQTT 5, §2.4. From FAILURE on, the broker did not take the message.
NO_SUBSCRIBER = 0x10
FAILURE = 0x80
NOT_AUTHORISED = 0x87


@dataclass(frozen=True, slots=True)
class Published:
    """The broker answered a message: ``reason`` is MQTT's code, 0x80 and above a refusal."""

    reason: int


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message came."""

    topic: str
    attributes: tuple[tuple[str, str], ...]
    content_type: str
    data: bytes = field(repr=False)
    mid: int = 0


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection ended."""

    why: str


@dataclass(frozen=True, slots=True)
class Unread:
    """The broker does not let us read what we asked for while the line was open."""

    reason: int


Signal = Published | Arrived | Lost | Unread
