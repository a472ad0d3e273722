"""The bytes of a record: what is hashed into the audit tree, and what travels to the station.

A body is canonical JSON: keys sorted, no spaces, UTF-8, one way only to write a value. It covers everything that a
record says, its picture by SHA-256, so that two records with the same leaf are the same record.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import cast

from lapel.core.chain import leaf_hash
from lapel.core.records import Event, Fact, Record, RecordKind

LARGEST_PICTURE_BYTES = 64 * 1024
_FORMAT = 1
_NS = 1_000_000_000
_KEYS = frozenset({"at", "boot", "device", "facts", "format", "kind", "monotonic_ns", "picture", "sequence"})


@dataclass(frozen=True, slots=True)
class Stamp:
    """When and where a record was made. ``wall_ns`` since 1970 UTC; ``monotonic_ns`` within the boot ``boot``."""

    device: str
    sequence: int
    wall_ns: int
    boot: str
    monotonic_ns: int


@dataclass(frozen=True, slots=True)
class Body:
    """What the bytes of a record say. ``picture_sha256`` is hexadecimal, empty where there is no picture."""

    kind: RecordKind
    facts: tuple[tuple[str, Fact], ...]
    at: str
    boot: str
    monotonic_ns: int
    device: str
    sequence: int
    picture_sha256: str

    def encoded(self) -> bytes:
        """Canonical JSON. Raises: ValueError for what has no canonical form (NaN, a lone surrogate)."""
        return _canonical(
            {
                "at": self.at,
                "boot": self.boot,
                "device": self.device,
                "facts": dict(self.facts),
                "format": _FORMAT,
                "kind": self.kind.value,
                "monotonic_ns": self.monotonic_ns,
                "picture": self.picture_sha256,
                "sequence": self.sequence,
            }
        )


def record_of(event: Event, stamp: Stamp) -> Record:
    """The record of an event. Raises: ValueError for a fact or picture that cannot be kept, naming it."""
    if len(event.picture) > LARGEST_PICTURE_BYTES:
        raise ValueError(f"picture of {len(event.picture)} bytes; a record holds at most {LARGEST_PICTURE_BYTES}")
    facts = tuple(sorted((name, _fact(name, value)) for name, value in event.facts))
    if len(dict(facts)) != len(facts):
        raise ValueError(f"a {event.kind.value} event states a fact twice: {[name for name, _ in facts]}")
    body = Body(
        kind=event.kind,
        facts=facts,
        at=rfc3339(stamp.wall_ns),
        boot=stamp.boot,
        monotonic_ns=stamp.monotonic_ns,
        device=stamp.device,
        sequence=stamp.sequence,
        picture_sha256=picture_sha256(event.picture),
    )
    return _record(body, body.encoded(), event.picture)


def record_from(data: bytes, picture: bytes = b"") -> Record:
    """The record that body bytes and a picture make. Whether they belong together is core.audit's to say.

    Raises: ValueError for bytes that are not a canonical body.
    """
    return _record(parse_body(data), data, picture)


def given_up(sequence: int, kind: str, at: str, leaf: bytes) -> Record:
    """What is left of a record whose body was given up. Raises: ValueError for a kind that there is none of."""
    return Record(sequence, _id(leaf), RecordKind(kind), at, b"", leaf)


def parse_body(data: bytes) -> Body:
    """What body bytes say. Raises: ValueError unless they are exactly what ``Body.encoded`` writes."""
    try:
        parsed = json.loads(data)
        if not isinstance(parsed, dict) or parsed.keys() != _KEYS or parsed["format"] != _FORMAT:
            raise ValueError("not the fields of a record")
        body = Body(
            kind=RecordKind(parsed["kind"]),
            facts=tuple(sorted((name, _fact(name, value)) for name, value in _mapping(parsed["facts"]).items())),
            at=_text(parsed["at"]),
            boot=_text(parsed["boot"]),
            monotonic_ns=_count(parsed["monotonic_ns"]),
            device=_text(parsed["device"]),
            sequence=_count(parsed["sequence"]),
            picture_sha256=_text(parsed["picture"]),
        )
        canonical = body.encoded()
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not a record's body: {error}") from error
    if canonical != data:
        raise ValueError("not a record's body: not in canonical form")
    return body


def picture_sha256(picture: bytes) -> str:
    """How a body names its picture: hexadecimal SHA-256, empty for no picture."""
    return sha256(picture).hexdigest() if picture else ""


def rfc3339(wall_ns: int) -> str:
    """UTC time with nanoseconds, as in 2026-01-31T12:00:00.000000001Z. Raises: ValueError outside years 1–9999."""
    try:
        second = datetime.fromtimestamp(wall_ns // _NS, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise ValueError(f"wall clock of {wall_ns} ns is no date") from error
    return f"{second:%Y-%m-%dT%H:%M:%S}.{wall_ns % _NS:09d}Z"


def _record(body: Body, data: bytes, picture: bytes) -> Record:
    leaf = leaf_hash(data)
    return Record(body.sequence, _id(leaf), body.kind, body.at, data, leaf, picture, body.device, body.picture_sha256)


def _id(leaf: bytes) -> str:
    # 128 bits of the leaf: unique over devices and over a journal begun anew, and it can be recomputed.
    return leaf.hex()[:32]


def _canonical(value: dict[str, object]) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()  # UnicodeEncodeError is a ValueError


def _fact(name: str, value: object) -> Fact:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    raise ValueError(f"fact {name} = {value!r}: not text, a finite number, true, false or null")


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError("facts are not an object")
    return cast("dict[str, object]", value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not text")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is not a count")
    return value
