"""Only a few kinds of records can be handed to the lookout, and each says what it must and nothing else."""

import json

import pytest

from lapel.core.clip_records import Purged, export_event, purge_event
from lapel.core.feedback import Answer, Mute, Pairing, answer_event, mute_event, pairing_event
from lapel.core.handed import LONGEST_BYTES, encoded, handed_event
from lapel.core.records import Event, RecordKind
from lapel.core.software import Outcome, happened
from lapel.core.wipes import WipeOrder, wipe_event

EXPORT = export_event("ab" * 16, "film", "cd" * 32, "Officer 7", "court order 12")
PURGE = purge_event("ab" * 16, Purged.HAND, "Officer 7", "no case")
UPDATE = Event(
    RecordKind.UPDATE,
    (
        ("outcome", "applied"),
        ("list", "harbour"),
        ("version", "3"),
        ("entries", "12"),
        ("withdrawn", ""),
        ("trusted", ""),
    ),
)
ANSWER = answer_event("ab" * 16, Answer.IS_NOT, "Officer 7")
MUTE = mute_event("ab" * 16, Mute.MUTED, "Officer 7")
WIPE = wipe_event(WipeOrder("cam-7", "ab" * 32, "lost", "carol", "2026-03-01T12:00:00+00:00"))
PAIRING = pairing_event(Pairing.PAIRED, "Officer 7")
REFUSAL = Event(RecordKind.REFUSAL, (("what", "watchlist 7"), ("why", "expired")))
SOFTWARE = happened(Outcome.APPLIED, "0.2.0", "0.1.0", "", "2026-03-01T12:00:00+00:00").event()
HANDED = (EXPORT, PURGE, REFUSAL, UPDATE, ANSWER, MUTE, PAIRING, WIPE, SOFTWARE)


@pytest.mark.parametrize("event", HANDED, ids=lambda event: str(event.kind.value))
def test_what_may_be_handed_over_arrives_as_it_was(event: Event) -> None:
    arrived = handed_event(encoded(event))
    assert (arrived.kind, dict(arrived.facts), arrived.picture) == (event.kind, dict(event.facts), b"")


@pytest.mark.parametrize("kind", sorted(set(RecordKind) - {e.kind for e in HANDED}, key=str))
def test_no_other_kind_may(kind: RecordKind) -> None:
    with pytest.raises(ValueError, match="can be handed over"):
        handed_event(json.dumps({"kind": kind.value, "facts": {}}).encode())


@pytest.mark.parametrize("event", [ANSWER, MUTE, PAIRING], ids=lambda event: str(event.kind.value))
def test_what_an_officer_says_is_one_of_few_things(event: Event) -> None:
    facts = dict(event.facts) | {"answer" if event is ANSWER else "outcome": "perhaps"}
    with pytest.raises(ValueError, match="say one of"):
        handed_event(json.dumps({"kind": event.kind.value, "facts": facts}).encode())


def test_a_picture_may_not() -> None:
    with pytest.raises(ValueError, match="picture"):
        encoded(Event(EXPORT.kind, EXPORT.facts, b"\xff\xd8"))


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"what": "a"},
        {"what": "a", "why": "b", "who": "c"},
        {"what": "a", "why": 7},
        {"what": "a", "why": ["b"]},
        {"what": "a", "why": None},
    ],
)
def test_other_facts_than_the_kinds_own_are_refused(facts: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="other facts"):
        handed_event(json.dumps({"kind": "refusal", "facts": facts}).encode())


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{}", b"[]", b"7", b"\xff", b"[" * 4000),
        *(b'{"kind": "refusal"}', b'{"kind": "other", "facts": {}}'),
        *(b'{"kind": "refusal", "facts": 7}', b'{"kind": ["refusal"], "facts": {}}'),
    ],
)
def test_what_is_no_event_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not an event"):
        handed_event(data)


def test_too_long_a_reason_is_refused_on_both_ends() -> None:
    long = Event(RecordKind.REFUSAL, (("what", "a"), ("why", "b" * LONGEST_BYTES)))
    with pytest.raises(ValueError, match="longer than"):
        encoded(long)
    with pytest.raises(ValueError, match="longer than"):
        handed_event(b" " * (LONGEST_BYTES + 1))
