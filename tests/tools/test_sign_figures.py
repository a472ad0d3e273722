"""The figures on rendered signs."""

from lapel.infer.pictograms import signs
from lapel_tools.evaluate.signs import read_of


def test_rendered_signs_are_counted_once_a_view() -> None:
    found, wrong = read_of(0.3, signs()[:2], (), views=1)
    assert (found.total, wrong) == (8, 0)
    assert found.count >= 7


def test_signs_too_small_to_show_their_symbol_are_not_read() -> None:
    found, wrong = read_of(0.02, signs()[:2], (), views=1)
    assert (found.count, wrong) == (0, 0)
