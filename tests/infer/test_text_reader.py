"""From the reader's outputs to characters: arithmetic alone."""

import numpy as np
import pytest

from lapel.infer.text_reader import Reading, decoded

SIGNS = "AB1"


def logits(*outputs: int, sure: float = 9.0) -> np.ndarray:  # type: ignore[type-arg]
    """One column an output, 0 is the blank."""
    rows = np.zeros((len(outputs), 1 + len(SIGNS)), np.float32)
    rows[np.arange(len(outputs)), outputs] = sure
    return rows


def test_repeats_are_merged_and_blanks_dropped() -> None:
    assert decoded(logits(0, 1, 1, 0, 0, 2, 3, 3), SIGNS).text == "AB1"


def test_a_blank_between_two_equal_signs_keeps_both() -> None:
    assert decoded(logits(1, 0, 1), SIGNS).text == "AA"


def test_nothing_but_blanks_is_no_text_and_nothing_is_sure() -> None:
    assert decoded(logits(0, 0), SIGNS) == Reading("", 0.0)


def test_a_line_is_as_sure_as_its_least_sure_sign() -> None:
    rows = np.concatenate([logits(1), logits(0), logits(2, sure=1.0)])
    reading = decoded(rows, SIGNS)
    assert reading.text == "AB"
    assert reading.least == pytest.approx(np.e / (np.e + 3), abs=1e-4)


def test_what_was_read_does_not_show_when_a_reading_is_printed() -> None:
    assert "SECRET" not in repr(Reading("SECRET", 0.9))
