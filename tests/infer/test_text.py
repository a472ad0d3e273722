"""Numbers drawn here, read by the committed models."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from lapel.core.codes import Code, CodeKind
from lapel.core.geometry import whole
from lapel.core.things import Frame, Pixels
from lapel.fakes.codes import FixedCodes
from lapel.infer.fan_in import EveryReader, SlowReader
from lapel.infer.finders import FaceFinder
from lapel.infer.manifest import ModelStore
from lapel.infer.plates import PlateFinder
from lapel.infer.text import TextCodes
from lapel_tools.synth.number_scenes import Carrier, render_number

ONE_LINE, TWO_LINES, THREE_LINES, COLUMN = 2, 7, 10, 3  # seeds of containers, one a layout


@pytest.fixture(scope="module")
def plates(models: ModelStore) -> PlateFinder:
    return PlateFinder(models)


@pytest.fixture(scope="module")
def stills(models: ModelStore, plates: PlateFinder) -> TextCodes:
    """A reader of single pictures."""
    return TextCodes(models, (plates,), is_still=True)


def frame(pixels: Pixels, at_s: float = 0.0) -> Frame:
    return Frame(pixels, round(at_s), at_s)


def sheet(*lines: str) -> Pixels:
    """Lines of print on grey, one below the other."""
    canvas = np.full((480, 640, 3), 205, np.uint8)
    for place, line in enumerate(lines):
        cv2.putText(canvas, line, (40, 90 + 75 * place), cv2.FONT_HERSHEY_SIMPLEX, 1.3, (20, 20, 20), 4, cv2.LINE_AA)
    return canvas


@pytest.mark.parametrize("seed", [ONE_LINE, TWO_LINES, THREE_LINES, COLUMN])
def test_a_container_s_number_is_read_in_every_layout_and_nothing_else_is(stills: TextCodes, seed: int) -> None:
    scene = render_number(Carrier.CONTAINER, seed)
    assert stills.read(frame(scene.pixels)) == (Code(CodeKind.ISO6346, scene.value),)


@pytest.mark.parametrize("seed", [5, 7, 11])
def test_an_orange_panel_is_read_and_nothing_else_is(stills: TextCodes, seed: int) -> None:
    scene = render_number(Carrier.PANEL, seed)
    assert stills.read(frame(scene.pixels)) == (Code(CodeKind.ADR, scene.value),)


@pytest.mark.parametrize("seed", [5, 7, 11])
def test_a_panel_on_its_head_is_read_as_what_it_is(stills: TextCodes, seed: int) -> None:
    scene = render_number(Carrier.PANEL, seed)
    assert stills.read(frame(np.ascontiguousarray(scene.pixels[::-1, ::-1]))) == (Code(CodeKind.ADR, scene.value),)


@pytest.mark.parametrize("seed", [ONE_LINE, TWO_LINES])
def test_of_a_container_on_its_head_nothing_is_read(stills: TextCodes, seed: int) -> None:
    scene = render_number(Carrier.CONTAINER, seed)
    assert stills.read(frame(np.ascontiguousarray(scene.pixels[::-1, ::-1]))) == ()


@pytest.mark.parametrize("seed", range(3))
def test_a_plate_is_never_read_even_where_it_was_not_destroyed(stills: TextCodes, seed: int) -> None:
    assert stills.read(frame(render_number(Carrier.PLATE, seed).pixels)) == ()


def test_a_number_with_its_check_digit_is_read_and_with_another_one_it_is_not(stills: TextCodes) -> None:
    assert stills.read(frame(sheet("CSQU 305438 3", "22G1"))) == (Code(CodeKind.ISO6346, "CSQU3054383"),)
    assert stills.read(frame(sheet("CSQU 305438 4", "22G1"))) == ()


@pytest.mark.parametrize(
    "lines",
    [
        ("P<UTOERIKSSON<<ANNA", "L898902C36UTO74081"),
        ("SMITH", "DL 12345678", "DOB 01-02-1980"),
        ("BADGE 4711", "J. SMITH"),
        ("CSQU 3054383 " * 3, "CSQU 3054384 " * 3, "X" * 60),
    ],
    ids=["passport", "licence", "badge", "overlong"],
)
def test_of_other_print_nothing_is_kept(stills: TextCodes, lines: tuple[str, ...]) -> None:
    assert stills.read(frame(sheet(*lines))) == ()


def test_in_a_destroyed_area_nothing_is_read(stills: TextCodes) -> None:
    scene = render_number(Carrier.CONTAINER, TWO_LINES)
    everything = replace(frame(scene.pixels), destroyed=(whole(1280, 720),))
    assert stills.read(everything) == ()


def test_without_a_finder_of_plates_there_is_no_reader_of_text(models: ModelStore) -> None:
    with pytest.raises(ValueError, match="add a PlateFinder"):
        TextCodes(models, (FaceFinder(models),))


def test_of_a_camera_two_frames_have_to_agree(models: ModelStore, plates: PlateFinder) -> None:
    reader = TextCodes(models, (plates,))
    first, second = (render_number(Carrier.CONTAINER, TWO_LINES, view) for view in (0, 1))
    assert reader.read(frame(first.pixels, 0.0)) == ()
    assert reader.read(frame(second.pixels, 1.0)) == (Code(CodeKind.ISO6346, first.value),)


def test_only_the_kinds_that_are_listed_are_read(models: ModelStore, plates: PlateFinder) -> None:
    reader = TextCodes(models, (plates,), frozenset({CodeKind.ADR}), is_still=True)
    assert reader.read(frame(render_number(Carrier.CONTAINER, TWO_LINES).pixels)) == ()


def test_a_slow_reader_is_asked_only_so_often() -> None:
    code = Code(CodeKind.ADR, "33/1203")
    reader = SlowReader(FixedCodes(code), every_s=1.0)
    picture = sheet()
    assert [reader.read(frame(picture, at_s)) for at_s in (0.0, 0.5, 1.0, 0.2)] == [(code,), (), (code,), (code,)]


def test_several_readers_are_one_and_say_each_code_once() -> None:
    one, other = Code(CodeKind.ADR, "33/1203"), Code(CodeKind.GTIN, "4006381333931")
    assert EveryReader(FixedCodes(one), FixedCodes(other, one)).read(frame(sheet())) == (one, other)
