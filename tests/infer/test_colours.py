"""A carton and its neighbour of another flavour share a layout, and not their colours."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lapel.core.things import Pixels
from lapel.infer.colours import colours_agree

EVERYWHERE = np.ones((120, 160), np.bool_)
BLUE, RED, YELLOW = (30, 50, 160), (170, 40, 40), (220, 200, 40)


def label(colour: tuple[int, int, int], other: tuple[int, int, int] = (90, 90, 90)) -> Pixels:
    """White paper with two bars."""
    picture = np.full((120, 160, 3), 230, np.uint8)
    picture[20:50, 20:140] = colour
    picture[70:100, 20:140] = other
    return picture


def under(light: tuple[float, float, float], picture: Pixels) -> Pixels:
    return np.asarray(np.clip(picture * np.array(light), 0, 255), np.uint8)


def test_one_layout_in_another_colour_does_not_agree() -> None:
    assert colours_agree(label(BLUE), label(BLUE), EVERYWHERE) > 0.99
    assert colours_agree(label(BLUE), label(RED), EVERYWHERE) < 0.4
    assert colours_agree(label(BLUE, RED), label(RED, BLUE), EVERYWHERE) < 0.4


def test_a_tinted_and_dimmer_light_changes_little() -> None:
    seen = under((0.8, 0.6, 0.4), label(YELLOW, BLUE))
    assert colours_agree(label(YELLOW, BLUE), seen, EVERYWHERE) > 0.9


def test_pale_prints_agree_whatever_they_show() -> None:
    assert colours_agree(label((60, 60, 60)), label((200, 205, 200), (20, 20, 20)), EVERYWHERE) > 0.9


def test_only_what_both_show_counts() -> None:
    half = EVERYWHERE.copy()
    half[60:] = False
    assert colours_agree(label(BLUE, RED), label(BLUE, YELLOW), half) > 0.99
    assert colours_agree(label(BLUE, RED), label(BLUE, YELLOW), EVERYWHERE) < 0.9


@given(st.integers(0, 2**32 - 1))
def test_it_is_a_share_and_the_same_either_way(seed: int) -> None:
    one, other = np.random.default_rng(seed).integers(0, 256, (2, 24, 24, 3)).astype(np.uint8)
    agree = colours_agree(one, other, np.ones((24, 24), np.bool_))
    assert 0 <= agree <= 1
    assert abs(agree - colours_agree(other, one, np.ones((24, 24), np.bool_))) < 1e-6
