"""A record has no place for a person: every type that one can hold is walked, and what a watch keeps is read."""

from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np
import pytest

from footage import write_picture
from forced_list import forced
from lapel.config.profile import load_profile
from lapel.core.crowd import Crowd
from lapel.core.record_body import Body, parse_body
from lapel.core.records import Event, Record, RecordKind
from lapel.health.clock import SystemClock
from lapel.store.gallery import write_gallery
from lapel.store.journal import SealedJournal
from lapel.store.keys import FileKey
from lapel.wiring.lookout import Orders, watch
from lapel.wiring.seeing import open_seeing

PLAIN = {str, int, float, bool, bytes, type(None)}
ABOUT_PEOPLE = {"from_s", "people_max", "people_by_minute"}


def reachable(kind: Any) -> set[Any]:
    """Every type that a value of that type can hold, however deep."""
    if get_origin(kind) in (Union, UnionType, tuple):
        return {found for inside in get_args(kind) if inside is not ... for found in reachable(inside)}
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return {kind} | {found for each in fields(kind) for found in reachable(hints[each.name])}
    return {kind}


@pytest.mark.parametrize("kind", [Record, Event, Body])
def test_whatever_a_record_can_hold_is_text_numbers_and_one_picture(kind: type) -> None:
    others = reachable(kind) - PLAIN - {kind}
    assert others == {RecordKind}
    assert issubclass(RecordKind, Enum)
    assert [
        each.name for each in fields(kind) if get_type_hints(kind)[each.name] is bytes and "picture" in each.name
    ] in (
        ["picture"],
        [],
    )


def test_of_people_a_record_says_numbers_alone_and_has_no_picture() -> None:
    crowd = Crowd()
    crowd.see(3, 5.0)
    (event,) = crowd.close()
    assert {name for name, _ in event.facts} == ABOUT_PEOPLE
    assert event.picture == b""
    assert set(dict(event.facts)["people_by_minute"] or "x") <= set("0123456789- ")  # type: ignore[arg-type]


def test_a_watch_keeps_people_in_no_other_record(tmp_path: Path) -> None:
    profile, keys = load_profile("ci-video"), FileKey.create(tmp_path / "key")
    grey = np.full((240, 320, 3), 90, np.uint8)
    (tmp_path / "source").mkdir()
    for number in range(3):
        write_picture(tmp_path / f"source/{number}.png", grey)
    noise = np.random.default_rng(1).integers(0, 255, (96, 96, 3), np.uint8)
    write_gallery(tmp_path / "list.lapel", forced(open_seeing(profile), [noise]), keys)
    watch(
        profile,
        Orders(str(tmp_path / "source"), tmp_path / "list.lapel", tmp_path, is_live=False, console=False),
        keys,
        keys,
    )
    with SealedJournal(tmp_path / "journal.db", keys, SystemClock(), read_only=True) as journal:
        bodies = [parse_body(record.body) for record in journal.after(-1, 100)]
    told = {
        body.kind for body in bodies for name, _ in body.facts if {"people", "person", "face"} & set(name.split("_"))
    }
    assert told - {RecordKind.START} == {RecordKind.PEOPLE}  # a start names its models, those that find faces too
    (people,) = (body for body in bodies if body.kind is RecordKind.PEOPLE)
    assert {name for name, _ in people.facts} == ABOUT_PEOPLE
