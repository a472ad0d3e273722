"""People are a number: nothing that leaves capture has a place for a person, a face or a plate."""

import tomllib
from dataclasses import fields
from typing import get_type_hints

import pytest

from lapel.core.geometry import Box
from lapel.core.things import Entry, Frame, Hit, Kind, Match, Scene, Sighting, Thing
from lapel.infer.manifest import models_folder
from lapel.ports import Finder

PEOPLE = {"person", "people", "man", "woman", "boy", "girl", "child", "face", "head", "body", "clothing", "plate"}
# Where and how large: all that destroying a face needs.
FACE_OUTPUTS = {"score", "centre", "size", "offset"}


def manifest() -> dict[str, dict[str, object]]:
    tables = tomllib.loads((models_folder() / "manifest.toml").read_text(encoding="utf-8"))
    return {name: table for name, table in tables.items() if isinstance(table, dict)}


@pytest.mark.parametrize("kind", Kind)
def test_no_kind_of_thing_is_a_person_or_a_plate(kind: Kind) -> None:
    assert not PEOPLE & set(kind.value.split())


def test_a_scene_knows_people_as_a_number_only() -> None:
    assert get_type_hints(Scene)["people"] is int
    assert {each.name for each in fields(Scene)} == {"things", "people", "canvas"}


@pytest.mark.parametrize("value", [Frame, Thing, Sighting, Match, Hit, Entry])
def test_no_value_of_the_loop_has_a_field_for_a_person(value: type) -> None:
    assert not PEOPLE & {word for each in fields(value) for word in each.name.split("_")}


def test_what_a_finder_finds_is_rectangles_and_nothing_else() -> None:
    assert get_type_hints(Finder.find)["return"] == tuple[Box, ...]


@pytest.mark.parametrize("name", [name for name in manifest() if name.startswith("face")])
def test_a_face_model_says_where_a_face_is_and_cannot_say_whose(name: str) -> None:
    outputs = manifest()[name]["outputs"]
    assert isinstance(outputs, list)
    assert {output["name"] for output in outputs} <= FACE_OUTPUTS


def test_there_are_face_models_and_no_model_describes_faces() -> None:
    about_faces = {name for name, table in manifest().items() if "face" in str(table.get("purpose", "")).lower()}
    assert about_faces == {name for name in manifest() if name.startswith("face")}
    assert about_faces
