"""Signs of dangerous goods, read off squares that stand on a corner."""

import cv2
import numpy as np
import pytest

from lapel.core.codes import Code, CodeKind
from lapel.core.geometry import Box, whole
from lapel.core.signs import SYMBOLS, code_of
from lapel.core.things import Frame, Pixels
from lapel.infer.diamonds import diamonds_in
from lapel.infer.pictograms import Pictogram, Sign, signs
from lapel.infer.signs import SignReader
from lapel_tools.synth.number_scenes import Carrier, render_number
from lapel_tools.synth.sign_scenes import render_sign
from lapel_tools.synth.things import render

EVERY = [(sign, pictogram) for sign in signs() for pictogram in sign.pictograms]


@pytest.fixture(scope="module")
def still() -> SignReader:
    return SignReader(is_still=True)


def read(reader: SignReader, pixels: Pixels, at_s: float = 0.0, destroyed: tuple[Box, ...] = ()) -> list[str]:
    return [code.value for code in reader.read(Frame(pixels, 0, at_s, destroyed))]


def square_on_its_corner(ground: int, ink: int) -> Pixels:
    pixels = np.full((400, 400, 3), ground, np.uint8)
    corners = np.array([[200, 80], [320, 200], [200, 320], [80, 200]], np.int32)
    cv2.fillPoly(pixels, [corners], (ink, ink, ink))
    return pixels


def test_there_is_a_drawn_sign_for_every_symbol_and_no_other() -> None:
    assert {sign.code for sign in signs()} == {code_of(symbol) for symbol in SYMBOLS}


@pytest.mark.parametrize(("sign", "pictogram"), EVERY, ids=lambda value: value.id)
def test_a_drawn_sign_is_read_as_what_it_is(sign: Sign, pictogram: Pictogram, still: SignReader) -> None:
    assert read(still, render_sign(pictogram, 1, 0.25).pixels) == [sign.code]


def test_in_a_stream_two_frames_have_to_agree() -> None:
    reader, pictogram = SignReader(), EVERY[0][1]
    assert read(reader, render_sign(pictogram, 1, 0.3).pixels, 0.0) == []
    assert read(reader, render_sign(pictogram, 2, 0.3).pixels, 1.0) == [EVERY[0][0].code]


def test_an_empty_square_on_its_corner_is_seen_and_read_as_nothing(still: SignReader) -> None:
    pixels = square_on_its_corner(90, 230)
    assert diamonds_in(pixels)
    assert read(still, pixels) == []


def test_a_square_that_lies_on_its_side_is_no_sign(still: SignReader) -> None:
    drawn, _ = EVERY[0][1].draw()
    turned = cv2.warpAffine(drawn, cv2.getRotationMatrix2D((256, 256), 45, 0.6), (512, 512), borderValue=(90, 90, 90))
    assert read(still, np.asarray(turned, np.uint8)) == []


@pytest.mark.parametrize("seed", range(12))
def test_drawn_things_that_are_no_signs_are_none(seed: int, still: SignReader) -> None:
    assert read(still, render(seed, 1).pixels) == []


@pytest.mark.parametrize("carrier", list(Carrier))
def test_containers_panels_and_plates_are_no_signs(carrier: Carrier, still: SignReader) -> None:
    assert [read(still, render_number(carrier, seed).pixels) for seed in range(3)] == [[], [], []]


def test_where_the_frame_was_destroyed_no_sign_is_read(still: SignReader) -> None:
    scene = render_sign(EVERY[0][1], 1, 0.3)
    assert read(still, scene.pixels, destroyed=(scene.box,)) == []
    assert read(still, scene.pixels, destroyed=(whole(5, 5),)) == [EVERY[0][0].code]


def test_a_sign_is_a_code_of_its_own_kind(still: SignReader) -> None:
    (code,) = still.read(Frame(render_sign(EVERY[0][1], 1, 0.3).pixels, 0, 0.0))
    assert code == Code(CodeKind.SIGN, "sign:bomb")
