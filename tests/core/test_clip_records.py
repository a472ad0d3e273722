"""What is said of clips, and which of them have to go."""

import pytest

from lapel.core.clip_records import (
    DAY_NS,
    Due,
    KeptClip,
    Purged,
    clip_event,
    due,
    export_event,
    parse_head,
    purge_event,
)
from lapel.core.record_body import Stamp, parse_body, record_of
from lapel.core.records import Event, RecordKind
from lapel.fakes.clips import made_up_head

NOW = 1000 * DAY_NS


def kept(name: str, days_old: float, size: int = 100) -> KeptClip:
    return KeptClip(name, size, NOW - round(days_old * DAY_NS))


def test_a_head_is_read_back_as_it_was_written() -> None:
    assert parse_head(made_up_head().encoded()) == made_up_head()


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"alerts": 1}', b"\xff"])
def test_bytes_that_are_no_head_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not the head of a clip"):
        parse_head(data)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (clip_event(made_up_head()), RecordKind.CLIP),
        (export_event("a", "film", "b", "Officer 7", "court"), RecordKind.EXPORT),
        (purge_event("a", Purged.AGE), RecordKind.PURGE),
    ],
)
def test_what_happens_to_a_clip_is_a_record_without_a_picture(event: Event, kind: RecordKind) -> None:
    record = record_of(event, Stamp("cam-1", 0, 0, "boot", 0))
    assert parse_body(record.body).kind is kind
    assert record.picture == b""


def test_a_clips_record_names_its_alerts_and_its_film() -> None:
    head = made_up_head()
    facts = dict(clip_event(head).facts)
    assert (facts["clip"], facts["alerts"]) == (head.id, " ".join(head.alerts))
    assert (facts["sha256"], facts["seconds"], facts["bytes"]) == (head.sha256, 15.0, head.film_bytes)


def test_a_clip_goes_when_its_days_are_over() -> None:
    assert due((kept("old", 31), kept("new", 29)), NOW, 30, 1e9) == (Due("old", Purged.AGE),)


def test_the_oldest_go_first_until_the_rest_is_within_the_quota() -> None:
    clips = (kept("c", 1), kept("a", 3), kept("b", 2))
    assert due(clips, NOW, 30, 100) == (Due("a", Purged.QUOTA), Due("b", Purged.QUOTA))


def test_what_goes_by_age_makes_room_first() -> None:
    assert due((kept("old", 31), kept("b", 2), kept("c", 1)), NOW, 30, 200) == (Due("old", Purged.AGE),)


def test_nothing_goes_that_may_stay() -> None:
    assert due((kept("a", 3), kept("b", 2)), NOW, 30, 200) == ()
