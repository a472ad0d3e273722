"""What other processes of the device may hand to the lookout for its journal: a few kinds, a few facts. Pure."""

from __future__ import annotations

import json

from lapel.core.feedback import Answer, Mute, Pairing
from lapel.core.records import Event, Fact, RecordKind

LONGEST_BYTES = 4096
_FACTS = {
    RecordKind.EXPORT: frozenset({"clip", "form", "sha256", "by", "why"}),
    RecordKind.PURGE: frozenset({"clip", "reason", "by", "why"}),
    RecordKind.REFUSAL: frozenset({"what", "why"}),
    RecordKind.ANSWER: frozenset({"alert", "answer", "by"}),
    RecordKind.MUTE: frozenset({"alert", "outcome", "by"}),
    RecordKind.PAIRING: frozenset({"outcome", "by"}),
    RecordKind.UPDATE: frozenset({"outcome", "list", "version", "entries", "withdrawn", "trusted"}),
    RecordKind.WIPE: frozenset({"by", "ordered", "why"}),
    RecordKind.SOFTWARE: frozenset({"outcome", "version", "before", "why"}),
}
"""Whatever the lookout itself sees or decides, it alone records: no alert can be handed in."""

_SAID: dict[RecordKind, tuple[str, type[Answer] | type[Mute] | type[Pairing]]] = {
    RecordKind.ANSWER: ("answer", Answer),
    RecordKind.MUTE: ("outcome", Mute),
    RecordKind.PAIRING: ("outcome", Pairing),
}
"""Facts with few values."""


def encoded(event: Event) -> bytes:
    """An event as it is handed over: JSON, UTF-8. Raises: ValueError for one that may not be."""
    if event.picture:
        raise ValueError("a picture cannot be handed over")
    data = json.dumps({"kind": event.kind.value, "facts": dict(event.facts)}).encode()
    handed_event(data)
    return data


def handed_event(data: bytes) -> Event:
    """The event that was handed over. Raises: ValueError unless it is of a kind, and has the facts, that may be."""
    if len(data) > LONGEST_BYTES:
        raise ValueError(f"longer than {LONGEST_BYTES} bytes; shorten the reason")
    try:
        said = json.loads(data)
        kind, facts = RecordKind(said["kind"]), dict(said["facts"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"not an event: {error}") from error
    if kind not in _FACTS:
        raise ValueError(f"{kind.value}: only {', '.join(each.value for each in _FACTS)} can be handed over")
    if facts.keys() != _FACTS[kind] or not all(isinstance(value, str) for value in facts.values()):
        raise ValueError(f"{kind.value}: has other facts than {', '.join(sorted(_FACTS[kind]))}, each a text")
    if kind in _SAID:
        name, values = _SAID[kind]
        if facts[name] not in (allowed := [each.value for each in values]):
            raise ValueError(f"{kind.value}: {name} is {facts[name]!r}; say one of: {', '.join(allowed)}")
    stated: tuple[tuple[str, Fact], ...] = tuple(sorted(facts.items()))
    return Event(kind, stated)
